#include "kernels/gemm_check.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace gpubench::kernels {
namespace {

constexpr storage all_types[] = {storage::fp64, storage::fp32, storage::tf32, storage::fp16, storage::bf16};

/// One entry as a careful device computes it: products of the stored operands, summed in fp32 (fp64 in fp64), rounded
/// to the output's type.
double computed_entry(const gemm_shape& shape, std::int64_t row, std::int64_t column, std::int64_t leave_out = -1,
                      bool cut_to_tf32 = false) {
  double wide = 0;
  float narrow = 0;
  for (std::int64_t p = 0; p < shape.k; ++p) {
    if (p == leave_out) continue;
    double a = stored_operand(shape.type, gemm_operand_a, static_cast<std::uint64_t>(row * shape.k + p));
    double b = stored_operand(shape.type, gemm_operand_b, static_cast<std::uint64_t>(p * shape.n + column));
    if (cut_to_tf32) {
      a = to_tf32(static_cast<float>(a));
      b = to_tf32(static_cast<float>(b));
    }
    wide += a * b;
    narrow = static_cast<float>(narrow + a * b);
  }
  switch (shape.type) {
    case storage::fp64:
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

TEST(gemm_check, reference_is_the_dot_product) {
  const gemm_shape shape{storage::fp64, 2, 3, 2};
  const double expected = operand_value(1, 2) * operand_value(2, 2) + operand_value(1, 3) * operand_value(2, 5);
  EXPECT_NEAR(reference_entry(shape, 1, 2).value, expected, 1e-15);
}

TEST(gemm_check, right_entries_stay_within_the_bound) {
  for (const storage type : all_types) {
    for (const std::int64_t k : {1, 64, 1000, 8192}) {
      const gemm_shape shape{type, 40, 40, k};
      for (std::int64_t i = 0; i < 40; ++i) {
        EXPECT_LE(gemm_entry_error(shape, i, 39 - i, computed_entry(shape, i, 39 - i)), 1) << int(type) << " k=" << k;
      }
    }
  }
}

TEST(gemm_check, a_product_left_out_is_noticed) {
  for (const storage type : {storage::fp64, storage::fp32, storage::tf32}) {
    const gemm_shape shape{type, 40, 40, 8192};
    int noticed = 0;
    for (std::int64_t i = 0; i < 40; ++i) {
      noticed += gemm_entry_error(shape, i, i, computed_entry(shape, i, i, 4000 + i)) > 1;
    }
    EXPECT_GE(noticed, 35) << int(type);  // a product can be as small as the bound, now and then
  }
}

TEST(gemm_check, a_dropped_block_is_noticed_in_half_precision) {
  for (const storage type : {storage::fp16, storage::bf16}) {
    const gemm_shape shape{type, 40, 40, 8192};
    int noticed = 0;
    for (std::int64_t i = 0; i < 40; ++i) {
      const gemm_shape half{type, 40, 40, 8192 - 64};
      double without = 0;
      for (std::int64_t p = 0; p < half.k; ++p) {
        without += stored_operand(type, 1, static_cast<std::uint64_t>(i * shape.k + p)) *
                   stored_operand(type, 2, static_cast<std::uint64_t>(p * shape.n + i));
      }
      noticed += gemm_entry_error(shape, i, i, without) > 1;
    }
    EXPECT_GE(noticed, 35) << int(type);
  }
}

TEST(gemm_check, tf32_does_not_pass_for_fp32) {
  const gemm_shape shape{storage::fp32, 64, 64, 8192};
  double worst = 0;
  for (std::int64_t i = 0; i < 64; ++i) {
    worst = std::max(worst, gemm_entry_error(shape, i, i, computed_entry(shape, i, i, -1, true)));
  }
  EXPECT_GT(worst, 1);
}

TEST(gemm_check, an_unwritten_entry_fails) {
  const gemm_shape shape{storage::fp32, 4, 4, 16};
  const double error = gemm_entry_error(shape, 0, 0, std::numeric_limits<double>::quiet_NaN());
  EXPECT_FALSE(error <= 1);
}

TEST(gemm_check, a_transposed_operand_is_noticed) {
  const gemm_shape shape{storage::fp64, 16, 16, 16};
  EXPECT_GT(gemm_entry_error(shape, 3, 7, reference_entry(shape, 7, 3).value), 1);
}

}  // namespace
}  // namespace gpubench::kernels
