#pragma once

#include "kernels/operands.hpp"

#include <cstdint>

namespace gpubench::kernels {

/// Types of a tensor core's factors; sums are fp64 for fp64, int32 for int8, fp16 for fp16_sum_fp16, and fp32
/// otherwise.
enum class tensor_type { fp64, tf32, fp16, fp16_sum_fp16, bf16, int8, e4m3, e5m2 };

GPUBENCH_HOST_DEVICE constexpr int tensor_bytes(tensor_type type) {
  switch (type) {
    case tensor_type::fp64:
      return 8;
    case tensor_type::tf32:
      return 4;
    case tensor_type::int8:
    case tensor_type::e4m3:
    case tensor_type::e5m2:
      return 1;
    default:
      return 2;
  }
}

/// D = A B + D on tensor cores, with A m x k and B k x n.
struct tensor_shape {
  int m = 0, n = 0, k = 0;
  constexpr double fma() const { return static_cast<double>(m) * n * k; }
};

/// The work of one accumulator in one round: it starts at a small number, then `tensor_passes` times the products of
/// `tensor_sets` different matrices A with one B are added. Bounded, so that every sum is an exact integer multiple of
/// one quantum, whatever the order in which a tensor core adds and however few bits it keeps meanwhile.
inline constexpr int tensor_sets = 4;  ///< two pairs; drift_column() knows no more
inline constexpr int tensor_passes = 128;

/// Factors are integers in [-limit, limit] times 2^-fraction_bits (int8: times one).
GPUBENCH_HOST_DEVICE constexpr int fraction_bits(tensor_type type) {
  switch (type) {
    case tensor_type::fp64:
      return 22;
    case tensor_type::tf32:
    case tensor_type::fp16:
      return 9;
    case tensor_type::fp16_sum_fp16:
      return 2;
    case tensor_type::e4m3:
    case tensor_type::e5m2:
      return 3;
    default:
      return 7;
  }
}
GPUBENCH_HOST_DEVICE constexpr int factor_limit(tensor_type type) {
  return (1 << fraction_bits(type)) - 1;
}

/// Bits that a sum may use and stay exact: those of its type, less a margin where hardware is known to keep fewer. For
/// the fp8 instructions of Hopper that is 14 (DeepSeek-AI, "DeepSeek-V3 technical report", 2024, section 3.5.2).
constexpr int exact_sum_bits(tensor_type type) {
  switch (type) {
    case tensor_type::fp64:
      return 53;
    case tensor_type::int8:
      return 31;
    case tensor_type::fp16_sum_fp16:
      return 11;
    case tensor_type::e4m3:
    case tensor_type::e5m2:
      return 13;
    default:
      return 23;
  }
}

/// An integer in [-limit, limit], uniform.
GPUBENCH_HOST_DEVICE constexpr int random_integer(int stream, int index, int limit) {
  const std::uint64_t mixed =
      mix_bits(mix_bits(static_cast<std::uint64_t>(stream)) ^ static_cast<std::uint64_t>(index));
  const std::uint64_t count = 2 * static_cast<std::uint64_t>(limit) + 1;
  return static_cast<int>((mixed >> 32) * count >> 32) - limit;
}

/// Column of A in which an odd set does not undo the even one before it, and what is left over there. Chosen such that
/// no two of up to k_extent^2 rows have the same remainders, and none has remainders that cancel.
GPUBENCH_HOST_DEVICE constexpr int drift_column(int set, int row, int k_extent) {
  return (row % k_extent + (set == 1 ? 0 : row / k_extent)) % k_extent;
}
GPUBENCH_HOST_DEVICE constexpr int drift_factor(int set, int row, int k_extent) {
  return set == 1 || 2 * (row / k_extent) < k_extent ? 1 : -1;
}

/// Entry of matrix A number `set`, as an integer. Even sets are random; the odd one after each is its negative, but for
/// one column of each row. So sums stay small, and yet every product left out leaves a trace.
GPUBENCH_HOST_DEVICE constexpr int a_entry(tensor_type type, int set, int row, int k, int k_extent) {
  const int even = random_integer(200 + set / 2, row * 64 + k, factor_limit(type) - 1);
  if (set % 2 == 0) return even;
  return -even + (k == drift_column(set, row, k_extent) ? drift_factor(set, row, k_extent) : 0);
}

GPUBENCH_HOST_DEVICE constexpr int b_entry(tensor_type type, int k, int column) {
  return random_integer(300, k * 256 + column, factor_limit(type));
}

/// Bits of an fp8 value with `mantissa` explicit bits; for zero and what is normal and exact in it.
GPUBENCH_HOST_DEVICE inline std::uint32_t to_fp8(float value, int mantissa, int bias) {
  const std::uint32_t bits = float_bits(value);
  const auto exponent = static_cast<int>(bits >> 23 & 0xffu);
  const std::uint32_t sign = bits >> 24 & 0x80u;
  if (exponent == 0) return sign;
  return sign | static_cast<std::uint32_t>(exponent - 127 + bias) << mantissa |
         (bits >> (23 - mantissa) & ((1u << mantissa) - 1u));
}

/// Bits of a factor in memory, from its integer. Source of the formats: IEEE 754; PTX ISA, "Alternate Floating-Point
/// Data Formats"; e4m3 has bias 7, e5m2 bias 15.
GPUBENCH_HOST_DEVICE inline std::uint64_t factor_bits(tensor_type type, int integer) {
  const double value = static_cast<double>(integer) / static_cast<double>(1 << fraction_bits(type));
  const auto narrow = static_cast<float>(value);
  std::uint64_t bits = 0;
  switch (type) {
    case tensor_type::fp64:
      memcpy(&bits, &value, sizeof bits);
      return bits;
    case tensor_type::tf32:
      return float_bits(narrow);
    case tensor_type::bf16:
      return to_bf16(narrow);
    case tensor_type::int8:
      return static_cast<std::uint8_t>(integer);
    case tensor_type::e4m3:
      return to_fp8(narrow, 3, 7);
    case tensor_type::e5m2:
      return to_fp8(narrow, 2, 15);
    default:
      return to_fp16(narrow);
  }
}

/// Sums as integers: multiples of 4^-fraction_bits (int8: of one).
GPUBENCH_HOST_DEVICE constexpr double quanta_per_one(tensor_type type) {
  return type == tensor_type::int8 ? 1.0 : static_cast<double>(std::uint64_t{1} << (2 * fraction_bits(type)));
}

/// What an accumulator starts with, in quanta: chains differ, so that one cannot pass for another.
GPUBENCH_HOST_DEVICE constexpr int chain_start_quanta(int chain) {
  return chain + 1;
}

/// What one pass adds to an entry of D, in quanta.
constexpr std::int64_t drift_of_pass(tensor_type type, int k_extent, int row, int column) {
  std::int64_t sum = 0;
  for (int set = 1; set < tensor_sets; set += 2) {
    sum += std::int64_t{drift_factor(set, row, k_extent)} * b_entry(type, drift_column(set, row, k_extent), column);
  }
  return sum;
}

/// An entry of D at the end of a round, in quanta.
constexpr std::int64_t expected_quanta(tensor_type type, int k_extent, int chain, int row, int column) {
  return chain_start_quanta(chain) + std::int64_t{tensor_passes} * drift_of_pass(type, k_extent, row, column);
}

}  // namespace gpubench::kernels
