#include "capacity/oracle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <random>

#include "capacity/autoscaler.hpp"
#include "capacity/mix.hpp"
#include "capacity/smoothest_service.hpp"

namespace gpubench::capacity {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

demand_series random_demand(std::mt19937& engine, std::size_t steps, int highest) {
  demand_series demand(steps);
  for (auto& d : demand) d = static_cast<double>(engine() % static_cast<unsigned>(highest));
  return demand;
}

double cost(const std::vector<double>& rates, const std::function<double(double)>& of_rate) {
  return std::accumulate(rates.begin(), rates.end(), 0.0, [&](double sum, double r) { return sum + of_rate(r); });
}

TEST(smoothest_service, is_the_demand_where_nothing_may_wait) {
  EXPECT_THAT(smoothest_service(cumulative_units({3, 0, 7, 7, 1}), 0), ElementsAre(3, 0, 7, 7, 1));
}

TEST(smoothest_service, spreads_a_burst_over_the_time_that_it_may_wait) {
  // 4 a second for one minute, which may wait for two: spread over three minutes.
  const auto rates = smoothest_service(cumulative_units({4, 0, 0, 0, 0}), 120);
  EXPECT_THAT(rates, ElementsAre(DoubleNear(4.0 / 3, 1e-12), DoubleNear(4.0 / 3, 1e-12), DoubleNear(4.0 / 3, 1e-12),
                                 DoubleNear(0, 1e-12), DoubleNear(0, 1e-12)));
}

TEST(smoothest_service, is_never_late_and_beats_every_other_way_for_every_convex_cost) {
  std::mt19937 engine(11);
  const std::vector<std::function<double(double)>> costs{
      [](double r) { return r * r; }, [](double r) { return std::max(0.0, r - 4); }, [](double r) { return r; }};
  for (int round = 0; round < 200; ++round) {
    const double wait = static_cast<double>(engine() % 400);
    const auto demand = random_demand(engine, 40, 10);
    const auto arrived = cumulative_units(demand);
    const deadline_curve due(arrived, wait);
    const auto rates = smoothest_service(arrived, wait);
    ASSERT_EQ(rates.size(), demand.size());
    double served = 0;
    for (std::size_t i = 0; i < rates.size(); ++i) {
      served += rates[i] * step_seconds;
      EXPECT_GE(served, due.due_before(i + 1) - 1e-6);
      EXPECT_LE(served, arrived[i + 1] + 1e-6);
      EXPECT_GE(rates[i], -1e-9);
    }
    for (int other = 0; other < 30; ++other) {
      // Any monotone path within the bounds.
      std::vector<double> way(demand.size());
      double at = 0;
      for (std::size_t i = 0; i < way.size(); ++i) {
        const double low = std::max(at, due.due_before(i + 1));
        const double share = static_cast<double>(engine() % 1001) / 1000;
        const double next = low + share * share * (arrived[i + 1] - low);
        way[i] = (next - at) / step_seconds;
        at = next;
      }
      for (const auto& of_rate : costs) EXPECT_LE(cost(rates, of_rate), cost(way, of_rate) + 1e-6) << "round " << round;
    }
  }
}

/// Least instance-steps by trying all fleets of up to three instances.
double exhaustive(const std::vector<double>& arrived, double wait, double capacity) {
  const std::size_t steps = arrived.size() - 1;
  const deadline_curve due(arrived, wait);
  double least = std::numeric_limits<double>::infinity();
  std::size_t fleets = 1;
  for (std::size_t i = 0; i < steps; ++i) fleets *= 4;
  for (std::size_t code = 0; code < fleets; ++code) {
    double served = 0, used = 0;
    bool in_time = true;
    std::size_t rest = code;
    for (std::size_t i = 1; i <= steps && in_time; ++i, rest /= 4) {
      const auto n = static_cast<double>(rest % 4);
      used += n;
      served = std::min(arrived[i], served + n * capacity);
      in_time = served >= due.due_before(i) - 1e-9;
    }
    if (in_time) least = std::min(least, used);
  }
  return least;
}

TEST(oracle, has_as_few_whole_instances_as_any_fleet_that_is_never_late) {
  std::mt19937 engine(12);
  for (int round = 0; round < 60; ++round) {
    const auto arrived = cumulative_units(random_demand(engine, 7, 9));
    const double wait = static_cast<double>(engine() % 200);
    const oracle knows(arrived, wait);
    EXPECT_NEAR(knows.least_instance_hours(3) * 60, exhaustive(arrived, wait, 3 * 60), 1e-9) << "round " << round;
  }
}

TEST(oracle, costs_no_more_than_any_autoscaler_that_is_never_late) {
  std::mt19937 engine(13);
  int in_time = 0;
  for (int round = 0; round < 300; ++round) {
    demand_series demand(5 * steps_per_day);
    double level = 20;
    for (std::size_t i = 0; i < demand.size(); ++i) {
      if (i % 30 == 0) level = std::clamp(level + static_cast<double>(engine() % 21) - 10, 0.0, 90.0);
      demand[i] = level;
    }
    const auto arrived = cumulative_units(demand);
    offer o;
    o.units_per_second = 3 + static_cast<double>(engine() % 30);
    o.on_demand_usd_per_hour = 1;
    if (round % 3 == 0) o.spot_usd_per_hour = 0.4;
    const double term_years = 5.0 / 365 / (1 + round % 2);
    if (round % 4 > 0) o.commitments.push_back({"short", term_years, 0.2 + 0.1 * (round % 8), 0});
    autoscaler_settings s;
    s.target_utilisation = 0.4 + 0.1 * (round % 7);
    s.up_delay_seconds = round % 2 == 0 ? 0 : 60;
    s.down_delay_seconds = 60.0 * (round % 5);
    s.boot_seconds = s.image_seconds = s.weights_seconds = round % 3 == 0 ? 0 : 20;
    const service_level wanted{round % 2 == 0 ? 45.0 : 600.0, 0};
    const auto done = autoscale(arrived, wanted, o.units_per_second, s, {});
    if (done.service.late_units > 0) continue;
    ++in_time;
    EXPECT_LE(*oracle(arrived, wanted.wait_seconds).least_usd(o, 0.5),
              cheapest_mix(done.paid, o, 0.5)->total_usd() + 1e-9)
        << "round " << round;
  }
  EXPECT_GT(in_time, 50);
}

TEST(oracle, pays_what_can_be_worked_out_by_hand) {
  // Two hours of 10 units a second, one of 40; an instance does 10: 2 * 1 + 4 hours without commitments.
  demand_series demand(120, 10);
  demand.insert(demand.end(), 60, 40);
  const auto arrived = cumulative_units(demand);
  oracle knows(arrived, 0);
  offer o;
  o.units_per_second = 10;
  o.on_demand_usd_per_hour = 2;
  EXPECT_NEAR(*knows.least_usd(o, 1), 12, 1e-9);
  // One committed for the three hours at 1.5, the rest on demand: 4.5 + 3 * 2.
  o.commitments.push_back({"3h", 3 / hours_per_year, 1.5, 0});
  EXPECT_NEAR(*knows.least_usd(o, 1), 10.5, 1e-9);
  // An instance that does 100 is needed all the time: three hours at the lower price.
  o.units_per_second = 100;
  EXPECT_NEAR(*knows.least_usd(o, 1), 4.5, 1e-9);
}

}  // namespace
}  // namespace gpubench::capacity
