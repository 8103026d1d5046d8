#pragma once

#include "kernels/mma.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

namespace gpubench::kernels {

/// Runs `rounds` rounds of one instruction in each of `blocks` blocks of mma_threads threads; every thread stores its
/// digest. Errors are left to cudaGetLastError().
/// @param digests  blocks * mma_threads numbers
void launch_mma(mma_instruction instruction, std::uint64_t* digests, std::uint32_t blocks, std::uint32_t rounds,
                cudaStream_t stream);

/// The kernel, for asking about its code and occupancy; nullptr where the toolkit does not know the instruction.
const void* mma_kernel_of(mma_instruction instruction);

}  // namespace gpubench::kernels
