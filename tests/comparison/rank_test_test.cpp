#include "comparison/rank_test.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace gpubench::comparison {
namespace {

using doubles = std::vector<double>;

// Permeability of chorioamnion, Hollander & Wolfe, Nonparametric Statistical Methods (1973), table 4.1: W = 90 for the
// second sample's complement, that is U = 35 of the first; one-sided P = 0.1272.
const doubles at_term{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
const doubles early{1.15, 0.88, 0.90, 0.74, 1.21};

TEST(mann_whitney, gives_the_published_p_of_the_permeability_data) {
  const auto test = mann_whitney(at_term, early);
  EXPECT_TRUE(test.exact);
  EXPECT_EQ(test.u, 35);
  EXPECT_NEAR(test.p, 2 * 0.1272, 1e-4);
}

// Table of Mann & Whitney (1947), m = n = 5: P(U <= 2) = .016, P(U <= 4) = .048.
TEST(mann_whitney, agrees_with_the_published_table_of_five_against_five) {
  const doubles one{1, 2, 3, 4, 8}, other{5, 6, 7, 9, 10};  // 8 is above 5, 6 and 7: U = 3
  EXPECT_EQ(mann_whitney(one, other).u, 3);
  EXPECT_NEAR(mann_whitney(one, other).p, 2 * 7.0 / 252, 1e-12);  // P(U <= 3) = .028
  const doubles lower{1, 2, 3, 4, 7};
  EXPECT_NEAR(mann_whitney(lower, {5, 6, 8, 9, 10}).p, 2 * 4.0 / 252, 1e-12);
}

TEST(mann_whitney, counts_ties_by_their_permutations) {
  // 1 1 2 | 2 3 3. All 20 choices of three of the six mid-ranks 1.5 1.5 3.5 3.5 5.5 5.5: {1.5 1.5 3.5} sums to 6.5 and
  // is the least, in 2 ways (either of the 3.5).
  const auto test = mann_whitney({1, 1, 2}, {2, 3, 3});
  EXPECT_EQ(test.u, 0.5);
  EXPECT_NEAR(test.p, 2 * 2.0 / 20, 1e-12);
}

TEST(mann_whitney, is_symmetric_and_ignores_units) {
  const auto forwards = mann_whitney(at_term, early), backwards = mann_whitney(early, at_term);
  EXPECT_DOUBLE_EQ(forwards.p, backwards.p);
  EXPECT_EQ(forwards.u + backwards.u, 50);
  doubles scaled = at_term, scaled_early = early;
  for (auto* list : {&scaled, &scaled_early})
    for (auto& x : *list) x = std::exp(x);
  EXPECT_DOUBLE_EQ(mann_whitney(scaled, scaled_early).p, forwards.p);
}

TEST(mann_whitney, uses_the_corrected_normal_distribution_for_many_values) {
  // 30 against 30, the second shifted by 10.5 places: no ties. U = sum over i of those below it.
  doubles one(30), other(30);
  std::iota(one.begin(), one.end(), 0);
  for (std::size_t i = 0; i < 30; ++i) other[i] = static_cast<double>(i) + 10.5;
  const auto test = mann_whitney(one, other);
  EXPECT_FALSE(test.exact);
  EXPECT_EQ(test.u, 19.0 * 20 / 2);  // 29 is above 19 of the others, 28 above 18, ..., 11 above 1
  const double z = (450 - 190 - 0.5) / std::sqrt(900.0 * 61 / 12);
  EXPECT_NEAR(test.p, std::erfc(z / std::sqrt(2.0)), 1e-12);
}

TEST(mann_whitney, exact_and_approximate_p_meet_where_they_change_over) {
  doubles one, other;
  for (int i = 0; i < 20; ++i) {
    one.push_back(i * 1.1);
    other.push_back(i * 1.1 + 5.05);
  }
  const auto exact = mann_whitney(one, other);
  ASSERT_TRUE(exact.exact);
  other.push_back(12.9);  // in the middle, so that it changes little
  const auto approximate = mann_whitney(one, other);
  ASSERT_FALSE(approximate.exact);
  EXPECT_NEAR(exact.p, approximate.p, 0.3 * exact.p);
}

TEST(mann_whitney, sees_no_difference_between_equal_values_or_without_values) {
  EXPECT_EQ(mann_whitney({3, 3, 3}, {3, 3, 3, 3}).p, 1);
  EXPECT_EQ(mann_whitney(doubles(40, 3), doubles(40, 3)).p, 1);
  EXPECT_EQ(mann_whitney({}, {1, 2}).p, 1);
}

TEST(smallest_rank_p, is_two_over_the_number_of_choices) {
  EXPECT_NEAR(smallest_rank_p(3, 3), 2.0 / 20, 1e-12);
  EXPECT_NEAR(smallest_rank_p(8, 8), 2.0 / 12870, 1e-12);
  EXPECT_EQ(smallest_rank_p(1, 1), 1);
}

TEST(hodges_lehmann, is_the_median_of_all_differences) {
  // Differences 4-1 6-1 4-2 6-2 4-6 6-6: -2 0 2 3 4 5.
  const auto estimate = hodges_lehmann({1, 2, 6}, {4, 6});
  EXPECT_EQ(estimate.shift, 2.5);
  EXPECT_FALSE(estimate.has_interval);
}

// Five against five: P(U <= 2) = 4/252 = .016 and P(U <= 3) = .028, so that at 95 % the third least difference is the
// end of the interval (Hollander & Wolfe, section 4.3, C = 3).
TEST(hodges_lehmann, takes_its_interval_from_the_rank_test) {
  const doubles one{0, 10, 20, 30, 40}, other{1, 12, 23, 34, 45};
  const auto estimate = hodges_lehmann(one, other);
  doubles differences;
  for (const double a : one)
    for (const double b : other) differences.push_back(b - a);
  std::sort(differences.begin(), differences.end());
  ASSERT_TRUE(estimate.has_interval);
  EXPECT_EQ(estimate.low, differences[2]);
  EXPECT_EQ(estimate.high, differences[22]);
  EXPECT_EQ(estimate.shift, differences[12]);
}

}  // namespace
}  // namespace gpubench::comparison
