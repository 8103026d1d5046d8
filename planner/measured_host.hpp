#pragma once

#include "planner/host_side.hpp"
#include "profiles/workload.hpp"
#include "results/run.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::planner {

/// What a run says of a machine beside its devices.
struct measured_host {
  std::string label;                                  ///< "run 2026-11-22T10:02:05Z on Emerald Rapids"
  std::string provider, instance_type;                ///< empty where not known
  std::optional<double> read_bytes_per_second;        ///< storage_dataset_scan
  std::optional<double> checkpoint_bytes_per_second;  ///< storage_checkpoint
  std::optional<double> image_cpu_seconds;            ///< data_preparation_images, of one core
};

/// Hosts of which the runs measured any of these, oldest run first. What measured memory in place of storage (tmpfs,
/// the page cache) is left out.
std::vector<measured_host> measured_hosts(const std::vector<results::run>& runs);

/// Rates of the storage that were measured on that instance type, of each the latest.
storage_rates storage_of(const std::vector<measured_host>& measured, const std::string& provider,
                         const std::string& instance_type);

/// The workload with the CPU time of an image that was measured last, in place of its own: of networks on images, which
/// have one. A core is taken to be as fast as the one that was measured.
/// @param label  set to the run's where it is
profiles::workload with_measured_preparation(profiles::workload what, const std::vector<measured_host>& measured,
                                             std::string& label);

}  // namespace gpubench::planner
