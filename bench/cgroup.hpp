#pragma once

#include "bench/system_files.hpp"

#include <optional>

namespace gpubench::bench {

/// Limits that a container or service sets on this process; absent where there is none.
struct cgroup_limits {
  std::optional<double> cpus;  ///< quota over period: 1.5 is one and a half CPUs
  std::optional<double> memory_bytes;
};

/// The tightest limits from this process's cgroup up to the root, version 2 and 1.
/// Source: Linux, Documentation/admin-guide/cgroup-v2.rst (cpu.max, memory.max); cgroup-v1/memory.rst
/// (memory.limit_in_bytes); scheduler/sched-bwc.rst (cpu.cfs_quota_us, cpu.cfs_period_us).
cgroup_limits discover_cgroup_limits(const system_files& files);

}  // namespace gpubench::bench
