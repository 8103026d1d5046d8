#include "core/statistics.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace gpubench {
namespace {

// 1, 2, ..., n: a value is its own rank.
std::vector<double> ranks(int n) {
  std::vector<double> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), 1.0);
  return values;
}

void expect_ranks(int n, double low, double high) {
  const auto found = median_confidence_interval(ranks(n));
  ASSERT_TRUE(found) << n;
  EXPECT_EQ(found->low, low) << n;
  EXPECT_EQ(found->high, high) << n;
}

// Tables of the binomial distribution with p = 1/2: the largest r with P(X < r) <= 0.025.
TEST(median_confidence_interval, takes_the_ranks_of_the_binomial_tables) {
  expect_ranks(6, 1, 6);      // P(X<=0) = 0.0156, P(X<=1) = 0.109
  expect_ranks(8, 1, 8);      // P(X<=0) = 0.0039, P(X<=1) = 0.0352
  expect_ranks(9, 2, 8);      // P(X<=1) = 0.0195
  expect_ranks(10, 2, 9);     // P(X<=1) = 0.0107, P(X<=2) = 0.0547
  expect_ranks(20, 6, 15);    // P(X<=5) = 0.0207, P(X<=6) = 0.0577
  expect_ranks(25, 8, 18);    // P(X<=7) = 0.0216, P(X<=8) = 0.0539
  expect_ranks(100, 40, 61);  // P(X<=39) = 0.0176, P(X<=40) = 0.0284
}

TEST(median_confidence_interval, needs_six_samples_for_95_percent) {
  for (int n = 0; n <= 5; ++n) EXPECT_FALSE(median_confidence_interval(ranks(n))) << n;
  EXPECT_TRUE(median_confidence_interval(ranks(5), 0.90));
}

// Normal approximation: r is near n/2 - 1.96 * sqrt(n)/2; 2^-n itself would underflow.
TEST(median_confidence_interval, holds_for_many_samples) {
  const auto found = median_confidence_interval(ranks(100000));
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->low, 50000 - 309.9, 2);
  EXPECT_EQ(found->low + found->high, 100001);
}

TEST(sorted_quantile, interpolates_linearly_between_order_statistics) {
  const std::vector<double> values{10, 20, 40, 80};  // positions 0, 1/3, 2/3, 1
  EXPECT_DOUBLE_EQ(sorted_quantile(values, 0), 10);
  EXPECT_DOUBLE_EQ(sorted_quantile(values, 0.25), 17.5);
  EXPECT_DOUBLE_EQ(sorted_quantile(values, 0.5), 30);
  EXPECT_DOUBLE_EQ(sorted_quantile(values, 0.9), 68);
  EXPECT_DOUBLE_EQ(sorted_quantile(values, 1), 80);
  EXPECT_DOUBLE_EQ(sorted_quantile({7}, 0.3), 7);
}

TEST(summarize, agrees_with_a_computation_by_hand) {
  const auto s = summarize({4, 2, 9, 4, 5, 7, 5, 4});  // mean 5, squared deviations sum to 32
  EXPECT_EQ(s.n, 8U);
  EXPECT_DOUBLE_EQ(s.median, 4.5);
  EXPECT_DOUBLE_EQ(s.mean, 5);
  EXPECT_DOUBLE_EQ(s.min, 2);
  EXPECT_DOUBLE_EQ(s.max, 9);
  EXPECT_DOUBLE_EQ(*s.stddev, std::sqrt(32.0 / 7));
  EXPECT_DOUBLE_EQ(s.p5, 2.7);  // position 0.35 between 2 and 4
  EXPECT_DOUBLE_EQ(s.p95, 8.3);
  ASSERT_TRUE(s.median_interval);
  EXPECT_EQ(s.median_interval->low, 2);
  EXPECT_EQ(s.median_interval->high, 9);
}

TEST(summarize, knows_no_spread_of_one_sample) {
  const auto s = summarize({3});
  EXPECT_EQ(s.median, 3);
  EXPECT_EQ(s.p5, 3);
  EXPECT_FALSE(s.stddev);
  EXPECT_FALSE(s.median_interval);
}

TEST(summarize, refuses_what_has_no_statistics) {
  EXPECT_THROW(summarize({}), error);
  EXPECT_THROW(summarize({1, std::numeric_limits<double>::quiet_NaN()}), error);
  EXPECT_THROW(summarize({1, std::numeric_limits<double>::infinity()}), error);
}

TEST(normal_cdf, matches_the_table) {
  EXPECT_DOUBLE_EQ(normal_cdf(0), 0.5);
  EXPECT_NEAR(normal_cdf(1.96), 0.9750021, 1e-7);
  EXPECT_NEAR(normal_cdf(-1), 0.1586553, 1e-7);
}

}  // namespace
}  // namespace gpubench
