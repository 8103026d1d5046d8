#include "predictor/estimate.hpp"

#include <gtest/gtest.h>

namespace gpubench::predictor {
namespace {

estimate of(double seconds, double low, double high, bound by = bound::compute, basis b = basis::calibrated) {
  return {seconds, low, high, b, by};
}

TEST(estimate, sums_intervals_linearly_and_takes_the_largest_part_s_bound_and_basis) {
  estimate_sum sum;
  sum.add(of(1, 0.5, 2, bound::compute, basis::measured), 3);
  sum.add(of(4, 3, 6, bound::memory, basis::data_sheet));
  const estimate total = sum.total();
  EXPECT_DOUBLE_EQ(total.seconds, 7);
  EXPECT_DOUBLE_EQ(total.low, 4.5);
  EXPECT_DOUBLE_EQ(total.high, 12);
  EXPECT_EQ(total.bound_by, bound::memory);
  EXPECT_EQ(total.basis, basis::data_sheet);
  EXPECT_DOUBLE_EQ(sum.share(bound::compute), 3.0 / 7);
}

TEST(estimate, probability_is_one_half_at_the_median_and_the_quantiles_at_the_interval_s_ends) {
  const estimate e = of(10, 5, 40);
  EXPECT_NEAR(probability_within(e, 10), 0.5, 1e-12);
  EXPECT_NEAR(probability_within(e, 40), 0.95, 1e-12);
  EXPECT_NEAR(probability_within(e, 5), 0.05, 1e-12);
  EXPECT_EQ(probability_within(e, 0), 0);
  EXPECT_EQ(probability_within(e, -1), 0);
}

TEST(estimate, a_duration_without_interval_is_certain) {
  EXPECT_EQ(probability_within(of(10, 10, 10), 9.99), 0);
  EXPECT_EQ(probability_within(of(10, 10, 10), 10), 1);
}

TEST(estimate, duration_at_confidence_inverts_the_probability) {
  const estimate e = of(10, 6, 25);
  EXPECT_NEAR(duration_at_confidence(e, 0.95), 25, 1e-6);
  EXPECT_NEAR(duration_at_confidence(e, 0.05), 6, 1e-6);
  for (const double p : {0.2, 0.5, 0.8, 0.99}) {
    EXPECT_NEAR(probability_within(e, duration_at_confidence(e, p)), p, 1e-9);
  }
}

}  // namespace
}  // namespace gpubench::predictor
