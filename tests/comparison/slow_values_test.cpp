#include "comparison/slow_values.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace gpubench::comparison {
namespace {

std::size_t below(const placed_values& placed, double p) {
  return static_cast<std::size_t>(
      std::count_if(placed.values.begin(), placed.values.end(), [&](const placed_value& v) { return v.p <= p; }));
}

TEST(slow_values, median_spread_and_modified_z_are_those_worked_by_hand) {
  // Median 3, absolute deviations 2 1 0 1 7, their median 1.
  const auto placed = place({1, 2, 3, 4, 10});
  EXPECT_DOUBLE_EQ(placed.median, 3);
  EXPECT_DOUBLE_EQ(placed.spread, 1.4826);
  EXPECT_NEAR(placed.values[4].modified_z.value(), 0.6745 * 7 / 1, 1e-3);
  EXPECT_DOUBLE_EQ(placed.values[0].excess, -2);
}

TEST(slow_values, the_chance_of_one_value_is_that_of_student_t_against_the_others) {
  // 1 2 3 4: mean 2.5, variance 5/3; (10 - 2.5) / sqrt(5/3 * 5/4) = 5.196 at 3 degrees: 0.00692 (tables of t), with the
  // share 6 / pi^2 of the level.
  const auto placed = place({1, 2, 3, 4, 10});
  EXPECT_NEAR(placed.values[4].p, 0.00692 / 0.6079, 1e-4);
  for (int i = 0; i < 4; ++i) EXPECT_GT(placed.values[static_cast<std::size_t>(i)].p, 0.5);
}

TEST(slow_values, fewer_than_half_that_are_slow_hide_each_other_no_more_than_two) {
  const auto three = place({0.00, 0.01, -0.01, 0.005, -0.004, 0.40, 0.41, 0.42});
  for (const std::size_t slow : {5U, 6U, 7U}) EXPECT_LT(three.values[slow].p, 1e-3);
  EXPECT_EQ(below(three, 1e-3), 3U);
}

// Rosner (1983), table 1; NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.17.3: of these 54 values three are
// outliers, by the third step, where R = 3.179 of 52 values, which is t = 3.558 at 50 degrees: 4.2e-4 on one side.
TEST(slow_values, the_published_example_of_rosner_is_decided_by_its_third_step) {
  const std::vector<double> rosner{-0.25, 0.68, 0.94, 1.15, 1.20, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49, 1.49, 1.55, 1.56,
                                   1.58,  1.65, 1.69, 1.70, 1.76, 1.77, 1.81, 1.91, 1.94, 1.96, 1.99, 2.06, 2.09, 2.10,
                                   2.14,  2.15, 2.23, 2.24, 2.26, 2.35, 2.37, 2.40, 2.47, 2.54, 2.62, 2.64, 2.90, 2.92,
                                   2.92,  2.93, 3.21, 3.26, 3.30, 3.59, 3.68, 4.30, 4.64, 5.34, 5.42, 6.01};
  const auto placed = place(rosner);
  const double third_share = 6 / (9 * 9.8696);
  for (const std::size_t outlier : {51U, 52U}) EXPECT_NEAR(placed.values[outlier].p * third_share, 4.2e-4, 0.1e-4);
  EXPECT_LE(placed.values[53].p, placed.values[52].p);
  EXPECT_GT(placed.values[50].p * third_share, 5 * 4.2e-4);
}

TEST(slow_values, two_slow_ones_do_not_hide_each_other_and_a_fast_one_is_not_slow) {
  const auto two = place({0.00, 0.01, -0.01, 0.005, -0.004, 0.007, 0.20, 0.21});
  EXPECT_LT(two.values[6].p, 1e-4);
  EXPECT_LT(two.values[7].p, 1e-4);
  const auto fast = place({0.00, 0.01, -0.01, 0.005, -0.004, 0.007, 0.003, -0.20});
  EXPECT_EQ(fast.values[7].p, 1);
  EXPECT_EQ(below(fast, 1e-3), 0U);
}

TEST(slow_values, fewer_than_four_peers_tell_nothing) {
  const auto placed = place({0, 0.001, -0.001, 5});
  EXPECT_EQ(below(placed, 0.999), 0U);
  EXPECT_TRUE(place({}).values.empty());
}

TEST(slow_values, peers_without_spread_make_any_difference_certain_and_no_z) {
  const auto placed = place({1, 1, 1, 1, 1.1});
  EXPECT_FALSE(placed.values[4].modified_z);
  EXPECT_EQ(placed.values[4].p, 0);
  const auto same = place({1, 1, 1, 1, 1});
  EXPECT_EQ(below(same, 0.999), 0U);
}

// Where all values come from one distribution, the chance that any of n is called at level a / n is about a.
TEST(slow_values, false_alarms_keep_to_the_level_for_few_and_many_values) {
  std::mt19937_64 random(7);
  std::normal_distribution<double> noise(0, 0.01);
  constexpr int trials = 4000;
  constexpr double level = 0.05;
  for (const std::size_t n : {5U, 8U, 16U, 64U}) {
    int alarms = 0;
    for (int i = 0; i < trials; ++i) {
      std::vector<double> values(n);
      for (double& value : values) value = noise(random);
      alarms += below(place(values), level / static_cast<double>(n)) > 0 ? 1 : 0;
    }
    const double share = static_cast<double>(alarms) / trials;
    EXPECT_LT(share, 1.2 * level) << n;
    EXPECT_GT(share, 0.3 * level) << n;
  }
}

}  // namespace
}  // namespace gpubench::comparison
