#pragma once

#include "bench/system_files.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::doctor {

/// A limit of proc(5), "/proc/[pid]/limits".
struct process_limit {
  bool unlimited = false;
  double value = 0;  ///< soft limit, in the file's unit; meaningless where unlimited
};

/// What the kernel, a container and the shell limit.
struct system_limits {
  std::optional<process_limit> locked_memory_bytes, open_files;
  std::optional<double> shared_memory_bytes;         ///< size of /dev/shm
  std::optional<double> memory_bytes;                ///< of the machine
  std::optional<long long> hugepages;                ///< reserved ones
  std::optional<std::string> transparent_hugepages;  ///< "always", "madvise", "never"
  std::optional<std::string> frequency_driver;       ///< "intel_pstate", "acpi-cpufreq"
  std::vector<std::vector<int>> numa_distances;      ///< by node and node; empty where there is one node, or none known
};

/// Source: proc(5); Linux, Documentation/admin-guide/mm/transhuge.rst, filesystems/tmpfs.rst, and
/// ABI/stable/sysfs-devices-node.
system_limits find_system_limits(const bench::system_files& files);

}  // namespace gpubench::doctor
