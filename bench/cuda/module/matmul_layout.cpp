#include "bench/cuda/module/matmul_layout.hpp"

namespace gpubench::cuda {

namespace {

stored_matrix stored(kernels::storage type, std::int64_t rows, std::int64_t row, std::int64_t distance,
                     std::optional<std::int64_t> step, std::int64_t batch) {
  if (distance == 0) distance = row;
  return {type, rows, row, distance, step.value_or(rows * distance), batch};
}

}  // namespace

stored_matrix stored_a(const matmul_problem& p) {
  return stored(p.a, p.a_transposed ? p.k : p.m, p.a_transposed ? p.m : p.k, p.row_a, p.step_a, p.batch);
}

stored_matrix stored_b(const matmul_problem& p) {
  return stored(p.b, p.b_transposed ? p.n : p.k, p.b_transposed ? p.k : p.n, p.row_b, p.step_b, p.batch);
}

stored_matrix stored_c(const matmul_problem& p) {
  return stored(p.c, p.m, p.n, p.row_c, p.step_c, p.batch);
}

std::uint32_t alignment_of(const stored_matrix& matrix, std::uint32_t first) {
  if (matrix.batch == 1) return first;
  std::uint32_t alignment = first;
  while (alignment > 1 && matrix.step * kernels::bits_of(matrix.type) % (std::int64_t{8} * alignment) != 0) {
    alignment /= 2;
  }
  return alignment;
}

}  // namespace gpubench::cuda
