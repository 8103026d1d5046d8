#include "capacity/mix.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "capacity/demand.hpp"

namespace gpubench::capacity {
namespace {

using ::testing::DoubleNear;

/// `steps` of each number of instances, in turn.
fleet blocks(const std::vector<std::pair<int, std::size_t>>& parts) {
  fleet all;
  for (const auto& [instances, steps] : parts) all.insert(all.end(), steps, instances);
  return all;
}

offer at(double on_demand, std::optional<double> spot, std::vector<commitment> commitments = {}) {
  offer o;
  o.units_per_second = 1;
  o.on_demand_usd_per_hour = on_demand;
  o.spot_usd_per_hour = spot;
  o.commitments = std::move(commitments);
  return o;
}

commitment year_at(double usd_per_hour, double upfront = 0) {
  return {"1yr", 1, usd_per_hour, upfront};
}

/// A year whose demand wanders between 0 and about 40 instances.
fleet random_year(unsigned seed, std::size_t steps = steps_per_year) {
  std::mt19937 engine(seed);
  fleet needed(steps);
  int level = 10;
  for (std::size_t i = 0; i < steps; ++i) {
    if (i % 97 == 0) level = std::clamp(level + static_cast<int>(engine() % 7) - 3, 0, 40);
    needed[i] = level;
  }
  return needed;
}

TEST(duration_curve, counts_the_time_above_each_level) {
  const duration_curve curve(blocks({{0, 60}, {1, 60}, {3, 120}}));  // 4 h
  EXPECT_EQ(curve.peak(), 3);
  EXPECT_EQ(curve.hours(), 4);
  EXPECT_EQ(curve.fraction_above(0), 0.75);
  EXPECT_EQ(curve.fraction_above(1), 0.5);
  EXPECT_EQ(curve.fraction_above(3), 0);
  EXPECT_EQ(curve.instance_hours_above(0), 7);
  EXPECT_EQ(curve.instance_hours_above(2), 2);
}

TEST(newsvendor, takes_the_quantile_of_the_price_ratio) {
  // Ten levels, each needed a tenth of the time less than the one below: P(D > n) = 1 - (n + 1) / 10 for n = 0..9.
  fleet needed;
  for (int n = 0; n <= 9; ++n) needed.insert(needed.end(), 60, n);
  const duration_curve curve(needed);
  EXPECT_EQ(newsvendor_level(curve, 0.6), 3);   // P(D > 3) = 0.6
  EXPECT_EQ(newsvendor_level(curve, 0.59), 4);  // P(D > 3) is too much
  EXPECT_EQ(newsvendor_level(curve, 1), 0);
  EXPECT_EQ(newsvendor_level(curve, 0.001), 9);
}

TEST(mix, is_what_can_be_worked_out_by_hand) {
  // Half a year 2 instances, half a year 10. Committed hours cost 0.6 of on-demand: levels 1 and 2 are used all the
  // time, the others half of it, so that 2 are committed: 2 * 8760 * 0.6 + 8 * 4380 * 1 = 10512 + 35040.
  const auto needed = blocks({{2, steps_per_year / 2}, {10, steps_per_year / 2}});
  const auto paid = cheapest_mix(needed, at(1, std::nullopt, {year_at(0.6)}), 1);
  ASSERT_TRUE(paid && paid->bought);
  EXPECT_EQ(paid->most_committed(), 2);
  EXPECT_THAT(paid->total_usd(), DoubleNear(45552, 1e-6));
  EXPECT_EQ(paid->commitment_utilisation, 1);
  // At 0.4 all ten pay: 10 * 8760 * 0.4 = 35040, of which 6 in 10 hours are used.
  const auto cheap = cheapest_mix(needed, at(1, std::nullopt, {year_at(0.4)}), 1);
  EXPECT_EQ(cheap->most_committed(), 10);
  EXPECT_THAT(cheap->total_usd(), DoubleNear(35040, 1e-6));
  EXPECT_THAT(cheap->commitment_utilisation, DoubleNear(0.6, 1e-12));
}

TEST(mix, weighs_a_commitment_against_spot_where_spot_is_allowed) {
  const auto needed = blocks({{2, steps_per_year / 2}, {10, steps_per_year / 2}});
  auto o = at(1, 0.3, {year_at(0.6)});
  o.spot_availability = 0.8;
  o.spot_overhead = 0.2;  // 0.3 * 1.2 / 0.8 = 0.45: below the committed price, so that nothing is committed
  const auto all_spot = cheapest_mix(needed, o, 1);
  EXPECT_FALSE(all_spot->bought);
  EXPECT_THAT(all_spot->total_usd(), DoubleNear(6 * 8760 * 0.45, 1e-6));
  // Half on spot costs 0.725 an hour: two are committed again.
  const auto half = cheapest_mix(needed, o, 0.5);
  EXPECT_EQ(half->most_committed(), 2);
  EXPECT_THAT(half->total_usd(), DoubleNear(2 * 8760 * 0.6 + 8 * 4380 * 0.725, 1e-6));
  EXPECT_THAT(half->spot_hours, DoubleNear(half->on_demand_hours, 1e-9));
}

TEST(mix, does_not_take_spot_that_costs_more_than_on_demand) {
  auto o = at(1, 0.9);
  o.spot_availability = 0.5;
  const auto paid = cheapest_mix(blocks({{1, 60}}), o, 1);
  EXPECT_EQ(paid->spot_hours, 0);
  EXPECT_EQ(paid->total_usd(), 1);
}

TEST(mix, needs_a_price_for_every_hour) {
  auto o = at(1, 0.3);
  o.on_demand_usd_per_hour.reset();
  EXPECT_TRUE(cheapest_mix(blocks({{1, 60}}), o, 1));
  EXPECT_FALSE(cheapest_mix(blocks({{1, 60}}), o, 0.9));
}

TEST(mix, counts_a_commitment_that_outlasts_the_horizon_whole) {
  // Half a year of need: a year at 0.4 costs 0.8 an hour of need, at 0.6 more than on-demand.
  const auto needed = blocks({{5, steps_per_year / 2}});
  const auto paid = cheapest_mix(needed, at(1, std::nullopt, {year_at(0.4)}), 1);
  EXPECT_EQ(paid->most_committed(), 5);
  EXPECT_THAT(paid->total_usd(), DoubleNear(5 * 8760 * 0.4, 1e-6));
  EXPECT_THAT(paid->after_horizon_usd, DoubleNear(5 * 4380 * 0.4, 1e-6));
  EXPECT_FALSE(cheapest_mix(needed, at(1, std::nullopt, {year_at(0.6)}), 1)->bought);
}

TEST(mix, buys_again_when_a_term_ends_at_what_the_next_one_needs) {
  const auto needed = blocks({{2, steps_per_year}, {7, steps_per_year}});
  const auto paid = cheapest_mix(needed, at(1, std::nullopt, {year_at(0.6)}), 1);
  ASSERT_EQ(paid->committed.size(), 2U);
  EXPECT_EQ(paid->committed_at(0), 2);
  EXPECT_EQ(paid->committed_at(steps_per_year), 7);
  EXPECT_THAT(paid->total_usd(), DoubleNear(9 * 8760 * 0.6, 1e-6));
}

TEST(mix, of_each_month_adds_up) {
  const auto needed = random_year(3, steps_per_year + steps_per_year / 3);
  auto o = at(1, 0.6, {year_at(0.3, 1000), {"3yr", 3, 0.2, 0}});
  const auto paid = cheapest_mix(needed, o, 0.5);
  ASSERT_TRUE(paid->bought);
  const auto months = monthly_usd(*paid, needed);
  EXPECT_EQ(months.size(), 16U);
  EXPECT_NEAR(std::accumulate(months.begin(), months.end(), 0.0), paid->total_usd() - paid->after_horizon_usd, 1e-4);
}

TEST(mix, commits_at_the_level_that_no_other_beats) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    const auto needed = random_year(seed);
    const double hourly = 0.2 + 0.15 * seed;
    const auto paid = cheapest_mix(needed, at(1, std::nullopt, {year_at(hourly)}), 0);
    const duration_curve curve(needed);
    double least = curve.instance_hours_above(0);
    for (int level = 1; level <= curve.peak(); ++level)
      least = std::min(least, level * 8760 * hourly + curve.instance_hours_above(level));
    EXPECT_NEAR(paid->total_usd(), least, 1e-6) << "seed " << seed;
  }
}

