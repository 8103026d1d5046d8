#pragma once

#include "results/environment.hpp"

namespace gpubench::bench {

/// Finds out what this machine is, without network: CPU, caches, NUMA, memory, kernel, hypervisor, container and cgroup
/// limits, cloud and instance type from DMI, GPUs through NVML where its library is present. Unknown is absent.
/// @param root  folder that stands for "/" when reading /proc and /sys; tests put recorded trees there.
results::environment discover_machine(const std::string& root = "/");

}  // namespace gpubench::bench
