#pragma once

#include <algorithm>
#include <cstdint>

/// How kernels without a shape of their own walk over their items: with the number of threads as the stride.
namespace gpubench::kernels {

inline constexpr int grid_stride_threads = 256;

inline unsigned grid_stride_blocks(std::int64_t items) {
  return static_cast<unsigned>(
      std::clamp<std::int64_t>((items + grid_stride_threads - 1) / grid_stride_threads, 1, 1 << 20));
}

__device__ inline std::int64_t first_item() {
  return blockIdx.x * static_cast<std::int64_t>(blockDim.x) + threadIdx.x;
}
__device__ inline std::int64_t item_stride() {
  return static_cast<std::int64_t>(gridDim.x) * blockDim.x;
}

}  // namespace gpubench::kernels
