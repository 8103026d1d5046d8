#pragma once

#include "kernels/operands.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

namespace gpubench::cuda {

/// Random values that can be made again: kernels::spread_value().
struct random_fill {
  std::uint64_t operand = 0;
  float centre = 0, spread = 1;
};
void enqueue_fill(kernels::storage type, void* values, std::int64_t elements, const random_fill& how,
                  cudaStream_t stream);

}  // namespace gpubench::cuda
