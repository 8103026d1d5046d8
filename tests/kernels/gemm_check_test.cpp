#include "kernels/gemm_check.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace gpubench::kernels {
namespace {

constexpr storage all_types[] = {storage::fp64, storage::fp32,     storage::tf32,     storage::fp16, storage::bf16,
                                 storage::int8, storage::fp8_e4m3, storage::fp8_e5m2, storage::fp4};

/// The products that an entry is the sum of.
std::vector<double> products_of(const gemm_shape& shape, const gemm_entry& entry, bool cut_to_tf32 = false) {
  std::vector<double> products;
  for (std::int64_t p = 0; p < shape.k; ++p) {
    double a = stored_operand(shape.type, gemm_operand_a, place_in_a(shape, entry, p));
    double b = stored_operand(type_of_b(shape.type), gemm_operand_b, place_in_b(shape, entry, p));
    if (cut_to_tf32) {
      a = to_tf32(static_cast<float>(a));
      b = to_tf32(static_cast<float>(b));
    }
    products.push_back(a * b);
  }
  return products;
}

/// As fp8 tensor cores of Ada and Hopper add: the sum so far and 32 products, aligned to the largest of them and cut
/// off 13 bits behind its leading one.
double narrow_sum(const std::vector<double>& products) {
  constexpr std::size_t group = 32;
  constexpr int bits_kept = 13;
  double sum = 0;
  for (std::size_t start = 0; start < products.size(); start += group) {
    const std::size_t end = std::min(products.size(), start + group);
    double largest = std::abs(sum);
    for (std::size_t i = start; i < end; ++i) largest = std::max(largest, std::abs(products[i]));
    if (largest == 0) continue;
    const double unit = std::ldexp(1.0, std::ilogb(largest) - bits_kept);
    double units = std::trunc(sum / unit);
    for (std::size_t i = start; i < end; ++i) units += std::trunc(products[i] / unit);
    sum = units * unit;
  }
  return sum;
}

/// A sum as the type's unit stores it: in fp64, int32, or fp32 and rounded to the output's type.
double computed_sum(storage type, const std::vector<double>& products) {
  double wide = 0;
  float narrow = 0;
  for (const double product : products) {
    wide += product;
    narrow = static_cast<float>(narrow + product);
  }
  if (is_fp8(type)) narrow = static_cast<float>(narrow_sum(products));
  switch (type_of_c(type)) {
    case storage::fp64:
    case storage::int32:
      return wide;
    case storage::fp16:
      // to_fp16 takes what operands are, up to 2; scaling by a power of two is exact.
      return std::abs(narrow) < 1 ? from_fp16(to_fp16(narrow)) : from_fp16(to_fp16(narrow / 256)) * 256.0;
    case storage::bf16:
      return from_bf16(to_bf16(narrow));
    default:
      return narrow;
  }
}

/// One entry as a careful device computes it.
double computed_entry(const gemm_shape& shape, std::int64_t row, std::int64_t column, std::int64_t leave_out = -1,
                      bool cut_to_tf32 = false) {
  auto products = products_of(shape, {row, column, 0}, cut_to_tf32);
  if (leave_out >= 0) products[static_cast<std::size_t>(leave_out)] = 0;
  return computed_sum(shape.type, products);
}

TEST(gemm_check, reference_is_the_dot_product) {
  const gemm_shape shape{storage::fp64, 2, 3, 2};
  const double expected = operand_value(1, 2) * operand_value(2, 2) + operand_value(1, 3) * operand_value(2, 5);
  EXPECT_NEAR(reference_entry(shape, {1, 2, 0}).value, expected, 1e-15);
}

TEST(gemm_check, places_follow_layout_and_batch) {
  gemm_shape shape{storage::bf16, 2, 3, 4, 5, false};
  EXPECT_EQ(place_in_a(shape, {1, 2, 3}, 3), 3u * 8 + 1 * 4 + 3);
  EXPECT_EQ(place_in_b(shape, {1, 2, 3}, 3), 3u * 12 + 3 * 3 + 2);
  EXPECT_EQ(place_in_c(shape, {1, 2, 3}), 3u * 6 + 1 * 3 + 2);
  shape.b_transposed = true;
  EXPECT_EQ(place_in_b(shape, {1, 2, 3}, 3), 3u * 12 + 2 * 4 + 3);
}

TEST(gemm_check, right_entries_stay_within_the_bound) {
  for (const storage type : all_types) {
    for (const std::int64_t k : {32, 64, 1024, 8192}) {
      const gemm_shape shape{type, 40, 40, k, 1, bits_of(type) <= 8};
      for (std::int64_t i = 0; i < 40; ++i) {
        EXPECT_LE(gemm_entry_error(shape, {i, 39 - i, 0}, computed_entry(shape, i, 39 - i)), 1)
            << int(type) << " k=" << k;
      }
    }
  }
}

TEST(gemm_check, a_product_left_out_is_noticed) {
  for (const storage type : {storage::fp64, storage::fp32, storage::tf32}) {
    const gemm_shape shape{type, 40, 40, 8192};
    int noticed = 0;
    for (std::int64_t i = 0; i < 40; ++i) {
      noticed += gemm_entry_error(shape, {i, i, 0}, computed_entry(shape, i, i, 4000 + i)) > 1;
    }
    EXPECT_GE(noticed, 35) << int(type);  // a product can be as small as the bound, now and then
  }
}

TEST(gemm_check, integers_are_exact_to_the_unit) {
  const gemm_shape shape{storage::int8, 40, 40, 1024, 1, true};
  const double right = reference_entry(shape, {3, 4, 0}).value;
  EXPECT_EQ(right, std::trunc(right));
  EXPECT_EQ(gemm_entry_error(shape, {3, 4, 0}, right), 0);
  EXPECT_GT(gemm_entry_error(shape, {3, 4, 0}, right + 1), 1);
}

TEST(gemm_check, fp8_sums_of_tensor_cores_stay_below_three_quarters_of_the_bound) {
  for (const storage type : {storage::fp8_e4m3, storage::fp8_e5m2}) {
    for (const std::int64_t k : {1024, 8192, 28672}) {
      const gemm_shape shape{type, 40, 40, k, 1, true};
      for (std::int64_t i = 0; i < 40; ++i) {
        // Apart from the rounding to bf16, which may take its whole share of the bound.
        const double sum = narrow_sum(products_of(shape, {i, 39 - i, 0}));
        EXPECT_LE(gemm_entry_error(shape, {i, 39 - i, 0}, sum), 0.75) << int(type) << " k=" << k;
      }
    }
  }
}

TEST(gemm_check, a_dropped_block_is_noticed_among_64_entries) {
  for (const storage type :
       {storage::fp16, storage::bf16, storage::int8, storage::fp4, storage::fp8_e4m3, storage::fp8_e5m2}) {
    for (const std::int64_t k : {1024, 8192, 16384}) {
      const gemm_shape shape{type, 64, 64, k, 1, bits_of(type) <= 8};
      int noticed = 0;
      for (std::int64_t i = 0; i < 64; ++i) {
        auto products = products_of(shape, {i, i, 0});
        for (std::size_t p = 0; p < 64; ++p) products[products.size() / 2 + p] = 0;
        noticed += gemm_entry_error(shape, {i, i, 0}, computed_sum(type, products)) > 1;
      }
      EXPECT_GE(noticed, 8) << int(type) << " k=" << k;
    }
  }
}

TEST(gemm_check, a_wrong_scale_is_noticed) {
  for (const storage type : {storage::fp8_e4m3, storage::fp8_e5m2, storage::fp4}) {
    const gemm_shape shape{type, 64, 64, 4096, 1, true};
    int forgotten = 0;
    int misplaced = 0;
    for (std::int64_t i = 0; i < 64; ++i) {
      const auto products = products_of(shape, {i, i, 0});
      const double right = computed_sum(type, products);
      forgotten += gemm_entry_error(shape, {i, i, 0}, 1.25 * right) > 1;
      // Block scales of A of the row below.
      auto moved = products;
      for (std::int64_t p = 0; p < shape.k; ++p) {
        const auto block = place_in_a(shape, {i, i, 0}, p) / fp4_block;
        const auto below = place_in_a(shape, {i + 1, i, 0}, p) / fp4_block;
        moved[static_cast<std::size_t>(p)] *=
            static_cast<double>(from_narrow(e4m3(), operand_fp4_scale(gemm_operand_a, below))) /
            from_narrow(e4m3(), operand_fp4_scale(gemm_operand_a, block));
      }
      misplaced += gemm_entry_error(shape, {i, i, 0}, computed_sum(type, moved)) > 1;
    }
    EXPECT_GE(forgotten, 40) << int(type);
    if (type == storage::fp4) {
      EXPECT_GE(misplaced, 50);
    }
  }
}

TEST(gemm_check, the_other_layout_of_b_is_noticed) {
  for (const storage type : all_types) {
    const gemm_shape right{type, 64, 64, 64, 1, true};
    const gemm_shape wrong{type, 64, 64, 64, 1, false};
    int noticed = 0;
    for (std::int64_t i = 0; i < 64; ++i) {
      const gemm_entry entry{i, (i + 7) % 64, 0};
      noticed += gemm_entry_error(right, entry, computed_sum(type, products_of(wrong, entry))) > 1;
    }
    EXPECT_GE(noticed, 60) << int(type);
  }
}

TEST(gemm_check, tf32_does_not_pass_for_fp32) {
  const gemm_shape shape{storage::fp32, 64, 64, 8192};
  double worst = 0;
  for (std::int64_t i = 0; i < 64; ++i) {
    worst = std::max(worst, gemm_entry_error(shape, {i, i, 0}, computed_entry(shape, i, i, -1, true)));
  }
  EXPECT_GT(worst, 1);
}

TEST(gemm_check, an_unwritten_entry_fails) {
  const gemm_shape shape{storage::fp32, 4, 4, 16};
  const double error = gemm_entry_error(shape, {0, 0, 0}, std::numeric_limits<double>::quiet_NaN());
  EXPECT_FALSE(error <= 1);
}

TEST(gemm_check, a_transposed_operand_is_noticed) {
  const gemm_shape shape{storage::fp64, 16, 16, 16};
  EXPECT_GT(gemm_entry_error(shape, {3, 7, 0}, reference_entry(shape, {7, 3, 0}).value), 1);
}

}  // namespace
}  // namespace gpubench::kernels
