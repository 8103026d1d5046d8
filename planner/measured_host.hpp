#pragma once

#include "planner/host_side.hpp"
#include "profiles/instance.hpp"
#include "profiles/workload.hpp"
#include "results/run.hpp"

#include <map>
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
  std::map<std::string, double> core_seconds;         ///< by benchmark of data preparation: of one core, for one item
  results::environment environment;
};

/// Hosts of which the runs measured any of these, oldest run first. What measured memory in place of storage (tmpfs,
/// the page cache) is left out.
std::vector<measured_host> measured_hosts(const std::vector<results::run>& runs);

/// Rates of the storage that were measured on that instance type, of each the latest.
storage_rates storage_of(const std::vector<measured_host>& measured, const std::string& provider,
                         const std::string& instance_type);

/// The benchmark that measures a workload's CPU time of a unit; empty where none does.
std::string preparation_benchmark(const profiles::workload& what);

/// The latest host on which that benchmark ran on one core; nullptr where there is none.
/// @param on  only hosts of that type; nullptr: any
const measured_host* latest_preparation(const std::vector<measured_host>& measured, const std::string& benchmark,
                                        const profiles::instance* on = nullptr);

/// The workload with the CPU time of a unit that was measured last, in place of its own: where it has one, and a
/// benchmark measures it. A core is taken to be as fast as the one that was measured.
/// @param label  set to the run's where it is
profiles::workload with_measured_preparation(profiles::workload what, const std::vector<measured_host>& measured,
                                             std::string& label);

}  // namespace gpubench::planner
