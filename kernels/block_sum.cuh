#pragma once

#include <cuda_runtime_api.h>

namespace gpubench::kernels {

/// Sum over a block of whole warps, 1024 threads at most; every thread gets it. All threads must call it.
__device__ inline float block_sum(float value) {
  __shared__ float partial[32];
  for (int offset = 16; offset > 0; offset /= 2) value += __shfl_xor_sync(0xffffffffu, value, offset);
  __syncthreads();  // whoever still reads the sums of a call before
  if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = value;
  __syncthreads();
  const unsigned warps = blockDim.x / 32;
  value = threadIdx.x % 32 < warps ? partial[threadIdx.x % 32] : 0.0f;
  for (int offset = 16; offset > 0; offset /= 2) value += __shfl_xor_sync(0xffffffffu, value, offset);
  return value;
}

/// The same for a kernel's one last sum, cheaper: right in thread 0 alone, and called once only.
template <class T>
__device__ T last_block_sum(T value) {
  __shared__ T partial[32];
  for (int offset = 16; offset > 0; offset /= 2) value += __shfl_down_sync(0xffffffffu, value, offset);
  if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = value;
  __syncthreads();
  T total{};
  if (threadIdx.x == 0) {
    for (unsigned warp = 0; warp < blockDim.x / 32; ++warp) total += partial[warp];
  }
  return total;
}

}  // namespace gpubench::kernels
