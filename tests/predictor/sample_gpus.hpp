#pragma once

#include "predictor/gpu_traits.hpp"

namespace gpubench::predictor {

/// Data sheet of an A100-SXM4-80GB.
inline gpu_traits sample_a100() {
  gpu_traits t;
  t.name = "A100-SXM4-80GB";
  t.architecture = "Ampere";
  t.generation = 2.5;
  t.multiprocessors = 108;
  t.boost_clock_hertz = 1.41e9;
  t.memory_bandwidth_bytes_per_second = 2.039e12;
  t.l2_bytes = 40.0 * (1 << 20);
  t.tdp_watts = 400;
  t.stacked_memory = true;
  t.peak[static_cast<std::size_t>(models::precision::fp32)] = 19.5e12;
  t.peak[static_cast<std::size_t>(models::precision::tf32)] = 156e12;
  t.peak[static_cast<std::size_t>(models::precision::fp16)] = 312e12;
  t.peak[static_cast<std::size_t>(models::precision::bf16)] = 312e12;
  t.vector_fp32_flop_per_second = 19.5e12;
  t.vector_fp64_flop_per_second = 9.7e12;
  t.int32_operations_per_second = 64 * 108 * 1.41e9;
  return t;
}

/// Data sheet of a T4.
inline gpu_traits sample_t4() {
  gpu_traits t;
  t.name = "T4";
  t.architecture = "Turing";
  t.generation = 1.5;
  t.multiprocessors = 40;
  t.boost_clock_hertz = 1.59e9;
  t.memory_bandwidth_bytes_per_second = 320e9;
  t.l2_bytes = 4.0 * (1 << 20);
  t.tdp_watts = 70;
  t.stacked_memory = false;
  t.peak[static_cast<std::size_t>(models::precision::fp32)] = 8.1e12;
  t.peak[static_cast<std::size_t>(models::precision::fp16)] = 65e12;
  t.vector_fp32_flop_per_second = 8.1e12;
  t.vector_fp64_flop_per_second = 0.254e12;
  t.int32_operations_per_second = 64 * 40 * 1.59e9;
  return t;
}

/// A GPU of twice the multiprocessors, rates, bandwidth and power.
inline gpu_traits doubled(gpu_traits t) {
  t.multiprocessors *= 2;
  t.memory_bandwidth_bytes_per_second *= 2;
  t.tdp_watts *= 2;
  for (double& rate : t.peak) rate *= 2;
  t.vector_fp32_flop_per_second *= 2;
  t.vector_fp64_flop_per_second *= 2;
  t.int32_operations_per_second *= 2;
  return t;
}

}  // namespace gpubench::predictor
