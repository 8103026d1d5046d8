#pragma once

#include "kernels/arithmetic.hpp"
#include "kernels/digest.hpp"

#include <cmath>
#include <cstdint>
#include <vector>

namespace gpubench::kernels {

/// Rounds to `significand` bits, to nearest, ties to even. Below 2^least_exponent the steps are those of
/// 2^least_exponent (subnormal numbers), as IEEE 754 has it.
inline double rounded(double value, int significand, int least_exponent) {
  if (std::abs(value) < std::ldexp(1.0, least_exponent)) {
    const double step = std::ldexp(1.0, least_exponent - significand + 1);
    return std::nearbyint(value / step) * step;
  }
  const int dropped = 53 - significand;
  std::uint64_t bits = 0;
  memcpy(&bits, &value, sizeof bits);
  const std::uint64_t odd = bits >> dropped & 1;
  bits = (bits + (std::uint64_t{1} << (dropped - 1)) - 1 + odd) & ~((std::uint64_t{1} << dropped) - 1);
  memcpy(&value, &bits, sizeof bits);
  return value;
}

/// One fused multiply-add x x + c with a single rounding. The sum is exact in a double: c has no bits below 2^-10, and
/// x, where it came out of a link, none below 2^-24 in fp16 and 2^-14 in bf16. A start may be smaller; then the sum is
/// c, rounded either way.
inline double half_link(arithmetic_type type, double x, double c) {
  return type == arithmetic_type::fp16 ? rounded(x * x + c, 11, -14) : rounded(x * x + c, 8, -126);
}

inline std::uint64_t half_bits(arithmetic_type type, double value) {
  if (type == arithmetic_type::fp16 && std::abs(value) < std::ldexp(1.0, -14)) {
    const auto fraction = static_cast<std::uint64_t>(std::abs(value) * 16777216.0);
    return fraction | (std::signbit(value) ? 0x8000u : 0u);
  }
  return chain_bits(type, value);
}

inline double half_value(arithmetic_type type, std::uint64_t bits) {
  const auto half = static_cast<std::uint16_t>(bits);
  return type == arithmetic_type::fp16 ? from_fp16(half) : from_bf16(half);
}

inline std::uint64_t half_chain_end(arithmetic_type type, std::uint64_t start, std::uint64_t constant,
                                    std::uint64_t steps) {
  double x = half_value(type, start);
  const double c = half_value(type, constant);
  for (std::uint64_t i = 0; i < steps; ++i) x = half_link(type, x, c);
  return half_bits(type, x);
}

template <class Float>
std::uint64_t float_chain_end(arithmetic_type type, std::uint64_t start, std::uint64_t constant, std::uint64_t steps) {
  Float x{};
  Float c{};
  memcpy(&x, &start, sizeof x);  // the low bytes: little-endian, as every host with an NVIDIA GPU
  memcpy(&c, &constant, sizeof c);
  for (std::uint64_t i = 0; i < steps; ++i) x = std::fma(x, x, c);
  return chain_bits(type, x);
}

/// x after `steps` links of x = a x + b, by squaring the map: not the way the device goes.
inline std::uint32_t integer_chain_end(std::uint32_t x, std::uint32_t a, std::uint32_t b, std::uint64_t steps) {
  for (; steps != 0; steps >>= 1) {
    if ((steps & 1) != 0) x = a * x + b;
    b = a * b + b;
    a = a * a;
  }
  return x;
}

/// The register that a chain ends with.
inline std::uint64_t chain_end(arithmetic_type type, int lane, int chain, std::uint64_t steps) {
  const std::uint64_t start = chain_start(type, lane, chain);
  const std::uint64_t constant = chain_constant(type, lane, chain);
  switch (type) {
    case arithmetic_type::fp64:
      return float_chain_end<double>(type, start, constant, steps);
    case arithmetic_type::fp32:
      return float_chain_end<float>(type, start, constant, steps);
    case arithmetic_type::int32:
      return integer_chain_end(static_cast<std::uint32_t>(start), chain_factor(lane),
                               static_cast<std::uint32_t>(constant), steps);
    default:
      return packed_bits(type, half_chain_end(type, start & 0xffff, constant & 0xffff, steps),
                         half_chain_end(type, start >> 16, constant >> 16, steps));
  }
}

/// Digests of the distinct lanes after `rounds` rounds; they repeat over a block's threads.
inline std::vector<std::uint64_t> expected_arithmetic_digests(arithmetic_type type, std::uint64_t rounds) {
  std::vector<std::uint64_t> result;
  for (int lane = 0; lane < arithmetic_distinct_lanes; ++lane) {
    std::uint64_t digest = digest_start;
    for (int chain = 0; chain < arithmetic_chains; ++chain) {
      digest = fold(digest, chain_end(type, lane, chain, rounds * arithmetic_steps));
    }
    result.push_back(digest);
  }
  return result;
}

}  // namespace gpubench::kernels
