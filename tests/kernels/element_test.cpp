#include "kernels/element.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace gpubench::kernels {
namespace {

TEST(element, every_fp16_survives_the_way_through_float) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const half_element half{static_cast<std::uint16_t>(bits)};
    const float value = to_float(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(to_float(from_float<half_element>(value))));
    } else {
      EXPECT_EQ(from_float<half_element>(value).bits, half.bits) << bits;
    }
  }
}

TEST(element, fp16_rounds_to_nearest_with_ties_to_even) {
  EXPECT_EQ(round_to_fp16(2049), round_to_fp16(2048));  // between 2048 and 2050
  EXPECT_EQ(round_to_fp16(2051), round_to_fp16(2052));
  EXPECT_EQ(round_to_fp16(65519), 0x7bffu);  // the largest
  EXPECT_EQ(round_to_fp16(65520), 0x7c00u);  // infinite
  EXPECT_EQ(round_to_fp16(-65520), 0xfc00u);
  EXPECT_EQ(round_to_fp16(std::ldexp(1.0F, -25)), 0u);      // half of the smallest: to even
  EXPECT_EQ(round_to_fp16(std::ldexp(3.0F, -25)), 2u);      // one and a half of the smallest: to even
  EXPECT_EQ(round_to_fp16(std::ldexp(1.0F, -14)), 0x400u);  // the smallest normal number
}

TEST(element, bf16_keeps_infinity_and_nan_apart) {
  EXPECT_TRUE(std::isinf(to_float(from_float<bfloat_element>(std::numeric_limits<float>::infinity()))));
  EXPECT_TRUE(std::isnan(to_float(from_float<bfloat_element>(std::numeric_limits<float>::quiet_NaN()))));
  EXPECT_EQ(to_float(from_float<bfloat_element>(1.00390625F)), 1);  // a tie: to even
}

TEST(element, a_pack_is_sixteen_bytes_of_any_type) {
  EXPECT_EQ(sizeof(pack<half_element>), 16u);
  EXPECT_EQ(sizeof(pack<bfloat_element>), 16u);
  EXPECT_EQ(sizeof(pack<float>), 16u);
  EXPECT_EQ(pack<half_element>::size, 8);
  EXPECT_EQ(pack<float>::size, 4);
}

}  // namespace
}  // namespace gpubench::kernels