TEST(mix, never_costs_more_when_a_price_falls) {
  std::mt19937 engine(7);
  const auto price = [&] { return 0.1 + static_cast<double>(engine() % 1000) / 1000; };
  for (unsigned round = 0; round < 60; ++round) {
    const auto needed = random_year(round, steps_per_year / 4 * (1 + round % 6));
    auto before = at(price(), price(), {year_at(price()), {"3yr", 3, price() / 2, 100}});
    before.spot_availability = 0.9;
    auto after = before;
    switch (round % 4) {
      case 0:
        *after.on_demand_usd_per_hour *= 0.7;
        break;
      case 1:
        *after.spot_usd_per_hour *= 0.7;
        break;
      case 2:
        after.commitments[0].usd_per_hour *= 0.7;
        break;
      default:
        after.commitments[1].upfront_usd = 0;
    }
    for (const double share : {0.0, 0.4, 1.0})
      EXPECT_LE(cheapest_mix(needed, after, share)->total_usd(),
                cheapest_mix(needed, before, share)->total_usd() + 1e-6)
          << "round " << round << ", spot share " << share;
  }
}

TEST(commitment, breaks_even_where_the_formulas_say) {
  // 3,000 upfront and 0.30 an hour for a year against 1.00: (3000 / 8760 + 0.3) / 1 = 0.6425 of the hours, which are
  // 7.71 months; the upfront sum is back after 3000 / (730 * 0.7) = 5.87 months.
  const auto bought = year_at(0.3, 3000);
  EXPECT_NEAR(break_even_utilisation(bought, 1), 0.642466, 1e-6);
  EXPECT_NEAR(*break_even_month(bought, 1), 7.709589, 1e-6);
  EXPECT_NEAR(*payback_month(bought, 1), 5.870841, 1e-6);
  EXPECT_FALSE(break_even_month(bought, 0.5));
  EXPECT_FALSE(payback_month(bought, 0.3));
  EXPECT_EQ(*payback_month(year_at(0.3), 1), 0);
}

}  // namespace
}  // namespace gpubench::capacity
