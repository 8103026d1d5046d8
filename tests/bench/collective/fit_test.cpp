#include "bench/collective/fit.hpp"

#include "bench/collective/peers.hpp"
#include "bench/collective/shape.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace gpubench::collective {
namespace {

std::vector<timed_size> sweep_of(const two_line_fit& truth, double noise) {
  std::mt19937_64 source(7);
  std::normal_distribution<double> deviation(0, noise);
  std::vector<timed_size> points;
  for (double bytes = 8; bytes <= 8.0 * (1u << 30); bytes *= 2)
    points.push_back({bytes, truth.ns(bytes) * std::exp(deviation(source))});
  return points;
}

const two_line_fit nvlink{{8e3, 20e9}, line{25e3, 200e9}, 1};

TEST(fit, two_lines_are_found_again) {
  const auto found = fit_two_lines(sweep_of(nvlink, 0));
  ASSERT_TRUE(found && found->large);
  EXPECT_NEAR(found->latency_ns() / 8e3, 1, 0.02);
  EXPECT_NEAR(found->small.bytes_per_second / 20e9, 1, 0.05);
  EXPECT_NEAR(found->bytes_per_second() / 200e9, 1, 0.02);
  EXPECT_NEAR(found->large->latency_ns / 25e3, 1, 0.1);
  EXPECT_LT(found->worst_factor, 1.05);
  // Where they meet: 17 us / (1/20 - 1/200 ns a byte).
  EXPECT_NEAR(found->crossover_bytes().value_or(0) / (17e3 / (0.05 - 0.005)), 1, 0.15);
}

TEST(fit, noise_of_five_percent_moves_the_answer_by_less_than_ten) {
  const auto found = fit_two_lines(sweep_of(nvlink, 0.05));
  ASSERT_TRUE(found && found->large);
  EXPECT_NEAR(found->latency_ns() / 8e3, 1, 0.1);
  EXPECT_NEAR(found->bytes_per_second() / 200e9, 1, 0.1);
}

TEST(fit, one_disturbed_size_does_not_bend_the_lines) {
  auto points = sweep_of(nvlink, 0);
  points[27].ns *= 3;
  const auto found = fit_two_lines(points);
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(found->latency_ns() / 8e3, 1, 0.05);
  EXPECT_NEAR(found->bytes_per_second() / 200e9, 1, 0.1);
  EXPECT_GT(found->worst_factor, 2.5);
}

TEST(fit, one_line_stays_one_line) {
  for (const double noise : {0.0, 0.02}) {
    const auto found = fit_two_lines(sweep_of({{5e3, 50e9}, std::nullopt, 1}, noise));
    ASSERT_TRUE(found.has_value());
    EXPECT_FALSE(found->large.has_value()) << noise;
    EXPECT_NEAR(found->latency_ns() / 5e3, 1, 0.03);
    EXPECT_NEAR(found->bytes_per_second() / 50e9, 1, 0.03);
  }
}

TEST(fit, times_that_do_not_grow_are_all_latency) {
  const auto found = fit_two_lines({{8, 1000}, {16, 1000}, {32, 1000}, {64, 1000}});
  ASSERT_TRUE(found.has_value());
  EXPECT_NEAR(found->latency_ns(), 1000, 1);
  EXPECT_NEAR(found->ns(64), 1000, 1);
}

TEST(fit, two_points_are_no_fit) {
  EXPECT_FALSE(fit_two_lines({{8, 1000}, {16, 1100}}).has_value());
  EXPECT_FALSE(fit_two_lines({{8, 1000}, {16, 1100}, {32, 0}}).has_value());
}

TEST(fit, times_that_start_below_zero_show_no_latency) {
  EXPECT_FALSE(fit_two_lines({{8, 10}, {16, 21}, {32, 44}, {64, 90}}).has_value());
}

TEST(peers, one_slow_rank_is_named) {
  const auto found = slow_peers({100, 101, 99, 100, 150, 102, 98, 100});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].index, 4u);
  EXPECT_NEAR(found[0].ratio, 1.5, 0.01);
}

TEST(peers, small_differences_and_wide_spreads_are_no_alarm) {
  EXPECT_TRUE(slow_peers({100, 100, 100, 105}).empty());
  EXPECT_TRUE(slow_peers({60, 80, 100, 120, 140, 150}).empty());
  EXPECT_TRUE(slow_peers({100, 300}).empty());
}

/// All pairs of `ranks` ranks, taking `ns` except as `slower` says.
std::vector<pair_time> pairs(int ranks, double (*time)(int, int)) {
  std::vector<pair_time> result;
  for (int a = 0; a < ranks; ++a) {
    for (int b = a + 1; b < ranks; ++b) result.push_back({a, b, time(a, b)});
  }
  return result;
}

TEST(peers, a_slow_pair_is_named_as_a_pair) {
  const auto found = compare_pairs(pairs(8, [](int a, int b) { return a == 2 && b == 5 ? 300.0 : 100.0 + a; }), 8);
  EXPECT_TRUE(found.slow_ranks.empty());
  ASSERT_EQ(found.slow_pairs.size(), 1u);
  EXPECT_EQ(found.slow_pairs[0].first, 2);
  EXPECT_EQ(found.slow_pairs[0].second, 5);
  ASSERT_TRUE(found.slowest.has_value());
  EXPECT_EQ(found.slowest->ns, 300);
}

TEST(peers, a_rank_slow_towards_all_is_named_and_its_pairs_are_not) {
  const auto found = compare_pairs(pairs(8, [](int a, int b) { return a == 3 || b == 3 ? 160.0 : 100.0; }), 8);
  ASSERT_EQ(found.slow_ranks.size(), 1u);
  EXPECT_EQ(found.slow_ranks[0], 3);
  EXPECT_TRUE(found.slow_pairs.empty());
}

TEST(peers, equal_pairs_give_no_alarm) {
  const auto found = compare_pairs(pairs(4, [](int a, int b) { return 100.0 + a + b; }), 4);
  EXPECT_TRUE(found.slow_ranks.empty());
  EXPECT_TRUE(found.slow_pairs.empty());
}

}  // namespace
}  // namespace gpubench::collective
