#pragma once

#include "kernels/block_scales.hpp"
#include "kernels/float_bits.hpp"
#include "kernels/host_device.hpp"
#include "kernels/narrow_floats.hpp"

#include <cstdint>

namespace gpubench::kernels {

/// How the elements of a matrix are stored. tf32 lies in memory as an fp32 whose low 13 bits are zero; fp8 comes with a
/// scale for the whole matrix; fp4 is e2m1, two in a byte, the first in its low half, with an unsigned e4m3 scale for
/// each 16 consecutive elements.
enum class storage { fp64, fp32, tf32, fp16, bf16, fp8_e4m3, fp8_e5m2, fp4, int8, int32 };

constexpr int bits_of(storage type) {
  switch (type) {
    case storage::fp64:
      return 64;
    case storage::fp32:
    case storage::tf32:
    case storage::int32:
      return 32;
    case storage::fp16:
    case storage::bf16:
      return 16;
    case storage::fp4:
      return 4;
    default:
      return 8;
  }
}

/// For types of whole bytes: all but fp4.
constexpr int bytes_of(storage type) {
  return bits_of(type) / 8;
}

/// Of elements next to each other; block scales not counted.
constexpr double bytes_of(storage type, double elements) {
  return elements * bits_of(type) / 8;
}

/// Significand bits with the hidden one. Source: IEEE 754 binary64/32/16; bfloat16 and TF32 as in NVIDIA's PTX ISA,
/// "Alternate Floating-Point Data Formats"; the narrower ones as in narrow_floats.hpp. Of integers, all bits.
constexpr int significand_bits(storage type) {
  switch (type) {
    case storage::fp64:
      return 53;
    case storage::fp32:
      return 24;
    case storage::tf32:
    case storage::fp16:
      return 11;
    case storage::bf16:
      return 8;
    case storage::fp8_e4m3:
      return 4;
    case storage::fp8_e5m2:
      return 3;
    case storage::fp4:
      return 2;
    default:
      return bits_of(type);
  }
}

/// Mixes 64 bits so that consecutive numbers give unrelated results. Source: Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators" (2014), the finaliser of SplitMix64.
GPUBENCH_HOST_DEVICE constexpr std::uint64_t mix_bits(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// Element `index` of operand `matrix`: uniform in [-1, 1), a multiple of 2^-52. Random operands, because a GPU draws
/// less power, clocks higher and looks faster on zeros and constants. Any element can be found again on the CPU.
GPUBENCH_HOST_DEVICE constexpr double operand_value(std::uint64_t matrix, std::uint64_t index) {
  const std::uint64_t bits = mix_bits(mix_bits(matrix) ^ index) >> 11;  // 53 bits
  return static_cast<double>(bits) * (1.0 / 4503599627370496.0) - 1.0;
}

/// Drops the low `dropped` bits of a finite float's significand, to nearest, ties to even.
GPUBENCH_HOST_DEVICE inline std::uint32_t round_bits(std::uint32_t bits, int dropped) {
  const std::uint32_t half = (1u << (dropped - 1)) - 1u;
  const std::uint32_t odd = (bits >> dropped) & 1u;
  return (bits + half + odd) & ~((1u << dropped) - 1u);
}

GPUBENCH_HOST_DEVICE inline float to_tf32(float value) {
  return float_of_bits(round_bits(float_bits(value), 13));
}

GPUBENCH_HOST_DEVICE inline std::uint16_t to_bf16(float value) {
  return static_cast<std::uint16_t>(round_bits(float_bits(value), 16) >> 16);
}
GPUBENCH_HOST_DEVICE inline float from_bf16(std::uint16_t bits) {
  return float_of_bits(static_cast<std::uint32_t>(bits) << 16);
}

/// For |value| <= 2, as operands are; what is below 2^-14, fp16's smallest normal number, becomes zero.
GPUBENCH_HOST_DEVICE inline std::uint16_t to_fp16(float value) {
  const std::uint32_t bits = round_bits(float_bits(value), 13);
  const std::uint32_t sign = (bits >> 16) & 0x8000u;
  const std::uint32_t exponent = (bits >> 23) & 0xffu;
  if (exponent < 127 - 14) return static_cast<std::uint16_t>(sign);
  return static_cast<std::uint16_t>(sign | ((exponent - 112) << 10) | ((bits >> 13) & 0x3ffu));
}
/// Any fp16, infinities and NaN too: results are read through this.
GPUBENCH_HOST_DEVICE inline float from_fp16(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1fu;
  const std::uint32_t fraction = half & 0x3ffu;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * (1.0f / 16777216.0f);  // 2^-24 each
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return float_of_bits(sign | (wide << 23) | (fraction << 13));
}

/// What a stored fp8 element is multiplied by: operands in [-1, 1) are stored 256 times larger, so that few of them
/// are subnormal, and a product that forgets a scale is 256 times too large.
inline constexpr float fp8_scale = 1.0f / 256;

/// Code of an operand in an 8-bit type.
GPUBENCH_HOST_DEVICE inline std::uint8_t operand_byte(storage type, std::uint64_t matrix, std::uint64_t index) {
  const double value = operand_value(matrix, index);
  switch (type) {
    case storage::fp8_e4m3:
      return static_cast<std::uint8_t>(to_narrow(e4m3(), static_cast<float>(value / fp8_scale)));
    case storage::fp8_e5m2:
      return static_cast<std::uint8_t>(to_narrow(e5m2(), static_cast<float>(value / fp8_scale)));
    default:  // int8: uniform in [-128, 127]; the sum is not negative, so that cutting off is rounding down
      return static_cast<std::uint8_t>(static_cast<int>(value * 128 + 128) - 128);
  }
}

/// Code of an fp4 operand, in the low 4 bits: of 6 times the uniform value, 6 being the largest number.
GPUBENCH_HOST_DEVICE inline unsigned operand_fp4(std::uint64_t matrix, std::uint64_t index) {
  return to_narrow(e2m1(), static_cast<float>(6 * operand_value(matrix, index)));
}

/// Byte `byte` of an fp4 operand: two elements, the first in the low half.
GPUBENCH_HOST_DEVICE inline std::uint8_t operand_fp4_pair(std::uint64_t matrix, std::uint64_t byte) {
  return static_cast<std::uint8_t>(operand_fp4(matrix, 2 * byte) | (operand_fp4(matrix, 2 * byte + 1) << 4));
}

/// Code of the scale of a block of 16 fp4 operands: in [1/2, 1], another for each block, so that a scale taken from a
/// wrong place shows.
GPUBENCH_HOST_DEVICE inline std::uint8_t operand_fp4_scale(std::uint64_t matrix, std::uint64_t block) {
  constexpr std::uint64_t scales_of = 1u << 16;  // apart from all matrices
  const double value = 0.75 + 0.25 * operand_value(scales_of + matrix, block);
  return static_cast<std::uint8_t>(to_narrow(e4m3(), static_cast<float>(value)));
}

/// Element `index` of operand `matrix` as a GEMM multiplies it: rounded to its type, scales applied. fp4 is for rows of
/// whole blocks.
GPUBENCH_HOST_DEVICE inline double stored_operand(storage type, std::uint64_t matrix, std::uint64_t index) {
  const double value = operand_value(matrix, index);
  switch (type) {
    case storage::fp32:
      return static_cast<float>(value);
    case storage::tf32:
      return to_tf32(static_cast<float>(value));
    case storage::fp16:
      return from_fp16(to_fp16(static_cast<float>(value)));
    case storage::bf16:
      return from_bf16(to_bf16(static_cast<float>(value)));
    case storage::fp8_e4m3:
      return from_narrow(e4m3(), operand_byte(type, matrix, index)) * fp8_scale;
    case storage::fp8_e5m2:
      return from_narrow(e5m2(), operand_byte(type, matrix, index)) * fp8_scale;
    case storage::fp4:
      return from_narrow(e2m1(), operand_fp4(matrix, index)) *
             static_cast<double>(from_narrow(e4m3(), operand_fp4_scale(matrix, index / fp4_block)));
    case storage::int8:
      return static_cast<std::int8_t>(operand_byte(type, matrix, index));
    default:
      return value;
  }
}

}  // namespace gpubench::kernels
