#include "capacity/plan.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "capacity/demand_pattern.hpp"

namespace gpubench::capacity {
namespace {

offer make_offer(std::string type, double rate, double on_demand, std::optional<double> spot = {}) {
  offer o;
  o.provider = "acme";
  o.instance_type = std::move(type);
  o.region = "here-1";
  o.units_per_second = rate;
  o.on_demand_usd_per_hour = on_demand;
  o.spot_usd_per_hour = spot;
  o.spot_availability = 0.95;
  o.spot_overhead = 0.05;
  return o;
}

plan_request request(std::size_t steps = 4 * steps_per_week, double growth = 0) {
  plan_request r;
  demand_pattern p;
  p.mean_units_per_second = 1000;
  p.growth_per_month = growth;
  r.demand = generate(p, steps);
  r.growth_per_month = growth;
  r.offers = {make_offer("small", 50, 1), make_offer("large", 220, 4, 1.5), make_offer("slow", 5, 1)};
  r.offers[0].commitments.push_back({"month", 1.0 / 12, 0.6, 0});
  return r;
}

double least_cost(const plan_request& asked) {
  const auto plan = make_plan(asked);
  return plan.ranked.empty() ? std::numeric_limits<double>::infinity() : plan.ranked.front().best().paid.total_usd();
}

TEST(plan, ranks_what_is_within_the_limits_by_cost) {
  const auto plan = make_plan(request());
  ASSERT_EQ(plan.ranked.size(), 3U);
  EXPECT_EQ(plan.ranked[0].from.instance_type, "large");  // 1.5 * 1.05 / 0.95 for 220: the cheapest unit
  EXPECT_EQ(plan.ranked[2].from.instance_type, "slow");
  for (const auto& one : plan.ranked) {
    EXPECT_LE(one.best().service.late_fraction(), 0.01);
    ASSERT_EQ(one.policies.size(), 2U);
    const auto months = one.best().usd_by_month;
    EXPECT_NEAR(std::accumulate(months.begin(), months.end(), 0.0),
                one.best().paid.total_usd() - one.best().paid.after_horizon_usd, 1e-6);
  }
  EXPECT_NEAR(plan.mean_units_per_second, 1000, 1e-6);
}

TEST(plan, costs_no_less_than_the_oracle_where_nothing_is_late) {
  auto asked = request();
  asked.wanted.max_late_fraction = 0;
  asked.wanted.wait_seconds = 300;
  asked.scaling.up_delay_seconds = 0;
  asked.scaling.target_utilisation = 0.6;
  const auto plan = make_plan(asked);
  ASSERT_FALSE(plan.ranked.empty());
  for (const auto& one : plan.ranked) EXPECT_LE(*one.bound_usd, one.best().paid.total_usd());
}

TEST(plan, never_costs_more_when_a_price_that_is_paid_by_the_hour_falls) {
  auto asked = request();
  asked.offers[0].commitments.clear();
  const double before = least_cost(asked);
  for (std::size_t i = 0; i < asked.offers.size(); ++i) {
    auto cheaper = asked;
    *cheaper.offers[i].on_demand_usd_per_hour *= 0.3;
    EXPECT_LE(least_cost(cheaper), before);
    cheaper.offers[i].spot_usd_per_hour = 0.2;
    EXPECT_LE(least_cost(cheaper), before);
  }
}

TEST(plan, never_costs_more_with_more_quota_more_offers_or_looser_limits) {
  auto asked = request();
  double last = std::numeric_limits<double>::infinity();
  for (const int quota : {1, 4, 8, 16, 40, 1000}) {
    for (auto& o : asked.offers) o.quota_instances = quota;
    const double cost = least_cost(asked);
    EXPECT_LE(cost, last) << quota;
    last = cost;
  }
  EXPECT_LT(last, std::numeric_limits<double>::infinity());
  auto fewer = asked;
  fewer.offers.erase(fewer.offers.begin() + 1);
  EXPECT_GE(least_cost(fewer), last);
  auto stricter = asked;
  stricter.wanted.max_late_fraction = 0.0001;
  EXPECT_GE(least_cost(stricter), last);
}

TEST(plan, says_in_which_month_the_quota_ends) {
  auto asked = request(steps_per_year, 0.1);
  asked.offers = {make_offer("small", 50, 1)};
  const auto free = make_plan(asked);
  const auto peaks = free.ranked[0].best().peak_by_month;
  ASSERT_EQ(peaks.size(), 12U);
  asked.offers[0].quota_instances = peaks[5];
  const auto broken = make_plan(asked);
  ASSERT_EQ(broken.refused.size(), 1U);
  EXPECT_EQ(broken.refused[0].broken, plan_limit::quota);
  EXPECT_EQ(broken.refused[0].quota_month, 7);
  EXPECT_NEAR(broken.refused[0].excess, static_cast<double>(peaks[11]) / peaks[5], 1e-12);
  // Beyond the horizon growth goes on: twice the last peak is reached after ln(2) / ln(1.1) = 7.3 months.
  asked.offers[0].quota_instances = 2 * peaks[11] - 1;
  const auto later = make_plan(asked);
  ASSERT_EQ(later.ranked.size(), 1U);
  EXPECT_EQ(later.ranked[0].quota_month, 12 + 8);
  asked.growth_per_month = 0;
  EXPECT_FALSE(make_plan(asked).ranked[0].quota_month);
}

TEST(plan, says_in_which_month_the_budget_ends) {
  auto asked = request(steps_per_year);
  asked.offers = {make_offer("small", 50, 1)};
  const double usd = least_cost(asked);
  asked.budget_usd = usd / 2;
  const auto plan = make_plan(asked);
  ASSERT_EQ(plan.refused.size(), 1U);
  EXPECT_EQ(plan.refused[0].broken, plan_limit::budget);
  EXPECT_NEAR(plan.refused[0].excess, 2, 1e-9);
  EXPECT_EQ(plan.refused[0].budget_month, 7);  // even demand: half is paid with the sixth month's last hours
  asked.budget_usd = usd;
  EXPECT_EQ(make_plan(asked).ranked.size(), 1U);
}

TEST(plan, puts_the_nearest_miss_first) {
  auto asked = request();
  asked.offers[0].quota_instances = 10;
  asked.offers[1].quota_instances = 9;
  asked.offers[2].on_demand_usd_per_hour.reset();
  const auto plan = make_plan(asked);
  ASSERT_EQ(plan.refused.size(), 3U);
  EXPECT_LT(plan.refused[0].excess, plan.refused[1].excess);
  EXPECT_EQ(plan.refused[2].broken, plan_limit::price);
  EXPECT_TRUE(plan.sensitivities.empty());
}

TEST(plan, keeps_running_what_is_committed_anyway) {
  auto asked = request();
  asked.offers.resize(1);
  const auto plan = make_plan(asked);
  const auto& best = plan.ranked[0].best();
  ASSERT_GT(best.paid.most_committed(), 5);
  auto without = asked;
  without.offers[0].commitments.clear();
  EXPECT_LE(best.service.late_units, make_plan(without).ranked[0].best().service.late_units);
}

TEST(plan, tells_what_a_change_would_make_of_it) {
  auto asked = request();
  asked.offers.resize(1);
  asked.offers[0].expected_units_per_second = 60;
  const auto plan = make_plan(asked);
  const double usd = plan.ranked[0].best().paid.total_usd();
  int rates = 0;
  for (const auto& s : plan.sensitivities) {
    if (s.changed == sensitivity::subject::rate) {
      ++rates;
      EXPECT_NEAR(s.value, 1.2, 1e-12);
      EXPECT_NEAR(s.usd / usd, 1 / 1.2, 0.03);
    } else if (s.changed != sensitivity::subject::target_utilisation) {
      EXPECT_EQ(s.value < 1, s.usd < usd) << to_string(s.changed) << ' ' << s.value;
    }
  }
  EXPECT_EQ(rates, 1);
  EXPECT_EQ(plan.sensitivities.size(), 2U + 2 + 1 + 4);
}

TEST(plan, is_the_same_for_the_same_request) {
  const auto a = make_plan(request()), b = make_plan(request());
  for (std::size_t i = 0; i < a.ranked.size(); ++i) {
    EXPECT_EQ(a.ranked[i].best().paid.total_usd(), b.ranked[i].best().paid.total_usd());
    EXPECT_EQ(a.ranked[i].best().service.late_units, b.ranked[i].best().service.late_units);
  }
}

TEST(plan, refuses_limits_and_demand_that_make_no_sense) {
  auto asked = request(60);
  asked.max_spot_share = 1.1;
  EXPECT_THROW(make_plan(asked), error);
  asked = request(60);
  asked.wanted.max_late_fraction = 1;
  EXPECT_THROW(make_plan(asked), error);
  asked = request(60);
  std::fill(asked.demand.begin(), asked.demand.end(), 0.0);
  EXPECT_THROW(make_plan(asked), error);
}

}  // namespace
}  // namespace gpubench::capacity
