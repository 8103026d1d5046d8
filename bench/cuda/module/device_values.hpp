#pragma once

#include "bench/cuda/module/owners.hpp"
#include "kernels/operands.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

/// Arrays of a type on the device, as floats on the host.
namespace gpubench::cuda {

std::size_t values_bytes(kernels::storage type, std::int64_t elements);

/// Device memory that holds these bytes when the call returns.
device_buffer uploaded(const void* from, std::size_t bytes, cudaStream_t stream);

/// Rounded to the type.
device_buffer uploaded_as(kernels::storage type, const std::vector<float>& values, cudaStream_t stream);
void upload_into(kernels::storage type, const std::vector<float>& values, void* to, cudaStream_t stream);

/// Elements [first, first + count). What writes them must have ended.   @throws failure
std::vector<float> fetch(kernels::storage type, const void* from, std::int64_t first, std::int64_t count);

/// Rows of a matrix in memory: how many, and elements from one to the next.
struct matrix_rows {
  std::int64_t rows = 0, distance = 0;
};
struct matrix_block {
  std::int64_t first_row = 0, rows = 0, first_column = 0, columns = 0;
};
/// A block of a matrix, row by row.   @throws failure: internal error where it reaches beyond the rows
std::vector<float> fetch_block(kernels::storage type, const void* from, const matrix_rows& in,
                               const matrix_block& block);

}  // namespace gpubench::cuda
