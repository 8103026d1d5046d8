#include "planner/serving_plan.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

using ::testing::HasSubstr;

profiles::workload chat() {
  profiles::workload w;
  w.name = "chat";
  w.network = "llama-3-8b";
  w.kind = profiles::workload_kind::llm_serve;
  w.unit = "token";
  w.total_units = 1e9;
  w.precision = models::precision::bf16;
  w.transformer = testing::llama_8b();
  w.prompt_tokens = 1000;
  w.output_tokens = 200;
  w.max_concurrency = 128;
  return w;
}

serving_goal goal_of(double rate, double ttft, double tpot) {
  serving_goal goal;
  goal.level.requests_per_second = rate;
  goal.level.output_tokens_cv = 0.5;
  goal.level.ttft_p95_seconds = ttft;
  goal.level.tpot_p95_seconds = tpot;
  goal.simulated_requests = 2000;
  return goal;
}

serving_answer plan(const serving_goal& goal, constraints limits = {}, const profiles::workload& what = chat()) {
  static const profiles::catalogue known = testing::small_catalogue();
  return recommend_serving(known, testing::shipped(), what, goal, limits, {}, testing::on_2026_11_22());
}

TEST(serving_plan, ranks_offers_that_keep_the_limits_by_their_cost) {
  const auto answer = plan(goal_of(10, 2, 0.06));
  ASSERT_GE(answer.ranked.size(), 2U);
  double before = 0;
  for (const auto& c : answer.ranked) {
    EXPECT_GE(c.usd_per_hour, before);
    before = c.usd_per_hour;
    EXPECT_GE(c.size->probability_kept, 0.95);
    EXPECT_GE(c.size->headroom, -0.011);
    EXPECT_LE(c.size->at_confidence.ttft.quantile_seconds(0.95), 2);
    EXPECT_LE(c.size->at_confidence.tpot.quantile_seconds(0.95), 0.06);
    EXPECT_EQ(c.size->replicas % c.size->instances, 0);
    EXPECT_NEAR(c.usd_per_month, 730 * c.usd_per_hour, 1e-9);
    EXPECT_NEAR(c.usd_per_million_output_tokens, c.usd_per_hour / (10 * 200 * 3600.0) * 1e6, 1e-9);
  }
  EXPECT_EQ(answer.ranked.front().instance->gpu, "A100");
  EXPECT_EQ(answer.considered, answer.ranked.size() + answer.rejected.size() + answer.not_simulated);
}

TEST(serving_plan, a_higher_rate_or_a_tighter_limit_never_costs_less) {
  const auto cost = [](double rate, double tpot) { return plan(goal_of(rate, 2, tpot)).ranked.front().usd_per_hour; };
  double before = 0;
  for (const double rate : {2.0, 10.0, 40.0, 160.0}) {
    EXPECT_GE(cost(rate, 0.06), before) << rate;
    before = cost(rate, 0.06);
  }
  before = 0;
  for (const double tpot : {0.1, 0.06, 0.03}) {
    EXPECT_GE(cost(40, tpot), before) << tpot;
    before = cost(40, tpot);
  }
}

TEST(serving_plan, availability_adds_spares_and_nothing_else) {
  auto goal = goal_of(10, 2, 0.06);
  const auto without = plan(goal);
  goal.level.availability = 0.9999;
  goal.instance_availability = 0.99;
  const auto with = plan(goal);
  ASSERT_FALSE(with.ranked.empty());
  for (const auto& c : with.ranked) {
    EXPECT_GT(c.size->spares, 0);
    EXPECT_GE(c.size->availability, 0.9999);
  }
  EXPECT_EQ(without.ranked.front().size->spares, 0);
  EXPECT_GT(with.ranked.front().usd_per_hour, without.ranked.front().usd_per_hour);
}

TEST(serving_plan, removing_an_offer_never_improves_the_best) {
  constraints few;
  few.gpu_pattern = "T4";
  const auto goal = goal_of(1, 20, 0.5);
  const auto all = plan(goal), some = plan(goal, few);
  ASSERT_FALSE(all.ranked.empty());
  if (!some.ranked.empty()) {
    EXPECT_LE(all.ranked.front().usd_per_hour, some.ranked.front().usd_per_hour);
  } else {
    EXPECT_FALSE(some.rejected.empty());
  }
}

TEST(serving_plan, equal_seeds_agree_and_other_seeds_simulate_other_requests) {
  auto goal = goal_of(10, 2, 0.06);
  const auto a = plan(goal), b = plan(goal);
  goal.seed = 2;
  const auto other = plan(goal);
  ASSERT_EQ(a.ranked.size(), b.ranked.size());
  for (std::size_t i = 0; i < a.ranked.size(); ++i) {
    EXPECT_EQ(a.ranked[i].price, b.ranked[i].price);
    EXPECT_EQ(a.ranked[i].size->predicted.e2e.mean_seconds(), b.ranked[i].size->predicted.e2e.mean_seconds());
  }
  EXPECT_NE(a.ranked.front().size->predicted.e2e.mean_seconds(),
            other.ranked.front().size->predicted.e2e.mean_seconds());
}

TEST(serving_plan, cached_prefixes_never_cost_more) {
  auto goal = goal_of(60, 1, 0.06);
  const double without = plan(goal).ranked.front().usd_per_hour;
  goal.level.prefix_cache_share = 0.6;
  EXPECT_LE(plan(goal).ranked.front().usd_per_hour, without);
}

TEST(serving_plan, a_limit_below_the_physical_one_is_said_with_it) {
  try {
    plan(goal_of(10, 0.001, 0.06));
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::infeasible);
    EXPECT_THAT(e.describe(), HasSubstr("--ttft-p95 1.00 ms is below what any catalogued offer can reach for 1000 "
                                        "prompt tokens of llama-3-8b (best "));
    EXPECT_THAT(e.describe(), HasSubstr("A100"));
  }
}

TEST(serving_plan, nothing_feasible_names_the_nearest_and_the_limit_to_relax) {
  // Between the fast end of the interval and what is kept with 95 %.
  const auto floors = plan(goal_of(10, 2, 0.06)).floors;
  ASSERT_EQ(floors.size(), 2U);
  const auto answer = plan(goal_of(10, 2, floors[1].low_seconds * 1.05));
  EXPECT_TRUE(answer.ranked.empty());
  EXPECT_THAT(answer.nearest_miss, HasSubstr("relax --tpot-p95"));
  EXPECT_TRUE(std::all_of(answer.rejected.begin(), answer.rejected.end(), [](const rejection& r) {
    return r.reason != rejection_reason::latency || r.detail.find("a request alone takes") != std::string::npos ||
           r.detail.find("has its GPU in turns") != std::string::npos;
  }));
}

TEST(serving_plan, limits_on_means_stand_for_percentiles_where_none_are_stated) {
  auto what = chat();
  what.max_tpot_seconds = 0.1;
  const auto limits = limits_of({}, what);
  ASSERT_EQ(limits.size(), 1U);
  EXPECT_EQ(limits[0].metric, serving::latency_metric::tpot);
  EXPECT_EQ(limits[0].quantile, 0.99);
  profiles::service_level level;
  level.e2e_p95_seconds = 5;
  EXPECT_EQ(limits_of(level, what).size(), 1U);
  serving_goal goal;
  goal.level.requests_per_second = 1;
  EXPECT_THROW(plan(goal), error);
}

}  // namespace
}  // namespace gpubench::planner
