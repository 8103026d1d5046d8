#include "kernels/operands.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace gpubench::kernels {
namespace {

TEST(operands, bits_are_mixed_as_splitmix64_publishes_them) {
  // First outputs of SplitMix64 from state 0 and from state 1234567, of the reference implementation.
  EXPECT_EQ(mix_bits(0), 0xe220a8397b1dcdafULL);
  EXPECT_EQ(mix_bits(1234567), 6457827717110365317ULL);
}

TEST(operands, values_fill_minus_one_to_one_evenly) {
  double sum = 0;
  double squares = 0;
  constexpr int count = 100000;
  for (int i = 0; i < count; ++i) {
    const double value = operand_value(1, static_cast<std::uint64_t>(i));
    ASSERT_GE(value, -1);
    ASSERT_LT(value, 1);
    sum += value;
    squares += value * value;
  }
  // Mean 0 with standard deviation 0.58/sqrt(n); mean square 1/3 with 0.30/sqrt(n). Five deviations.
  EXPECT_NEAR(sum / count, 0, 5 * 0.58 / std::sqrt(count));
  EXPECT_NEAR(squares / count, 1.0 / 3, 5 * 0.30 / std::sqrt(count));
}

TEST(operands, matrices_and_elements_differ) {
  std::set<double> seen;
  for (std::uint64_t matrix = 1; matrix <= 2; ++matrix) {
    for (std::uint64_t i = 0; i < 1000; ++i) seen.insert(operand_value(matrix, i));
  }
  EXPECT_EQ(seen.size(), 2000u);
}

TEST(rounding, bf16_to_nearest_ties_to_even) {
  EXPECT_EQ(to_bf16(1.0f), 0x3f80);
  EXPECT_EQ(to_bf16(-0.5f), 0xbf00);
  EXPECT_EQ(to_bf16(1.0f + 1.0f / 256), 0x3f80);          // half way, even below
  EXPECT_EQ(to_bf16(1.0f + 3.0f / 256), 0x3f82);          // half way, even above
  EXPECT_EQ(to_bf16(1.0f + 1.0f / 256 + 1e-6f), 0x3f81);  // past half way
  EXPECT_EQ(to_bf16(0.99999f), 0x3f80);                   // carries into the exponent
  EXPECT_EQ(from_bf16(0x3f81), 1.0078125f);
}

TEST(rounding, fp16_to_nearest_ties_to_even) {
  EXPECT_EQ(to_fp16(1.0f), 0x3c00);
  EXPECT_EQ(to_fp16(-2.0f), 0xc000);
  EXPECT_EQ(to_fp16(0.5f), 0x3800);
  EXPECT_EQ(to_fp16(1.0f + 1.0f / 2048), 0x3c00);
  EXPECT_EQ(to_fp16(1.0f + 3.0f / 2048), 0x3c02);
  EXPECT_EQ(to_fp16(0.99999f), 0x3c00);
  EXPECT_EQ(to_fp16(std::ldexp(1.0f, -14)), 0x0400);  // smallest normal
  EXPECT_EQ(to_fp16(std::ldexp(1.0f, -15)), 0x0000);  // below it: zero
  EXPECT_EQ(to_fp16(0.0f), 0x0000);
}

TEST(rounding, fp16_reads_back_every_kind) {
  EXPECT_EQ(from_fp16(0x3555), 0.333251953125f);
  EXPECT_EQ(from_fp16(0xc000), -2.0f);
  EXPECT_EQ(from_fp16(0x7bff), 65504.0f);
  EXPECT_EQ(from_fp16(0x0001), std::ldexp(1.0f, -24));
  EXPECT_EQ(from_fp16(0x8000), 0.0f);
  EXPECT_EQ(from_fp16(0xfc00), -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(from_fp16(0xffff)));  // the poison of unwritten results
}

TEST(rounding, tf32_keeps_ten_fraction_bits) {
  EXPECT_EQ(to_tf32(1.0f + std::ldexp(1.0f, -10)), 1.0f + std::ldexp(1.0f, -10));
  EXPECT_EQ(to_tf32(1.0f + std::ldexp(1.0f, -11)), 1.0f);
  EXPECT_EQ(to_tf32(1.0f + 3 * std::ldexp(1.0f, -11)), 1.0f + std::ldexp(1.0f, -9));
}

TEST(operands, stored_values_err_by_half_a_unit_at_most) {
  for (const storage type : {storage::fp64, storage::fp32, storage::tf32, storage::fp16, storage::bf16}) {
    double worst = 0;
    for (std::uint64_t i = 0; i < 20000; ++i) {
      const double exact = operand_value(1, i);
      if (std::abs(exact) < std::ldexp(1.0, -14)) continue;
      worst = std::max(worst, std::abs(stored_operand(type, 1, i) - exact) / std::abs(exact));
    }
    const double unit = std::ldexp(1.0, -significand_bits(type));
    // fp32 is on the way to the narrower types: the second rounding adds a trifle.
    EXPECT_LE(worst, unit * 1.001);
    if (type != storage::fp64) {
      EXPECT_GT(worst, unit * 0.9);
    }
  }
}

TEST(operands, narrow_ones_are_codes_with_their_scales) {
  for (std::uint64_t i = 0; i < 20000; ++i) {
    const double exact = operand_value(1, i);
    // Half a unit of 4 and of 3 bits, of the rounding to fp32 a trifle; e4m3's steps end at 2^-9 / 256.
    EXPECT_NEAR(stored_operand(storage::fp8_e4m3, 1, i), exact, std::abs(exact) / 16 * 1.001 + std::ldexp(1.0, -18));
    EXPECT_NEAR(stored_operand(storage::fp8_e5m2, 1, i), exact, std::abs(exact) / 8 * 1.001 + std::ldexp(1.0, -25));
    EXPECT_EQ(stored_operand(storage::int8, 1, i), std::floor(exact * 128));
  }
}

TEST(operands, int8_takes_every_value_evenly) {
  std::map<int, int> counts;
  constexpr int count = 256000;
  for (std::uint64_t i = 0; i < count; ++i) ++counts[static_cast<int>(stored_operand(storage::int8, 1, i))];
  EXPECT_EQ(counts.size(), 256u);
  EXPECT_EQ(counts.begin()->first, -128);
  EXPECT_EQ(counts.rbegin()->first, 127);
  for (const auto& [value, times] : counts) EXPECT_NEAR(times, 1000, 6 * std::sqrt(1000)) << value;
}

TEST(operands, fp4_pairs_hold_the_first_element_low) {
  for (std::uint64_t i = 0; i < 100; ++i) {
    EXPECT_EQ(operand_fp4_pair(2, i) & 0xf, operand_fp4(2, 2 * i));
    EXPECT_EQ(operand_fp4_pair(2, i) >> 4, operand_fp4(2, 2 * i + 1));
  }
}

TEST(operands, fp4_scales_differ_and_stay_between_a_half_and_one) {
  std::set<std::uint8_t> seen;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const float scale = from_narrow(e4m3(), operand_fp4_scale(1, i));
    EXPECT_GE(scale, 0.5f);
    EXPECT_LE(scale, 1.0f);
    seen.insert(operand_fp4_scale(1, i));
  }
  EXPECT_EQ(seen.size(), 9u);
}

TEST(operands, bytes_of_each_type) {
  EXPECT_EQ(bytes_of(storage::fp64), 8);
  EXPECT_EQ(bytes_of(storage::fp4, 6), 3);
  EXPECT_EQ(bytes_of(storage::int32, 2), 8);
  EXPECT_EQ(bytes_of(storage::fp8_e5m2), 1);
  EXPECT_EQ(bytes_of(storage::tf32), 4);
  EXPECT_EQ(bytes_of(storage::bf16), 2);
}

}  // namespace
}  // namespace gpubench::kernels
