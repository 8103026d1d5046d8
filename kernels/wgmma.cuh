#pragma once

#include "kernels/wgmma.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

namespace gpubench::kernels {

/// Why this build has no wgmma kernels; nullptr where it has them.
const char* wgmma_absent();

/// Runs `rounds` rounds in each of `blocks` blocks of wgmma_threads threads; every thread stores its digest. Only on
/// compute capability 9.0. Errors are left to cudaGetLastError().
/// @param digests  blocks * wgmma_threads numbers
void launch_wgmma(tensor_type type, std::uint64_t* digests, std::uint32_t blocks, std::uint32_t rounds,
                  cudaStream_t stream);

/// The kernel, for asking about its code and occupancy; nullptr where this build has none.
const void* wgmma_kernel_of(tensor_type type);

}  // namespace gpubench::kernels
