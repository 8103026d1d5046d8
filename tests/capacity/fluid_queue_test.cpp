#include "capacity/fluid_queue.hpp"

#include <gtest/gtest.h>

#include <random>

namespace gpubench::capacity {
namespace {

service_outcome serve(const demand_series& demand, const std::vector<double>& capacity, double wait_seconds) {
  const auto arrived = cumulative_units(demand);
  fluid_queue queue(arrived, wait_seconds);
  for (const double units : capacity) queue.serve(units);
  return queue.outcome();
}

TEST(fluid_queue, is_what_can_be_worked_out_by_hand) {
  // 120 units in the first minute, 60 served in each: the second half waits into the second minute. With a wait of 30 s
  // those of the first half of the minute are due by its end and are served; the others are due within the second
  // minute.
  auto done = serve({2, 0, 0}, {60, 60, 60}, 30);
  EXPECT_EQ(done.arrived_units, 120);
  EXPECT_EQ(done.served_units, 120);
  EXPECT_EQ(done.late_units, 0);
  EXPECT_EQ(done.peak_backlog_units, 60);
  EXPECT_EQ(done.longest_wait_seconds, 60);
  // Without any wait allowed the 60 units that remain at the end of their minute are late.
  EXPECT_EQ(serve({2, 0, 0}, {60, 60, 60}, 0).late_units, 60);
  // 30 units a minute: after one minute 90 wait, of which 30 (those of the first half) are overdue at 30 s; the 60 of
  // the second half run out of time within the second minute, in which only 30 are served: 60 more are late.
  done = serve({2, 0, 0, 0}, {30, 30, 30, 30}, 30);
  EXPECT_EQ(done.late_units, 90);
  EXPECT_EQ(done.longest_wait_seconds, 180);
}

TEST(fluid_queue, counts_what_still_waits_too_long_at_the_end) {
  const auto done = serve({1, 1, 1}, {0, 0, 0}, 60);
  EXPECT_EQ(done.served_units, 0);
  EXPECT_EQ(done.backlog_units, 180);
  EXPECT_EQ(done.late_units, 120);  // the last minute's are not late yet
  EXPECT_EQ(done.peak_backlog_units, 180);
}

TEST(fluid_queue, conserves_requests) {
  std::mt19937 engine(5);
  for (int round = 0; round < 50; ++round) {
    demand_series demand(500);
    std::vector<double> capacity(500);
    for (auto& d : demand) d = static_cast<double>(engine() % 100) / 10;
    for (auto& c : capacity) c = static_cast<double>(engine() % 6) * 120;
    const auto done = serve(demand, capacity, 90);
    EXPECT_NEAR(done.served_units + done.backlog_units, done.arrived_units, 1e-6);
    EXPECT_GE(done.late_units, 0);
    EXPECT_LE(done.late_units, done.arrived_units);
    EXPECT_LE(done.backlog_units, done.peak_backlog_units);
  }
}

TEST(fluid_queue, is_never_later_with_more_capacity_or_more_patience) {
  std::mt19937 engine(6);
  for (int round = 0; round < 50; ++round) {
    demand_series demand(300);
    std::vector<double> capacity(300), more(300);
    for (auto& d : demand) d = static_cast<double>(engine() % 100) / 10;
    for (std::size_t i = 0; i < capacity.size(); ++i) {
      capacity[i] = static_cast<double>(engine() % 6) * 110;
      more[i] = capacity[i] + static_cast<double>(engine() % 2) * 50;
    }
    const double late = serve(demand, capacity, 75).late_units;
    EXPECT_LE(serve(demand, more, 75).late_units, late + 1e-6);
    EXPECT_LE(serve(demand, capacity, 135).late_units, late + 1e-6);
  }
}

}  // namespace
}  // namespace gpubench::capacity
