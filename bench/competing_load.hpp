#pragma once

#include "bench/system_files.hpp"

#include <optional>

namespace gpubench::bench {

/// CPU time since boot, as the kernel counts it, and this process's part of it.
struct cpu_usage {
  double busy_seconds = 0;   ///< of all CPUs together; time stolen by other guests of the host counts as busy
  double total_seconds = 0;  ///< busy and idle, of all CPUs together
  double own_seconds = 0;
  int cpus = 0;
};

/// From /proc/stat and /proc/self/stat; nothing where they cannot be read or count nothing (some sandboxes).
/// Source: proc(5), "/proc/stat" and "/proc/[pid]/stat", fields 14 and 15.
std::optional<cpu_usage> read_cpu_usage(const system_files& files);

/// What others used between two readings.
struct competing_load {
  double fraction_of_all_cores = 0;
  double cores = 0;    ///< mean number of cores kept busy
  double seconds = 0;  ///< CPU time
};

/// Nothing for an interval shorter than 0.1 s, which the kernel's ticks of 10 ms do not resolve.
std::optional<competing_load> competing_load_between(const cpu_usage& before, const cpu_usage& after);

}  // namespace gpubench::bench
