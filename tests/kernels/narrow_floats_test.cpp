#include "kernels/narrow_floats.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace gpubench::kernels {
namespace {

/// The number of a code by the formats' definition: (-1)^s 2^(e - bias) 1.f, or 2^(1 - bias) 0.f where e is 0.
double defined_value(const narrow_format& format, unsigned code) {
  const unsigned fraction = code % (1u << format.fraction_bits);
  const unsigned exponent = (code >> format.fraction_bits) % (1u << format.exponent_bits);
  const bool negative = (code >> (format.fraction_bits + format.exponent_bits)) != 0;
  const double part = fraction / std::ldexp(1.0, format.fraction_bits);
  const double magnitude = exponent == 0 ? std::ldexp(part, 1 - format.bias)
                                         : std::ldexp(1 + part, static_cast<int>(exponent) - format.bias);
  return negative ? -magnitude : magnitude;
}

/// Codes that stand for numbers: all of e2m1, all but one magnitude of e4m3, all below infinity of e5m2.
bool is_number(const narrow_format& format, unsigned code) {
  const unsigned magnitude = code % (1u << (format.exponent_bits + format.fraction_bits));
  return magnitude < format.first_no_number;
}

class narrow_floats : public ::testing::TestWithParam<narrow_format> {
 protected:
  unsigned codes() const { return 1u << (1 + GetParam().exponent_bits + GetParam().fraction_bits); }
};

TEST_P(narrow_floats, every_code_is_read_as_defined_and_written_back) {
  for (unsigned code = 0; code < codes(); ++code) {
    const float value = from_narrow(GetParam(), code);
    if (!is_number(GetParam(), code)) {
      EXPECT_TRUE(std::isnan(value)) << code;
      continue;
    }
    EXPECT_EQ(value, defined_value(GetParam(), code)) << code;
    EXPECT_EQ(std::signbit(value), code >= codes() / 2) << code;
    EXPECT_EQ(to_narrow(GetParam(), value), code);
  }
}

TEST_P(narrow_floats, between_two_numbers_the_nearer_is_taken_and_the_even_one_half_way) {
  for (unsigned code = 0; code + 1 < codes() / 2 && is_number(GetParam(), code + 1); ++code) {
    const float below = from_narrow(GetParam(), code);
    const float above = from_narrow(GetParam(), code + 1);
    const float middle = (below + above) / 2;  // exact: few bits
    const unsigned even = code % 2 == 0 ? code : code + 1;
    EXPECT_EQ(to_narrow(GetParam(), middle), even) << middle;
    EXPECT_EQ(to_narrow(GetParam(), std::nextafter(middle, below)), code);
    EXPECT_EQ(to_narrow(GetParam(), std::nextafter(middle, above)), code + 1);
    EXPECT_EQ(to_narrow(GetParam(), -middle), even + codes() / 2);
  }
}

TEST_P(narrow_floats, what_is_too_large_becomes_the_largest) {
  unsigned largest = codes() / 2 - 1;
  while (!is_number(GetParam(), largest)) --largest;
  EXPECT_EQ(from_narrow(GetParam(), largest), GetParam().largest);
  EXPECT_EQ(to_narrow(GetParam(), GetParam().largest * 1.01f), largest);
  EXPECT_EQ(to_narrow(GetParam(), 1e30f), largest);
  EXPECT_EQ(to_narrow(GetParam(), -1e30f), largest + codes() / 2);
}

TEST_P(narrow_floats, the_tiniest_becomes_zero) {
  EXPECT_EQ(to_narrow(GetParam(), 1e-40f), 0u);
  EXPECT_EQ(to_narrow(GetParam(), -1e-20f), codes() / 2);
}

INSTANTIATE_TEST_SUITE_P(formats, narrow_floats, ::testing::Values(e4m3(), e5m2(), e2m1()));

TEST(narrow_floats, published_numbers) {
  // Micikevicius et al., "FP8 formats for deep learning" (2022), table 1.
  EXPECT_EQ(from_narrow(e4m3(), 0x7e), 448.0f);
  EXPECT_EQ(from_narrow(e4m3(), 0x08), std::ldexp(1.0f, -6));
  EXPECT_EQ(from_narrow(e4m3(), 0x01), std::ldexp(1.0f, -9));
  EXPECT_EQ(from_narrow(e5m2(), 0x7b), 57344.0f);
  EXPECT_EQ(from_narrow(e5m2(), 0x04), std::ldexp(1.0f, -14));
  EXPECT_EQ(from_narrow(e5m2(), 0x01), std::ldexp(1.0f, -16));
  // OCP Microscaling Formats 1.0, table 5: all magnitudes of e2m1.
  const std::map<unsigned, float> magnitudes{{0, 0},    {1, 0.5f}, {2, 1}, {3, 1.5f},
                                             {4, 2.0f}, {5, 3.0f}, {6, 4}, {7, 6.0f}};
  for (const auto& [code, value] : magnitudes) EXPECT_EQ(from_narrow(e2m1(), code), value);
}

}  // namespace
}  // namespace gpubench::kernels
