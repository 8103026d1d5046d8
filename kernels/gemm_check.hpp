#pragma once

#include "kernels/operands.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace gpubench::kernels {

/// C = A B with A m x k, B k x n, C m x n, row-major, all stored as `type`; A is operand 1, B is operand 2.
struct gemm_shape {
  storage type = storage::fp32;
  std::int64_t m = 0, n = 0, k = 0;
};
inline constexpr std::uint64_t gemm_operand_a = 1, gemm_operand_b = 2;

/// One entry of C computed apart, on the CPU, in extended precision.
struct gemm_reference {
  double value = 0;
  double root_of_squares = 0;  ///< square root of the sum of the squared products: the scale of partial sums
};

inline gemm_reference reference_entry(const gemm_shape& shape, std::int64_t row, std::int64_t column) {
  long double sum = 0;
  double squares = 0;
  for (std::int64_t p = 0; p < shape.k; ++p) {
    const double a = stored_operand(shape.type, gemm_operand_a, static_cast<std::uint64_t>(row * shape.k + p));
    const double b = stored_operand(shape.type, gemm_operand_b, static_cast<std::uint64_t>(p * shape.n + column));
    sum += static_cast<long double>(a) * b;
    squares += a * a * b * b;
  }
  return {static_cast<double>(sum), std::sqrt(squares)};
}

/// Largest deviation that rounding alone explains. Partial sums of random products are about root_of_squares large and
/// each addition errs by one unit roundoff u of them; the errors add up like a random walk over k additions where
/// rounding is to nearest (Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., section 2.8), taken 8
/// times. Tensor cores truncate, which errs to one side: there one unit for each group of 4 products, the smallest that
/// they add at once, on top (Fasi et al., "Numerical behavior of NVIDIA tensor cores", 2021). C is rounded once to its
/// own type. A product left out, of about 1/4, lies far outside; so do, for fp32, operands cut to TF32.
inline double rounding_bound(const gemm_shape& shape, const gemm_reference& reference) {
  const double k = static_cast<double>(shape.k);
  const bool tensor_core = shape.type != storage::fp64 && shape.type != storage::fp32;
  const double u = shape.type == storage::fp64 ? std::ldexp(1.0, -53) : std::ldexp(1.0, tensor_core ? -23 : -24);
  const double additions = 8 * std::sqrt(k) + (tensor_core ? k / 4 : 0);
  const storage output = shape.type == storage::tf32 ? storage::fp32 : shape.type;
  // Below its normal numbers fp16 has steps of 2^-24; those of the other types lie below every other term.
  const double least = output == storage::fp16 ? std::ldexp(1.0, -25) : 0;
  const double stored = std::max(std::ldexp(std::abs(reference.value), -significand_bits(output)), least);
  return additions * u * reference.root_of_squares + stored;
}

/// Deviation of one entry as a multiple of its rounding bound; NaN stays NaN, and fails every comparison.
inline double gemm_entry_error(const gemm_shape& shape, std::int64_t row, std::int64_t column, double found) {
  const gemm_reference reference = reference_entry(shape, row, column);
  return std::abs(found - reference.value) / rounding_bound(shape, reference);
}

}  // namespace gpubench::kernels
