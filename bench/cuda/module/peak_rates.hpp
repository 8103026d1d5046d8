#pragma once

#include "bench/cuda/module/device.hpp"
#include "kernels/arithmetic.hpp"
#include "kernels/tensor.hpp"

namespace gpubench::cuda {

/// Multiply-adds a cycle and multiprocessor, as far as is needed to choose how long a sample runs; no result is held
/// against these. A device that is not known is taken for its nearest relative.

/// Source: CUDA C++ Programming Guide, "Throughput of Native Arithmetic Instructions"; NVIDIA's architecture white
/// papers for packed bf16.
constexpr double arithmetic_fma_per_cycle(kernels::arithmetic_type type, int major, int minor) {
  const bool large = (major == 7 && minor == 0) || (major == 8 && minor == 0);  // V100, A100: 64 lanes
  const bool hpc_fp64 = large || major == 6 || (major == 9) || (major == 10 && minor == 0);
  const double fp32 = major >= 9 || (major == 8 && minor > 0) || major == 6 ? 128 : 64;
  switch (type) {
    case kernels::arithmetic_type::fp64:
      if (!hpc_fp64) return 2;
      return major >= 9 ? 64 : 32;
    case kernels::arithmetic_type::fp32:
      return fp32;
    case kernels::arithmetic_type::fp16:
      return major == 7 || (major == 8 && minor > 0) || major >= 12 ? 128 : 256;
    case kernels::arithmetic_type::bf16:
      return major == 9 || major == 10 ? 256 : 128;
    default:
      return 64;
  }
}

/// Source: NVIDIA's architecture white papers: dense fp16 rates of V100's, T4's, A100's, A40's, L40S's and H100's
/// tensor cores; other types in their usual ratios to it. fp64: A100 and H100.
constexpr double tensor_fma_per_cycle(kernels::tensor_type type, int major, int minor) {
  const double fp16 = major == 9 ? 2048 : major == 8 && minor == 0 ? 1024 : 512;
  switch (type) {
    case kernels::tensor_type::fp64:
      return major >= 9 ? 128 : 64;
    case kernels::tensor_type::tf32:
      return fp16 / 2;
    case kernels::tensor_type::int8:
    case kernels::tensor_type::e4m3:
    case kernels::tensor_type::e5m2:
      return 2 * fp16;
    default:
      return fp16;
  }
}

}  // namespace gpubench::cuda
