#pragma once

#include "kernels/float_bits.hpp"
#include "kernels/host_device.hpp"

#include <cstdint>

namespace gpubench::kernels {

/// A float of at most 8 bits: sign, exponent, fraction, with subnormal numbers.
struct narrow_format {
  int exponent_bits = 0, fraction_bits = 0, bias = 0;
  float largest = 0;             ///< what larger values become
  unsigned first_no_number = 0;  ///< magnitudes from this code on are infinite or no number
};

/// e4m3 and e5m2 as in Micikevicius et al., "FP8 formats for deep learning" (2022), table 1: e4m3 has no infinities and
/// one NaN. e2m1 as in the OCP Microscaling Formats specification 1.0, section 5.3.3: every code is a number.
GPUBENCH_HOST_DEVICE constexpr narrow_format e4m3() {
  return {4, 3, 7, 448.0f, 0x7f};
}
GPUBENCH_HOST_DEVICE constexpr narrow_format e5m2() {
  return {5, 2, 15, 57344.0f, 0x7c};
}
GPUBENCH_HOST_DEVICE constexpr narrow_format e2m1() {
  return {2, 1, 1, 6.0f, 8};
}

/// 2^exponent, for exponents of normal floats.
GPUBENCH_HOST_DEVICE inline float power_of_two(int exponent) {
  return float_of_bits(static_cast<std::uint32_t>(127 + exponent) << 23);
}

/// To nearest, ties to even; too large a value becomes the largest. For finite values.
GPUBENCH_HOST_DEVICE inline unsigned to_narrow(const narrow_format& format, float value) {
  const std::uint32_t bits = float_bits(value);
  float magnitude = float_of_bits(bits & 0x7fffffffu);
  if (magnitude > format.largest) magnitude = format.largest;
  const int least = 1 - format.bias;  // exponent of the smallest normal number, and of the subnormal ones
  const int own = static_cast<int>(float_bits(magnitude) >> 23) - 127;
  const int exponent = own < least ? least : own;
  const float steps = magnitude * power_of_two(format.fraction_bits - exponent);  // exact
  auto whole = static_cast<unsigned>(steps);
  const float rest = steps - static_cast<float>(whole);
  if (rest > 0.5f || (rest == 0.5f && (whole & 1u) != 0)) ++whole;
  // Normal numbers bring their hidden bit along, which is one step of the exponent; rounding up may bring another.
  const unsigned code = (static_cast<unsigned>(exponent - least) << format.fraction_bits) + whole;
  return ((bits >> 31) << (format.exponent_bits + format.fraction_bits)) | code;
}

/// The number that a code stands for; NaN for the codes that stand for none, infinity included.
GPUBENCH_HOST_DEVICE inline float from_narrow(const narrow_format& format, unsigned code) {
  const int sign_at = format.exponent_bits + format.fraction_bits;
  const unsigned magnitude_code = code & ((1u << sign_at) - 1u);
  if (magnitude_code >= format.first_no_number) return float_of_bits(0x7fc00000u);
  const unsigned fraction = magnitude_code & ((1u << format.fraction_bits) - 1u);
  const int field = static_cast<int>(magnitude_code >> format.fraction_bits);
  const unsigned hidden = field == 0 ? 0u : 1u << format.fraction_bits;
  const int exponent = (field == 0 ? 1 : field) - format.bias - format.fraction_bits;
  const float magnitude = static_cast<float>(hidden + fraction) * power_of_two(exponent);
  return ((code >> sign_at) & 1u) != 0 ? -magnitude : magnitude;
}

}  // namespace gpubench::kernels
