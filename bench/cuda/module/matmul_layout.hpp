#pragma once

#include "bench/cuda/module/cublaslt.hpp"

#include <cstdint>

namespace gpubench::cuda {

/// A matrix of a problem as it lies in memory, or a batch of them.
struct stored_matrix {
  kernels::storage type = kernels::storage::bf16;
  std::int64_t rows = 0, row = 0;  ///< elements of one
  std::int64_t distance = 0;       ///< elements from one row to the next
  std::int64_t step = 0;           ///< elements from one matrix of the batch to the next
  std::int64_t batch = 1;
};

stored_matrix stored_a(const matmul_problem& problem);
stored_matrix stored_b(const matmul_problem& problem);
stored_matrix stored_c(const matmul_problem& problem);

/// Bytes, a power of two, that the address of every matrix of the batch is a multiple of.
/// @param first  of the first one; a power of two
std::uint32_t alignment_of(const stored_matrix& matrix, std::uint32_t first);

}  // namespace gpubench::cuda
