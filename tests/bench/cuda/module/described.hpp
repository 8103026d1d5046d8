#pragma once

#include "bench/cuda/module/benchmark.hpp"

#include <cmath>
#include <stdexcept>
#include <string>

namespace gpubench::cuda {

/// A benchmark of the module, as all of its files have registered it.
inline const benchmark& named(const std::string& name) {
  for (const auto& one : registered_benchmarks()) {
    if (name == one->description().name) return *one;
  }
  throw std::out_of_range(name);
}

/// A device as far as benchmarks ask about one.
inline device_properties described_device(int major, int minor, double memory_gib, double l2_mib, int multiprocessors) {
  device_properties result;
  result.major = major;
  result.minor = minor;
  result.compute_capability = std::to_string(major) + "." + std::to_string(minor);
  result.memory_bytes = memory_gib * std::ldexp(1.0, 30);
  result.l2_bytes = l2_mib * std::ldexp(1.0, 20);
  result.multiprocessors = multiprocessors;
  return result;
}

}  // namespace gpubench::cuda
