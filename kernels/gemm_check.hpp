#pragma once

#include "kernels/operands.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace gpubench::kernels {

/// C = A B, `batch` times, with A m x k, B k x n, C m x n, row-major, one matrix after the other; A is operand 1, B is
/// operand 2. A is stored as `type`.
struct gemm_shape {
  storage type = storage::fp32;
  std::int64_t m = 0, n = 0, k = 0;
  std::int64_t batch = 1;
  bool b_transposed = false;  ///< B lies in memory as n x k
};
inline constexpr std::uint64_t gemm_operand_a = 1, gemm_operand_b = 2;

/// e5m2, the type of gradients, meets e4m3 weights, as in training.
constexpr storage type_of_b(storage type_of_a) {
  return type_of_a == storage::fp8_e5m2 ? storage::fp8_e4m3 : type_of_a;
}

constexpr storage type_of_c(storage type_of_a) {
  switch (type_of_a) {
    case storage::tf32:
      return storage::fp32;
    case storage::fp8_e4m3:
    case storage::fp8_e5m2:
    case storage::fp4:
      return storage::bf16;
    case storage::int8:
      return storage::int32;
    default:
      return type_of_a;
  }
}

/// An entry of the product.
struct gemm_entry {
  std::int64_t row = 0, column = 0, batch = 0;
};

/// Place of an element of A in memory, and of one of B, from the start of the first matrix.
constexpr std::uint64_t place_in_a(const gemm_shape& shape, const gemm_entry& entry, std::int64_t p) {
  return static_cast<std::uint64_t>((entry.batch * shape.m + entry.row) * shape.k + p);
}
constexpr std::uint64_t place_in_b(const gemm_shape& shape, const gemm_entry& entry, std::int64_t p) {
  const std::int64_t in_matrix = shape.b_transposed ? entry.column * shape.k + p : p * shape.n + entry.column;
  return static_cast<std::uint64_t>(entry.batch * shape.k * shape.n + in_matrix);
}
constexpr std::uint64_t place_in_c(const gemm_shape& shape, const gemm_entry& entry) {
  return static_cast<std::uint64_t>((entry.batch * shape.m + entry.row) * shape.n + entry.column);
}

/// One entry of C computed apart, on the CPU, in extended precision.
struct gemm_reference {
  double value = 0;
  double root_of_squares = 0;  ///< square root of the sum of the squared products: the scale of partial sums
};

inline gemm_reference reference_entry(const gemm_shape& shape, const gemm_entry& entry) {
  long double sum = 0;
  double squares = 0;
  for (std::int64_t p = 0; p < shape.k; ++p) {
    const double a = stored_operand(shape.type, gemm_operand_a, place_in_a(shape, entry, p));
    const double b = stored_operand(type_of_b(shape.type), gemm_operand_b, place_in_b(shape, entry, p));
    sum += static_cast<long double>(a) * b;
    squares += a * a * b * b;
  }
  return {static_cast<double>(sum), std::sqrt(squares)};
}

constexpr bool is_fp8(storage type) {
  return type == storage::fp8_e4m3 || type == storage::fp8_e5m2;
}

/// Largest deviation that rounding alone explains. Partial sums of random products are about root_of_squares large and
/// each addition errs by one unit u of them; the errors add up like a random walk over k additions where they go both
/// ways (Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed., section 2.8), taken 8 times. C is rounded
/// once to its own type, and integers not at all.
///
/// Tensor cores cut off, which makes every partial sum smaller: one unit on top for each group of products that they
/// add at once, 4 at least (Fasi et al., "Numerical behavior of NVIDIA tensor cores", 2021). A product left out, of
/// about 1/4, lies far outside; so do, for fp32, operands cut to TF32.
///
/// fp8 on Ada and Hopper keeps 13 bits behind the leading one in groups of 32 products (DeepSeek-AI, "DeepSeek-V3
/// technical report", 2024, section 3.3.2, found about 14 bits), so that sums of thousands of products differ by
/// percents. What is cut off products goes both ways and what is cut off the sum only one, but the sum is mostly
/// smaller than at its end: a simulation (the test of this file) stays below a third of the bound, whose two terms it
/// suggests.
inline double rounding_bound(const gemm_shape& shape, const gemm_reference& reference) {
  if (shape.type == storage::int8) return 0.5;
  const double k = static_cast<double>(shape.k);
  const bool tensor_core = shape.type != storage::fp64 && shape.type != storage::fp32;
  double u = std::ldexp(1.0, tensor_core ? -23 : -24);
  double additions = 8 * std::sqrt(k) + (tensor_core ? k / 4 : 0);
  if (shape.type == storage::fp64) u = std::ldexp(1.0, -53);
  if (is_fp8(shape.type)) {
    u = std::ldexp(1.0, -13);
    additions = 2 * std::sqrt(k) + k / 128;
  }
  const storage output = type_of_c(shape.type);
  // Below its normal numbers fp16 has steps of 2^-24; those of the other types lie below every other term.
  const double least = output == storage::fp16 ? std::ldexp(1.0, -25) : 0;
  const double stored = std::max(std::ldexp(std::abs(reference.value), -significand_bits(output)), least);
  return additions * u * reference.root_of_squares + stored;
}

/// Deviation of one entry as a multiple of its rounding bound; NaN stays NaN, and fails every comparison.
inline double gemm_entry_error(const gemm_shape& shape, const gemm_entry& entry, double found) {
  const gemm_reference reference = reference_entry(shape, entry);
  return std::abs(found - reference.value) / rounding_bound(shape, reference);
}

}  // namespace gpubench::kernels
