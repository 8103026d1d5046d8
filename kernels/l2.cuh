#pragma once

#include "kernels/l2.hpp"
#include "kernels/launch.hpp"

#include <cuda_runtime_api.h>

#include <cstdint>

namespace gpubench::kernels {

/// Passes of all blocks over one working set that the L2 cache holds; the L1 caches are bypassed (PTX ISA, "Cache
/// Operators": .cg).
enum class l2_operation { read, write };

struct l2_arrays {
  void* memory = nullptr;         ///< of `vectors` x 16 bytes
  std::uint32_t* sums = nullptr;  ///< for `read`: one a block
  std::uint64_t vectors = 1;
  std::uint32_t passes = 1;
};

/// Vectors that a thread may have in flight; launch_shape::access is not used.
inline constexpr int l2_vectors[] = {1, 2, 4};

/// Stores l2_word(i) into every 32-bit word.
void launch_l2_fill(void* memory, std::uint64_t vectors, cudaStream_t stream);

/// `read` adds all words of all passes modulo 2^32, `write` stores l2_written_word(i) into word i. Errors are left to
/// cudaGetLastError().
void launch_l2(l2_operation operation, const l2_arrays& arrays, const launch_shape& shape, cudaStream_t stream);

/// Blocks that fit one multiprocessor at once.
cudaError_t l2_blocks_per_multiprocessor(l2_operation operation, const launch_shape& shape, int* blocks);

}  // namespace gpubench::kernels
