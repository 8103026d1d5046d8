#pragma once

#include "kernels/operands.hpp"

#include <cstdint>

namespace gpubench::kernels {

/// Multiply-adds on the ordinary cores. fp16 and bf16 are computed two at a time, packed in one register.
enum class arithmetic_type { fp64, fp32, fp16, bf16, int32 };

/// Each thread carries this many independent chains of dependent multiply-adds, which hides their latency together with
/// the other warps.
inline constexpr int arithmetic_chains = 8;
inline constexpr int arithmetic_threads = 256;  ///< of a block
/// Links of each chain in one round; a multiple of what one pass of the loop unrolls.
inline constexpr int arithmetic_steps = 256;
inline constexpr int arithmetic_unrolled = 64;
/// Every eighth lane computes the same, so that the CPU can compute it all again.
inline constexpr int arithmetic_distinct_lanes = 8;

GPUBENCH_HOST_DEVICE constexpr int values_per_register(arithmetic_type type) {
  return type == arithmetic_type::fp16 || type == arithmetic_type::bf16 ? 2 : 1;
}

/// Multiply-adds of one block in one round.
constexpr double arithmetic_block_fma(arithmetic_type type) {
  return static_cast<double>(arithmetic_threads) * arithmetic_chains * arithmetic_steps * values_per_register(type);
}

/// Floating point follows x = x x + c with c in [-1.93, -1.87): the quadratic map stays within [-2, 2] and is chaotic
/// there but for very narrow windows. Each multiply-add sees operands that it has not seen before, and one wrong bit or
/// one link too few changes all that follows. Integers follow x = a x + b modulo 2^32 with the full period of Hull and
/// Dobell, "Random number generators" (1962): a = 5 modulo 8 and b odd.
inline constexpr std::uint64_t chain_start_operand = 101, chain_constant_operand = 102, chain_factor_operand = 103;

GPUBENCH_HOST_DEVICE constexpr std::uint64_t chain_number(int lane, int chain, int half) {
  const int number = ((lane % arithmetic_distinct_lanes) * arithmetic_chains + chain) * 2 + half;
  return static_cast<std::uint64_t>(number);
}

/// Bits of one value as a register of `type` holds it; 16, 32 or 64 of them.
GPUBENCH_HOST_DEVICE inline std::uint64_t chain_bits(arithmetic_type type, double value) {
  std::uint64_t bits = 0;
  switch (type) {
    case arithmetic_type::fp64:
      memcpy(&bits, &value, sizeof bits);
      return bits;
    case arithmetic_type::fp16:
      return to_fp16(static_cast<float>(value));
    case arithmetic_type::bf16:
      return to_bf16(static_cast<float>(value));
    default:
      return float_bits(static_cast<float>(value));
  }
}

/// A register's bits from those of its one or two values: the first lies low.
GPUBENCH_HOST_DEVICE constexpr std::uint64_t packed_bits(arithmetic_type type, std::uint64_t first,
                                                         std::uint64_t second) {
  return values_per_register(type) == 2 ? first | second << 16 : first;
}

/// Start of one chain, x before the first link.
GPUBENCH_HOST_DEVICE inline std::uint64_t chain_start(arithmetic_type type, int lane, int chain) {
  const std::uint64_t first = chain_number(lane, chain, 0);
  if (type == arithmetic_type::int32) return mix_bits(chain_start_operand << 32 | first) >> 32;
  return packed_bits(type, chain_bits(type, operand_value(chain_start_operand, first)),
                     chain_bits(type, operand_value(chain_start_operand, first + 1)));
}

/// c, or b of integers.
GPUBENCH_HOST_DEVICE inline std::uint64_t chain_constant(arithmetic_type type, int lane, int chain) {
  const std::uint64_t first = chain_number(lane, chain, 0);
  if (type == arithmetic_type::int32) return mix_bits(chain_constant_operand << 32 | first) >> 32 | 1;
  const double low = -1.9 + 0.03 * operand_value(chain_constant_operand, first);
  const double high = -1.9 + 0.03 * operand_value(chain_constant_operand, first + 1);
  return packed_bits(type, chain_bits(type, low), chain_bits(type, high));
}

/// a of integers: one for all chains of a lane.
GPUBENCH_HOST_DEVICE constexpr std::uint32_t chain_factor(int lane) {
  const auto bits = static_cast<std::uint32_t>(mix_bits(chain_factor_operand << 32 | chain_number(lane, 0, 0)) >> 32);
  return (bits & ~7u) | 5u;
}

}  // namespace gpubench::kernels
