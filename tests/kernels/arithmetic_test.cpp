#include "kernels/arithmetic.hpp"

#include "kernels/arithmetic_check.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace gpubench::kernels {
namespace {

constexpr arithmetic_type all_types[] = {arithmetic_type::fp64, arithmetic_type::fp32, arithmetic_type::fp16,
                                         arithmetic_type::bf16, arithmetic_type::int32};

/// Whether more than nine in ten of all chains satisfy something.
template <class Question>
bool nearly_all(const Question& holds) {
  int count = 0;
  for (int lane = 0; lane < arithmetic_distinct_lanes; ++lane) {
    for (int chain = 0; chain < arithmetic_chains; ++chain) count += holds(lane, chain) ? 1 : 0;
  }
  return count * 10 > arithmetic_distinct_lanes * arithmetic_chains * 9;
}

TEST(digest, follows_its_formula_and_notices_order) {
  constexpr std::uint64_t factor = 0x9e3779b97f4a7c15ULL;
  EXPECT_EQ(fold(5, 7), 12 * factor);
  EXPECT_NE(fold(fold(digest_start, 1), 2), fold(fold(digest_start, 2), 1));
  EXPECT_NE(fold(digest_start, 0), digest_start);
}

TEST(arithmetic, rounding_is_ieee_to_nearest_even) {
  EXPECT_EQ(rounded(1 + std::ldexp(1.0, -11), 11, -14), 1);                            // half way, even below
  EXPECT_EQ(rounded(1 + 3 * std::ldexp(1.0, -11), 11, -14), 1 + std::ldexp(1.0, -9));  // half way, even above
  EXPECT_EQ(rounded(-1.999999, 8, -126), -2);
  EXPECT_EQ(rounded(std::ldexp(1.4, -24), 11, -14), std::ldexp(1.0, -24));  // subnormal: steps of 2^-24
  EXPECT_EQ(rounded(std::ldexp(5.0, -20), 11, -14), std::ldexp(5.0, -20));
  // Every float of 11 bits rounds as to_fp16 rounds it.
  for (std::uint64_t i = 0; i < 10000; ++i) {
    const auto value = static_cast<float>(operand_value(1, i));
    if (std::abs(value) < std::ldexp(1.0, -14)) continue;
    ASSERT_EQ(rounded(value, 11, -14), from_fp16(to_fp16(value)));
    ASSERT_EQ(rounded(value, 8, -126), from_bf16(to_bf16(value)));
  }
}

TEST(arithmetic, subnormal_fp16_keeps_its_bits) {
  EXPECT_EQ(half_bits(arithmetic_type::fp16, std::ldexp(3.0, -24)), 3u);
  EXPECT_EQ(half_bits(arithmetic_type::fp16, -std::ldexp(3.0, -24)), 0x8003u);
  for (std::uint16_t bits = 1; bits < 0x400; ++bits) {
    ASSERT_EQ(half_bits(arithmetic_type::fp16, from_fp16(bits)), bits);
  }
}

TEST(arithmetic, floating_point_chains_stay_within_two) {
  for (const auto type : {arithmetic_type::fp16, arithmetic_type::bf16}) {
    for (int lane = 0; lane < arithmetic_distinct_lanes; ++lane) {
      for (int chain = 0; chain < arithmetic_chains; ++chain) {
        double x = half_value(type, chain_start(type, lane, chain) & 0xffff);
        const double c = half_value(type, chain_constant(type, lane, chain) & 0xffff);
        ASSERT_GE(c, -1.94);
        ASSERT_LE(c, -1.86);
        for (int i = 0; i < 20000; ++i) {
          x = half_link(type, x, c);
          ASSERT_LE(std::abs(x), 2) << lane << ' ' << chain << ' ' << i;
        }
      }
    }
  }
  for (int chain = 0; chain < arithmetic_chains; ++chain) {
    const std::uint64_t end = chain_end(arithmetic_type::fp64, 0, chain, 100000);
    double x = 0;
    memcpy(&x, &end, sizeof x);
    EXPECT_LE(std::abs(x), 2);
  }
}

TEST(arithmetic, hand_computed_links) {
  // fp16 exactly: 1.5 * 1.5 - 1.75 = 0.5; rounded: (1 + 2^-10)^2 - 1.75 = -0.75 + 2^-9 + 2^-20, step 2^-11 there.
  EXPECT_EQ(half_link(arithmetic_type::fp16, 1.5, -1.75), 0.5);
  EXPECT_EQ(half_link(arithmetic_type::fp16, 1 + std::ldexp(1.0, -10), -1.75), -0.75 + std::ldexp(1.0, -9));
  // A product rounded before the sum would be 1 + 2^-6 + 2^-7 here, and the result other: single rounding.
  const double x = 1 + std::ldexp(1.0, -7);
  EXPECT_EQ(half_link(arithmetic_type::bf16, x, -1 - std::ldexp(1.0, -6)), std::ldexp(1.0, -14));
}

TEST(arithmetic, integers_take_the_closed_form_of_one_link_after_another) {
  for (const std::uint64_t steps : {0u, 1u, 2u, 255u, 1000u}) {
    std::uint32_t x = 12345;
    for (std::uint64_t i = 0; i < steps; ++i) x = 1664525u * x + 1013904223u;
    EXPECT_EQ(integer_chain_end(12345, 1664525u, 1013904223u, steps), x) << steps;
  }
  EXPECT_EQ(integer_chain_end(7, chain_factor(3), 99, std::uint64_t{1} << 32), 7u) << "the period is 2^32";
}

TEST(arithmetic, missing_links_are_noticed) {
  for (const auto type : all_types) {
    const std::uint64_t steps = std::uint64_t{4} * arithmetic_steps;
    for (const std::uint64_t missing : {1, 2, 4, 8, arithmetic_unrolled, arithmetic_steps}) {
      // bf16 has few values, and so short cycles in some chains; each digest has eight chains.
      int differ = 0;
      for (int lane = 0; lane < arithmetic_distinct_lanes; ++lane) {
        bool any = false;
        for (int chain = 0; chain < arithmetic_chains; ++chain) {
          any = any || chain_end(type, lane, chain, steps) != chain_end(type, lane, chain, steps - missing);
        }
        differ += any ? 1 : 0;
      }
      EXPECT_EQ(differ, arithmetic_distinct_lanes) << static_cast<int>(type) << " without " << missing;
    }
  }
}

TEST(arithmetic, one_wrong_bit_changes_the_end) {
  // Bits that the first sum does not round away even where x x is small.
  EXPECT_TRUE(nearly_all([](int lane, int chain) {
    const std::uint64_t start = chain_start(arithmetic_type::fp64, lane, chain);
    const std::uint64_t constant = chain_constant(arithmetic_type::fp64, lane, chain);
    return float_chain_end<double>(arithmetic_type::fp64, start, constant, 256) !=
           float_chain_end<double>(arithmetic_type::fp64, start ^ 1u << 20, constant, 256);
  }));
  EXPECT_TRUE(nearly_all([](int lane, int chain) {
    const std::uint64_t start = chain_start(arithmetic_type::fp32, lane, chain);
    const std::uint64_t constant = chain_constant(arithmetic_type::fp32, lane, chain);
    return float_chain_end<float>(arithmetic_type::fp32, start, constant, 256) !=
           float_chain_end<float>(arithmetic_type::fp32, start ^ 1u << 8, constant, 256);
  }));
}

TEST(arithmetic, operands_keep_changing) {
  // After a thousand links the next 64 still hold many different values.
  for (const auto type : all_types) {
    const std::size_t least = type == arithmetic_type::bf16 ? 3 : type == arithmetic_type::fp16 ? 10 : 60;
    EXPECT_TRUE(nearly_all([&](int lane, int chain) {
      std::set<std::uint64_t> seen;
      for (std::uint64_t i = 0; i < 64; ++i) seen.insert(chain_end(type, lane, chain, 1000 + i));
      return seen.size() >= least;
    })) << static_cast<int>(type);
  }
}

TEST(arithmetic, chains_and_lanes_differ) {
  for (const auto type : {arithmetic_type::fp64, arithmetic_type::fp32, arithmetic_type::int32}) {
    std::set<std::uint64_t> starts;
    for (int lane = 0; lane < 32; ++lane) {
      for (int chain = 0; chain < arithmetic_chains; ++chain) starts.insert(chain_start(type, lane, chain));
    }
    EXPECT_EQ(starts.size(), static_cast<std::size_t>(arithmetic_distinct_lanes * arithmetic_chains));
  }
  const auto digests = expected_arithmetic_digests(arithmetic_type::fp16, 2);
  EXPECT_EQ(std::set<std::uint64_t>(digests.begin(), digests.end()).size(), 8u);
}

TEST(arithmetic, work_of_a_block_by_hand) {
  // 256 threads, 8 chains, 256 links; pairs count twice.
  EXPECT_EQ(arithmetic_block_fma(arithmetic_type::fp32), 524288);
  EXPECT_EQ(arithmetic_block_fma(arithmetic_type::bf16), 1048576);
}

}  // namespace
}  // namespace gpubench::kernels
