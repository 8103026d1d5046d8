#pragma once

#include "kernels/host_device.hpp"

#include <cstdint>
#include <cstring>

namespace gpubench::kernels {

/// How the elements of a matrix are stored. tf32 lies in memory as an fp32 whose low 13 bits are zero.
enum class storage { fp64, fp32, tf32, fp16, bf16 };

constexpr int bytes_of(storage type) {
  switch (type) {
    case storage::fp64:
      return 8;
    case storage::fp32:
    case storage::tf32:
      return 4;
    default:
      return 2;
  }
}

/// Significand bits with the hidden one. Source: IEEE 754 binary64/32/16; bfloat16 and TF32 as in NVIDIA's PTX ISA,
/// "Alternate Floating-Point Data Formats".
constexpr int significand_bits(storage type) {
  switch (type) {
    case storage::fp64:
      return 53;
    case storage::fp32:
      return 24;
    case storage::bf16:
      return 8;
    default:
      return 11;
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

GPUBENCH_HOST_DEVICE inline std::uint32_t float_bits(float value) {
  std::uint32_t bits = 0;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}
GPUBENCH_HOST_DEVICE inline float float_of_bits(std::uint32_t bits) {
  float value = 0;
  memcpy(&value, &bits, sizeof value);
  return value;
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

/// Element `index` of operand `matrix` as it lies in memory: what a GEMM multiplies.
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
    default:
      return value;
  }
}

}  // namespace gpubench::kernels
