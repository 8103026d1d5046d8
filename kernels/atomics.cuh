#pragma once

#include "kernels/atomics.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

namespace gpubench::kernels {

/// What an atomic addition adds; fp64 needs compute capability 6.0.
enum class atomic_type { int32, fp32, fp64 };

constexpr int bytes_of(atomic_type type) {
  return type == atomic_type::fp64 ? 8 : 4;
}

/// Adds 1 `additions` times, addition i to address i mod `addresses` (at most 2^31), without asking for the old value.
/// Errors are left to cudaGetLastError().
/// @param blocks  of 256 threads
void launch_atomic_add(atomic_type type, void* counters, std::uint32_t addresses, std::uint64_t additions,
                       unsigned blocks, cudaStream_t stream);

/// Blocks of 256 threads that fit one multiprocessor at once.
cudaError_t atomic_blocks_per_multiprocessor(atomic_type type, int* blocks);

}  // namespace gpubench::kernels
