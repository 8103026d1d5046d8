#pragma once

#include "kernels/arithmetic.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

namespace gpubench::kernels {

/// Runs `rounds` rounds of multiply-adds in each of `blocks` blocks of arithmetic_threads threads; every thread stores
/// its digest. Errors are left to cudaGetLastError().
/// @param digests  blocks * arithmetic_threads numbers
void launch_arithmetic(arithmetic_type type, std::uint64_t* digests, std::uint32_t blocks, std::uint32_t rounds,
                       cudaStream_t stream);

/// The kernel, for asking about its code and occupancy.
const void* arithmetic_kernel_of(arithmetic_type type);

}  // namespace gpubench::kernels
