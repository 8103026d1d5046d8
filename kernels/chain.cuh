#pragma once

#include "kernels/chain.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

namespace gpubench::kernels {

/// What one walk along a chain found.
struct chase_result {
  std::uint64_t cycles = 0;    ///< of the multiprocessor, over the timed loads
  std::uint64_t time_ns = 0;   ///< by the device's timer, over the timed loads
  std::uint64_t end_line = 0;  ///< where the walk ended
};

/// Links `lines` lines of chain_line_bytes into the chain that chain_line() describes: the first 8 bytes of each hold
/// the address of the next. Errors are left to cudaGetLastError().
void launch_chain_build(void* memory, std::uint64_t lines, cudaStream_t stream);

/// One thread follows `untimed` and then `timed` pointers from `start_line`, each load waiting for the one before.
/// Loads are cached at all levels; a kernel finds the L1 cache empty, and `untimed` loads fill it.
void launch_chase(const void* memory, std::uint64_t start_line, std::uint64_t untimed, std::uint64_t timed,
                  chase_result* result, cudaStream_t stream);

/// Settings of the chasing kernel, once before its launches: as much L1 cache as there is.
cudaError_t prepare_chase();

}  // namespace gpubench::kernels
