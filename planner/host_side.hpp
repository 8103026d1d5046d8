#pragma once

#include "profiles/workload.hpp"

#include <optional>
#include <string>

namespace gpubench::planner {

/// What the hosts of a system let through. Absent: no limit, or none that is known.
struct host_pace {
  std::optional<double> prepared_units_per_second;  ///< cores over CPU seconds a unit
  std::optional<double> read_units_per_second;      ///< storage's or network's rate over bytes a unit
  double checkpoint_share = 0;  ///< time of a checkpoint's write over the interval between two: added to each step
};

/// Rates of a node's storage that were measured. They stand in place of the network's; what the workload says limits
/// them too.
struct storage_rates {
  std::optional<double> read_bytes_per_second, checkpoint_bytes_per_second;
};

/// The slower of two rates, or the one that is known.
std::optional<double> slower_of(const std::optional<double>& a, const std::optional<double>& b);

/// @param cores                     of a node; 0: not known
/// @param network_bytes_per_second  of a node; 0: not known
/// @param sharing                   devices that split a node's storage between them
host_pace pace_of(const profiles::workload& what, double cores, double network_bytes_per_second, int nodes,
                  double sharing = 1, const storage_rates& measured = {});

/// Why a job waits for its hosts: "8 cores prepare 1,159 images/s, its devices could take 2,500". Empty where it does
/// not.
std::string host_sentence(const profiles::workload& what, const host_pace& host, double cores,
                          double device_units_per_second, double units_per_second);

}  // namespace gpubench::planner
