#pragma once

#include "bench/flush_times.hpp"
#include "bench/registry.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::bench {

/// What flushing a GPU's L2 cache does, or why that is not known.
struct device_flush {
  std::string device;
  std::optional<flush_times> times;
  std::string problem;  ///< empty where there are times
};

/// For each device that `benchmarks` offer it on: memory_latency beside memory_latency_flushed, which walks the same
/// chain after a flush as the timer makes it. Equal times tell that cold samples are not cold.
std::vector<device_flush> check_device_flushes(const std::vector<benchmark_definition>& benchmarks,
                                               const machine& where);

}  // namespace gpubench::bench
