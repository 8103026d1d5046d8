#pragma once

#include "kernels/copy.hpp"
#include "kernels/launch.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

namespace gpubench::kernels {

/// Copies `bytes`, a multiple of 16, between any two places that the current device reaches: its own memory, a peer's,
/// or mapped host memory. Both aligned to 16 bytes. shape.vectors is 1 or 4. Errors are left to cudaGetLastError().
void launch_copy(const void* source, void* destination, std::uint64_t bytes, const launch_shape& shape,
                 cudaStream_t stream);

/// Fills `words` words with those of lane `lane`.
void launch_copy_fill(std::uint64_t* values, std::uint64_t words, std::uint64_t lane, cudaStream_t stream);

/// Adds to *wrong the number of words that are not those of lane `lane`.
void launch_copy_check(const std::uint64_t* values, std::uint64_t words, std::uint64_t lane, unsigned long long* wrong,
                       cudaStream_t stream);

/// One thread follows `loads` links of a chain of remote_line and leaves in *end where it came to.
/// @param first  address of the first line, as the device sees it
void launch_remote_chase(std::uint64_t first, std::uint32_t loads, std::uint64_t* end, cudaStream_t stream);

}  // namespace gpubench::kernels
