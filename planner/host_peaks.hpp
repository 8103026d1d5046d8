#pragma once

#include "models/precision.hpp"
#include "profiles/catalogue.hpp"
#include "results/environment.hpp"

#include <map>
#include <optional>
#include <string>

namespace gpubench::planner {

/// Peaks of the CPU that this process may use: FLOP per cycle and core of its microarchitecture (cpus.csv, by model
/// name, else by microarchitecture) times usable cores times the measured clock (else the all-core turbo). Unknown is
/// absent. The memory peak is that of the sockets whose cores are all usable, and absent where there is none: a slice's
/// share of the channels is not known.
struct host_peaks {
  struct peak {
    double value = 0;    ///< FLOP/s or B/s
    std::string source;  ///< for people, with the row's source
  };
  std::map<models::precision, peak> dense_flop_per_second;
  std::optional<peak> memory_bytes_per_second;
  const profiles::cpu_spec* spec = nullptr;  ///< the row that was used
};

host_peaks find_host_peaks(const results::environment& machine, const profiles::catalogue& known);

}  // namespace gpubench::planner
