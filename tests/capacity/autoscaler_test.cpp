#include "capacity/autoscaler.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "capacity/demand_pattern.hpp"

namespace gpubench::capacity {
namespace {

using ::testing::Each;

/// Minutes of each demand, in turn.
demand_series blocks(const std::vector<std::pair<double, std::size_t>>& parts) {
  demand_series all;
  for (const auto& [demand, steps] : parts) all.insert(all.end(), steps, demand);
  return all;
}

autoscaler_settings prompt() {
  autoscaler_settings s;
  s.up_delay_seconds = s.down_delay_seconds = 0;
  s.boot_seconds = s.image_seconds = s.weights_seconds = 0;
  s.target_utilisation = 1;
  return s;
}

scaled_fleet run(const demand_series& demand, const autoscaler_settings& settings, std::span<const int> floor = {}) {
  return autoscale(cumulative_units(demand), {}, 10, settings, floor);
}

TEST(autoscaler, follows_demand_a_decision_later) {
  const auto done = run(blocks({{25, 3}, {45, 3}, {5, 3}}), prompt());
  EXPECT_EQ(done.paid, (fleet{3, 3, 3, 3, 5, 5, 5, 1, 1}));
}

TEST(autoscaler, leaves_the_headroom_asked_for) {
  auto s = prompt();
  s.target_utilisation = 0.5;
  EXPECT_THAT(run(blocks({{25, 4}}), s).paid, Each(5));
}

TEST(autoscaler, waits_for_its_delays) {
  auto s = prompt();
  s.up_delay_seconds = 120;
  s.down_delay_seconds = 180;
  // Decisions at the ends of minutes: 45 is seen first at the end of the third (index 2), followed two minutes later,
  // so that five are had from index 5 on; the fall is seen at the end of index 7 and followed at the end of index 10.
  const auto done = run(blocks({{15, 2}, {45, 5}, {15, 6}}), s);
  EXPECT_EQ(done.paid, (fleet{2, 2, 2, 2, 2, 5, 5, 5, 5, 5, 5, 2, 2}));
}

TEST(autoscaler, does_not_follow_what_ends_within_the_delay) {
  auto s = prompt();
  s.up_delay_seconds = 300;
  EXPECT_THAT(run(blocks({{15, 3}, {95, 4}, {15, 20}}), s).paid, Each(2));
}

TEST(autoscaler, pays_for_instances_that_start_and_serves_without_them) {
  auto s = prompt();
  s.boot_seconds = 60;
  s.image_seconds = 30;
  s.weights_seconds = 30;  // 2 minutes together
  const auto demand = blocks({{10, 2}, {30, 6}});
  const auto done = run(demand, s);
  EXPECT_EQ(done.paid, (fleet{1, 1, 1, 3, 3, 3, 3, 3}));
  // One instance serves until index 4: 20 units a second are missing in three minutes.
  EXPECT_NEAR(done.service.peak_backlog_units, 3 * 60 * 20, 1e-6);
  EXPECT_NEAR(done.service.served_units + done.service.backlog_units, done.service.arrived_units, 1e-6);
}

TEST(autoscaler, gives_up_starting_instances_first) {
  auto s = prompt();
  s.boot_seconds = 600;
  // Four more are launched and given up again before they serve; the two that run stay.
  const auto done = run(blocks({{20, 2}, {60, 1}, {20, 20}}), s);
  EXPECT_EQ((fleet(done.paid.begin(), done.paid.begin() + 6)), (fleet{2, 2, 2, 6, 2, 2}));
  EXPECT_NEAR(done.service.backlog_units, 40 * 60, 1e-6);  // two serve 20 a second all along
}

TEST(autoscaler, keeps_within_its_limits) {
  auto s = prompt();
  s.min_instances = 2;
  s.max_instances = 4;
  const auto done = run(blocks({{0, 10}, {100, 10}}), s);
  EXPECT_EQ(*std::min_element(done.paid.begin(), done.paid.end()), 2);
  EXPECT_EQ(*std::max_element(done.paid.begin(), done.paid.end()), 4);
}

TEST(autoscaler, launches_for_the_schedule_so_that_it_is_ready_in_time) {
  auto s = prompt();
  s.boot_seconds = 240;
  const std::vector<int> floor{1, 6, 1};
  const auto demand = blocks({{5, 60}, {60, 60}, {5, 60}});
  const auto done = run(demand, s, floor);
  EXPECT_EQ(done.paid[55], 1);
  EXPECT_EQ(done.paid[56], 6);  // four minutes before the hour
  EXPECT_EQ(done.service.late_units, 0);
  EXPECT_EQ(done.paid[119], 6);
  EXPECT_EQ(done.paid[121], 1);
  EXPECT_GT(run(demand, s).service.late_units, 0);
}

TEST(autoscaler, learns_the_schedule_from_the_period_before) {
  demand_pattern p;
  p.mean_units_per_second = 100;
  p.weekend_factor = 1;
  const auto days = cumulative_units(generate(p, 3 * steps_per_day));
  const auto profile = hourly_profile(days, 60);
  EXPECT_THAT((std::vector<double>(profile.begin(), profile.begin() + 24)), Each(0));
  EXPECT_NEAR(profile[24 + 15], 150, 0.1);
  EXPECT_EQ(floor_of({0, 70, 71}, 10, autoscaler_settings{}), (std::vector<int>{0, 10, 11}));
  // With two weeks the period is a week.
  const auto weeks = hourly_profile(cumulative_units(generate(p, 2 * steps_per_week)), 60);
  EXPECT_EQ(weeks[24], 0);
  EXPECT_GT(weeks[24 * 7], 0);
}

TEST(autoscaler, refuses_settings_out_of_range) {
  for (const auto& spoil : {+[](autoscaler_settings& s) { s.target_utilisation = 0; },
                            +[](autoscaler_settings& s) { s.interval_seconds = 0; },
                            +[](autoscaler_settings& s) { s.up_delay_seconds = -1; },
                            +[](autoscaler_settings& s) { s.min_instances = 3, s.max_instances = 2; }}) {
    autoscaler_settings s;
    spoil(s);
    EXPECT_THROW(check(s), error);
  }
  EXPECT_NO_THROW(check({}));
}

}  // namespace
}  // namespace gpubench::capacity
