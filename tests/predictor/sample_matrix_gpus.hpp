#pragma once

#include "predictor/gpu_traits.hpp"

namespace gpubench::predictor::sample {

/// Data sheets of a few GPUs, as far as the models of matrix products read them.
inline gpu_traits gpu(double generation, bool stacked, double multiprocessors, double boost_hertz,
                      double bytes_per_second, double l2_bytes, double watts, double bf16, double fp8) {
  gpu_traits t;
  t.generation = generation;
  t.stacked_memory = stacked;
  t.multiprocessors = multiprocessors;
  t.boost_clock_hertz = boost_hertz;
  t.memory_bandwidth_bytes_per_second = bytes_per_second;
  t.l2_bytes = l2_bytes;
  t.tdp_watts = watts;
  const auto set = [&t](models::precision p, double rate) { t.peak[static_cast<std::size_t>(p)] = rate; };
  set(models::precision::tf32, bf16 / 2);
  set(models::precision::fp16, bf16);
  set(models::precision::bf16, bf16);
  set(models::precision::fp8, fp8);
  set(models::precision::int8, 2 * bf16);
  set(models::precision::fp64, bf16 / 16);
  return t;
}

inline const gpu_traits a100 = gpu(2.5, true, 108, 1.41e9, 2039e9, 40 * 0x1p20, 400, 312e12, 0);
inline const gpu_traits h100 = gpu(3.5, true, 132, 1.98e9, 3352e9, 50 * 0x1p20, 700, 989.4e12, 1978.9e12);
inline const gpu_traits b200 = gpu(4.5, true, 148, 1.965e9, 8000e9, 126 * 0x1p20, 1000, 2250e12, 4500e12);
inline const gpu_traits l40s = gpu(3, false, 142, 2.52e9, 864e9, 96 * 0x1p20, 350, 362e12, 733e12);
inline const gpu_traits t4 = gpu(1.5, false, 40, 1.59e9, 320e9, 4 * 0x1p20, 70, 65e12, 0);

}  // namespace gpubench::predictor::sample
