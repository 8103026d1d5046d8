#include "capacity/demand.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "capacity/demand_pattern.hpp"

namespace gpubench::capacity {
namespace {

double mean(const demand_series& demand, std::size_t from, std::size_t steps) {
  const auto begin = demand.begin() + static_cast<std::ptrdiff_t>(from);
  return std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(steps), 0.0) / static_cast<double>(steps);
}

demand_pattern pattern() {
  demand_pattern p;
  p.mean_units_per_second = 100;
  return p;
}

TEST(demand_pattern, has_the_mean_swing_peak_and_week_asked_for) {
  const auto demand = generate(pattern(), 2 * steps_per_week);
  EXPECT_NEAR(mean(demand, 0, steps_per_week), 100, 1e-9);
  const double weekday = mean(demand, 0, steps_per_day);
  EXPECT_NEAR(mean(demand, 5 * steps_per_day, steps_per_day) / weekday, 0.6, 1e-12);
  const auto peak = std::max_element(demand.begin(), demand.begin() + steps_per_day);
  EXPECT_NEAR(*peak / weekday, 1.5, 1e-5);
  EXPECT_NEAR(static_cast<double>(peak - demand.begin()) / steps_per_hour, 15, 0.02);
}

TEST(demand_pattern, grows_by_the_month) {
  auto p = pattern();
  p.growth_per_month = 0.1;
  p.daily_swing = 0;
  p.weekend_factor = 1;
  const auto demand = generate(p, steps_per_year);
  EXPECT_NEAR(demand[steps_per_month] / demand[0], 1.1, 1e-9);
  EXPECT_NEAR(demand[11 * steps_per_month] / demand[0], std::pow(1.1, 11), 1e-8);
}

TEST(demand_pattern, has_as_many_bursts_as_asked_for_on_average) {
  auto p = pattern();
  p.daily_swing = 0;
  p.weekend_factor = 1;
  p.bursts_per_day = 2;
  p.burst_factor = 4;
  p.burst_seconds = 900;
  // A minute lies in a burst with 1 - exp(-2 * 900 / 86400) = 2.06 %; a burst adds three times the demand.
  const auto demand = generate(p, steps_per_year);
  EXPECT_NEAR(mean(demand, 0, steps_per_year) / 100, 1 + 3 * (1 - std::exp(-2 * 900.0 / 86400)), 0.01);
  EXPECT_NEAR(*std::max_element(demand.begin(), demand.end()), 400, 1e-9);
}

TEST(demand_pattern, has_noise_of_mean_one) {
  auto p = pattern();
  p.daily_swing = 0;
  p.weekend_factor = 1;
  p.noise = 0.2;
  const auto demand = generate(p, steps_per_year);
  const double middle = mean(demand, 0, steps_per_year);
  double squares = 0;
  for (const double d : demand) squares += (d - middle) * (d - middle);
  EXPECT_NEAR(middle, 100, 0.2);
  EXPECT_NEAR(std::sqrt(squares / steps_per_year) / middle, 0.2, 0.002);
}

TEST(demand_pattern, repeats_by_its_seed) {
  auto p = pattern();
  p.bursts_per_day = 3;
  p.noise = 0.1;
  const auto first = generate(p, steps_per_week);
  EXPECT_EQ(first, generate(p, steps_per_week));
  p.seed = 2;
  EXPECT_NE(first, generate(p, steps_per_week));
}

TEST(demand_pattern, refuses_values_out_of_range) {
  for (const auto& spoil :
       {+[](demand_pattern& p) { p.mean_units_per_second = 0; }, +[](demand_pattern& p) { p.daily_swing = 1.1; },
        +[](demand_pattern& p) { p.growth_per_month = -1; }, +[](demand_pattern& p) { p.burst_factor = 0.5; },
        +[](demand_pattern& p) { p.noise = std::nan(""); }}) {
    auto p = pattern();
    spoil(p);
    EXPECT_THROW(generate(p, 10), error);
  }
}

TEST(demand, is_repeated_by_whole_weeks_and_grows_after_its_end) {
  demand_series recorded(steps_per_week + steps_per_day);
  std::iota(recorded.begin(), recorded.end(), 1.0);
  const auto year = extended(recorded, 4 * steps_per_week, 0);
  // The step after the end is the one a week earlier.
  EXPECT_EQ(year[recorded.size()], recorded[steps_per_day]);
  EXPECT_EQ(year[recorded.size() + steps_per_week], recorded[steps_per_day]);
  const auto grown = extended(recorded, recorded.size() + steps_per_month, 0.05);
  EXPECT_EQ(grown[recorded.size() - 1], recorded.back());
  const std::size_t last = grown.size() - 1;
  EXPECT_NEAR(grown[last] / extended(recorded, grown.size(), 0)[last], 1.05, 1e-9);
}

TEST(demand, is_cut_to_the_horizon_and_not_repeated_from_less_than_a_day) {
  EXPECT_EQ(extended({1, 2, 3}, 2, 0), (demand_series{1, 2}));
  EXPECT_THROW(extended({1, 2, 3}, 4, 0), error);
}

TEST(demand, is_added_up_for_queues_and_months) {
  EXPECT_EQ(cumulative_units({1, 0, 2}), (std::vector<double>{0, 60, 60, 180}));
  demand_series demand(steps_per_month + 1, 1);
  demand[7] = 5;
  demand.back() = 9;
  EXPECT_EQ(monthly_peaks(demand), (std::vector<double>{5, 9}));
}

}  // namespace
}  // namespace gpubench::capacity
