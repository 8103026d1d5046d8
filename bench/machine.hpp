#pragma once

#include "bench/registry.hpp"
#include "results/environment.hpp"

#include <string>

namespace gpubench::bench {

/// Finds out what this machine is, without network: CPU, caches, NUMA, memory, kernel, hypervisor, container and cgroup
/// limits, cloud and instance type from DMI, GPUs through NVML where its library is present. Unknown is absent.
/// @param root  folder that stands for "/" when reading /proc and /sys; tests put recorded trees there.
results::environment discover_machine(const std::string& root = "/");

/// What benchmarks ask about that machine: as many threads as usable CPUs, the last-level caches of all sockets
/// together (the second-level ones where there is no third), all usable memory.
/// @param environment  must outlive the result
machine describe_machine(const results::environment& environment);

}  // namespace gpubench::bench
