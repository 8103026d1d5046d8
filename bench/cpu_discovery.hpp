#pragma once

#include "bench/system_files.hpp"
#include "results/environment.hpp"

namespace gpubench::bench {

/// Reads the CPU's identity, topology, caches and speed-deciding features. `usable_cpus` is the number of CPUs online,
/// on this machine cut to the process's affinity; a cgroup's quota is not looked at here.
/// Source: proc(5), "/proc/cpuinfo"; Linux, Documentation/ABI/testing/sysfs-devices-system-cpu.
results::cpu_environment discover_cpu(const system_files& files);

/// Bytes of "48K", "2048K" or "260M", as sysfs writes cache sizes.
std::optional<double> parse_cache_size(const std::string& text);

}  // namespace gpubench::bench
