#include "models/mixture_of_experts.hpp"

#include <gtest/gtest.h>

namespace gpubench::models {
namespace {

TEST(touched_experts, are_those_of_independent_picks) {
  EXPECT_NEAR(expected_touched_experts(8, 2, 1), 2, 1e-12);
  EXPECT_NEAR(expected_touched_experts(8, 2, 2), 8 * (1 - 0.75 * 0.75), 1e-12);
  EXPECT_NEAR(expected_touched_experts(256, 8, 4096), 256, 1e-9);
  EXPECT_EQ(expected_touched_experts(4, 4, 1), 4);
  EXPECT_EQ(expected_touched_experts(0, 0, 10), 0);
  EXPECT_EQ(expected_touched_experts(8, 2, 0), 0);
}

TEST(grouped_gemm, has_a_product_for_each_touched_expert) {
  // One token of two experts: two products of one row.
  EXPECT_EQ(grouped_gemm(8, 2, 1, 100, 50), (gemm{1, 100, 50, 2}));
  // 4096 tokens reach all eight: 1024 rows each.
  EXPECT_EQ(grouped_gemm(8, 2, 4096, 100, 50), (gemm{1024, 100, 50, 8}));
  // A quarter of the experts sees a quarter of the rows.
  EXPECT_EQ(grouped_gemm(8, 2, 4096, 100, 50, 0.25), (gemm{1024, 100, 50, 2}));
  // Less than one expert in the mean is still a product.
  EXPECT_EQ(grouped_gemm(256, 8, 1, 100, 50, 1.0 / 64), (gemm{1, 100, 50, 1}));
}

}  // namespace
}  // namespace gpubench::models
