#include "planner/recommend.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

using profiles::price_model;

recommendation ask(const profiles::catalogue& known, const constraints& limits = {},
                   const profiles::workload& what = testing::resnet_training()) {
  return recommend(known, testing::shipped(), what, limits, {}, testing::on_2026_11_22());
}

/// Position of an offer, from 0, or -1.
int rank_of(const recommendation& answer, const std::string& type, price_model model = price_model::on_demand) {
  for (std::size_t i = 0; i < answer.ranked.size(); ++i) {
    if (answer.ranked[i].instance->type == type && answer.ranked[i].price->model == model) return static_cast<int>(i);
  }
  return -1;
}

const rejection* rejected(const recommendation& answer, const std::string& type) {
  for (const rejection& r : answer.rejected) {
    if (r.instance->type == type) return &r;
  }
  return nullptr;
}

TEST(recommend, ranks_every_offer_by_cost_and_gives_each_of_the_others_a_reason) {
  const profiles::catalogue known = testing::small_catalogue();
  const recommendation answer = ask(known);
  EXPECT_EQ(answer.considered, 8U);
  EXPECT_EQ(answer.ranked.size() + answer.rejected.size(), answer.considered);
  EXPECT_TRUE(std::is_sorted(answer.ranked.begin(), answer.ranked.end(),
                             [](const auto& a, const auto& b) { return a.expected_cost_usd < b.expected_cost_usd; }));
  ASSERT_NE(rejected(answer, "m1"), nullptr);
  EXPECT_EQ(rejected(answer, "m1")->reason, rejection_reason::no_data);
  const auto no_price = std::find_if(answer.rejected.begin(), answer.rejected.end(),
                                     [](const rejection& r) { return r.reason == rejection_reason::no_price; });
  ASSERT_NE(no_price, answer.rejected.end());
  EXPECT_EQ(no_price->instance->name(), "bolt a1");
}

TEST(recommend, cpu_instances_and_slices_of_a_gpu_are_candidates) {
  const profiles::catalogue known = testing::small_catalogue();
  const recommendation answer = ask(known);
  const int cpu = rank_of(answer, "c48"), half = rank_of(answer, "t-half");
  ASSERT_GE(cpu, 0);
  ASSERT_GE(half, 0);
  EXPECT_EQ(answer.ranked[static_cast<std::size_t>(cpu)].devices, 0);
  EXPECT_EQ(answer.ranked[static_cast<std::size_t>(cpu)].step.basis, basis::data_sheet);
  EXPECT_LT(answer.ranked[static_cast<std::size_t>(half)].units_per_second,
            answer.ranked[static_cast<std::size_t>(rank_of(answer, "t1"))].units_per_second);
}

TEST(recommend, cost_is_the_price_of_the_hours_that_the_job_takes) {
  const profiles::catalogue known = testing::small_catalogue();
  const recommendation answer = ask(known);
  for (const candidate& c : answer.ranked) {
    if (c.spot) continue;  // interruptions come on top
    EXPECT_NEAR(c.job.seconds, 1e7 / c.units_per_second, 1e-6 * c.job.seconds);
    EXPECT_NEAR(c.cost_usd, c.price->amount_per_hour * c.job.seconds / 3600, 1e-9 * c.cost_usd);
    EXPECT_NEAR(c.usd_per_million_units, c.expected_cost_usd / 10, 1e-9 * c.cost_usd);
    EXPECT_LT(c.cost_low_usd, c.cost_usd);
    EXPECT_GT(c.cost_high_usd, c.cost_usd);
    double shares = 0;
    for (const auto& share : c.shares) shares += share.fraction;
    EXPECT_NEAR(shares, 1, 1e-9);
  }
}

TEST(recommend, the_front_holds_the_cheapest_and_the_fastest) {
  const profiles::catalogue known = testing::small_catalogue();
  const recommendation answer = ask(known);
  EXPECT_TRUE(answer.ranked.front().on_pareto_front);
  const auto fastest = std::min_element(answer.ranked.begin(), answer.ranked.end(),
                                        [](const auto& a, const auto& b) { return a.job.seconds < b.job.seconds; });
  EXPECT_TRUE(fastest->on_pareto_front);
  EXPECT_FALSE(answer.ranked[static_cast<std::size_t>(rank_of(answer, "t-half"))].on_pareto_front)
      << "slower and dearer than the A100's spot offer";
}

TEST(recommend, an_impossible_deadline_rejects_everything_with_the_reason) {
  const profiles::catalogue known = testing::small_catalogue();
  constraints limits;
  limits.deadline_seconds = 1;
  const recommendation answer = ask(known, limits);
  EXPECT_TRUE(answer.ranked.empty());
  EXPECT_EQ(answer.not_separable, 0U);
  ASSERT_NE(rejected(answer, "a1"), nullptr);
  EXPECT_EQ(rejected(answer, "a1")->reason, rejection_reason::deadline);
  EXPECT_NE(rejected(answer, "a1")->detail.find("limit 1"), std::string::npos) << rejected(answer, "a1")->detail;
}

TEST(recommend, a_deadline_admits_only_what_meets_it_with_the_confidence) {
  const profiles::catalogue known = testing::small_catalogue();
  constraints limits;
  limits.deadline_seconds = 4 * 3600;
  const recommendation answer = ask(known, limits);
  ASSERT_FALSE(answer.ranked.empty());
  for (const candidate& c : answer.ranked) EXPECT_GE(c.probability_in_deadline, 0.95);
  EXPECT_FALSE(answer.rejected.empty());
}

TEST(recommend, a_longer_deadline_or_a_larger_budget_never_removes_an_offer) {
  const profiles::catalogue known = testing::small_catalogue();
  std::size_t last = 0;
  for (double hours = 0.1; hours < 500; hours *= 2) {
    constraints limits;
    limits.deadline_seconds = hours * 3600;
    const std::size_t count = ask(known, limits).ranked.size();
    EXPECT_GE(count, last) << hours;
    last = count;
  }
  last = 0;
  for (double budget = 0.5; budget < 2000; budget *= 2) {
    constraints limits;
    limits.budget_usd = budget;
    const recommendation answer = ask(known, limits);
    EXPECT_GE(answer.ranked.size(), last) << budget;
    for (const candidate& c : answer.ranked) EXPECT_LE(c.cost_usd, budget);
    last = answer.ranked.size();
  }
}

TEST(recommend, a_cheaper_price_never_worsens_an_offer_s_rank) {
  profiles::catalogue known = testing::small_catalogue();
  int last = 100;
  for (const double usd : {6.0, 3.0, 1.5, 0.5, 0.05}) {
    known.prices[0].amount_per_hour = usd;
    const int rank = rank_of(ask(known), "a1");
    ASSERT_GE(rank, 0);
    EXPECT_LE(rank, last) << usd;
    last = rank;
  }
  EXPECT_EQ(last, 0);
}

TEST(recommend, removing_an_offer_never_improves_the_best) {
  const profiles::catalogue all = testing::small_catalogue();
  const double best = ask(all).ranked.front().expected_cost_usd;
  for (std::size_t i = 0; i < all.prices.size(); ++i) {
    profiles::catalogue fewer = all;
    fewer.prices.erase(fewer.prices.begin() + static_cast<std::ptrdiff_t>(i));
    fewer.index();
    EXPECT_GE(ask(fewer).ranked.front().expected_cost_usd, best);
  }
}

TEST(recommend, more_nodes_are_used_when_the_deadline_asks_for_them) {
  const profiles::catalogue known = testing::small_catalogue();
  constraints limits;
  limits.gpu_pattern = "^A100$";
  const double alone = ask(known, limits).ranked.front().job.seconds;
  limits.deadline_seconds = alone * 0.6;
  limits.price_models = {price_model::spot};
  EXPECT_TRUE(ask(known, limits).ranked.empty());
  limits.max_nodes = 8;
  const recommendation answer = ask(known, limits);
  ASSERT_FALSE(answer.ranked.empty());
  EXPECT_GT(answer.ranked.front().nodes, 1);
  EXPECT_DOUBLE_EQ(answer.ranked.front().usd_per_hour, 1.2 * answer.ranked.front().nodes);
}

TEST(recommend, a_slow_host_binds) {
  const profiles::catalogue known = testing::small_catalogue();
  profiles::workload w = testing::resnet_training();
  w.host_cpu_seconds_per_unit = 0.1;  // 8 cores of acme a1 prepare 80 images a second
  const recommendation answer = ask(known, {}, w);
  const candidate& a1 = answer.ranked[static_cast<std::size_t>(rank_of(answer, "a1"))];
  EXPECT_NEAR(a1.units_per_second, 80, 1e-6);
  EXPECT_EQ(a1.step.bound_by, bound::host);
}

TEST(recommend, foreign_prices_are_converted_and_old_ones_said_to_be_old) {
  profiles::catalogue known = testing::small_catalogue();
  const double before = ask(known).ranked[static_cast<std::size_t>(rank_of(ask(known), "a1"))].cost_usd;
  known.prices[0].currency = "CNY";
  known.prices[0].amount_per_hour = 21;
  known.prices[0].origin.date = "2024-12-31";
  known.rates.add("CNY", {7, "2024-12", "test"});
  const recommendation answer = ask(known);
  const candidate& a1 = answer.ranked[static_cast<std::size_t>(rank_of(answer, "a1"))];
  EXPECT_NEAR(a1.cost_usd, before, 1e-9 * before);
  EXPECT_TRUE(a1.price_is_old);
  EXPECT_EQ(a1.price_age_days, 691);
  EXPECT_TRUE(std::any_of(answer.notes.begin(), answer.notes.end(), [](const std::string& note) {
    return note.find("older than 120 days") != std::string::npos;
  }));
}

TEST(recommend, commitments_count_only_when_asked_for_and_checked) {
  profiles::catalogue known = testing::small_catalogue();
  known.prices.push_back(testing::price_of(known.instances[0], 0.9, price_model::commitment));
  known.prices.push_back(testing::price_of(known.instances[0], 0.1, price_model::commitment));
  known.prices.back().checked = false;
  known.index();
  EXPECT_EQ(rank_of(ask(known), "a1", price_model::commitment), -1);
  constraints limits;
  limits.price_models = {price_model::commitment};
  const recommendation answer = ask(known, limits);
  ASSERT_EQ(answer.ranked.size(), 1U);
  EXPECT_DOUBLE_EQ(answer.ranked[0].usd_per_hour, 0.9);
}

TEST(recommend, prices_too_old_or_not_checked_are_put_aside_with_the_reason) {
  profiles::catalogue known = testing::small_catalogue();
  const auto reason_of = [](const recommendation& answer, price_model model) -> std::optional<rejection_reason> {
    for (const rejection& r : answer.rejected)
      if (r.instance->type == "a1" && r.price && r.price->model == model) return r.reason;
    return std::nullopt;
  };
  for (profiles::price& p : known.prices)
    if (p.instance_type == "a1") p.origin.date = "2025-06-01";  // 539 days before the ranking
  known.index();
  const recommendation aged = ask(known);
  EXPECT_EQ(reason_of(aged, price_model::spot), rejection_reason::old_price);
  EXPECT_GE(rank_of(aged, "a1"), 0) << "a list price of that age still counts";

  constraints patient;
  patient.max_spot_price_age_days = 540;
  EXPECT_EQ(reason_of(ask(known, patient), price_model::spot), std::nullopt);

  for (profiles::price& p : known.prices)
    if (p.instance_type == "a1") p.checked = false;
  EXPECT_EQ(reason_of(ask(known), price_model::on_demand), rejection_reason::no_price);
}

TEST(recommend, an_offer_does_not_win_because_its_host_is_not_stated) {
  profiles::catalogue known = testing::small_catalogue();
  profiles::workload hungry = testing::resnet_training();
  hungry.host_cpu_seconds_per_unit = 1;  // the host decides
  const auto seconds_of_a1 = [&] {
    const recommendation answer = recommend(known, testing::shipped(), hungry, {}, {}, testing::on_2026_11_22());
    const int rank = rank_of(answer, "a1");
    return rank < 0 ? -1.0 : answer.ranked[static_cast<std::size_t>(rank)].job.seconds;
  };
  const double stated = seconds_of_a1();
  ASSERT_GT(stated, 0);
  for (profiles::instance& type : known.instances)
    if (type.type == "a1" && type.provider == "acme") type.vcpus.reset();
  known.index();
  // Every other instance of the sample has 16 vCPUs a GPU, as a1 had.
  EXPECT_NEAR(seconds_of_a1(), stated, 1e-9 * stated);
}

TEST(recommend, says_what_would_change_the_answer) {
  const profiles::catalogue known = testing::small_catalogue();
  const recommendation answer = ask(known);
  ASSERT_GE(answer.flip_points.size(), 2U);
  EXPECT_NE(answer.flip_points[0].find("an hour (now $"), std::string::npos) << answer.flip_points[0];
  // The price named is the one at which the second offer wins.
  const candidate& first = answer.ranked[0];
  const candidate& second = answer.ranked[1];
  profiles::catalogue dearer = known;
  for (profiles::price& p : dearer.prices) {
    if (p.instance_type == first.instance->type && p.model == first.price->model) {
      p.amount_per_hour *= 1.001 * second.expected_cost_usd / first.expected_cost_usd;
    }
  }
  const recommendation changed = ask(dearer);
  EXPECT_EQ(changed.ranked.front().price->model, second.price->model) << answer.flip_points[0];
}

TEST(recommend, refuses_impossible_limits) {
  const profiles::catalogue known = testing::small_catalogue();
  const auto refuse = [&](constraints limits, const std::string& part) {
    try {
      ask(known, limits);
      FAIL() << "accepted " << part;
    } catch (const error& e) {
      EXPECT_EQ(e.kind(), error_kind::usage);
      EXPECT_NE(e.describe().find(part), std::string::npos) << e.describe();
    }
  };
  constraints limits;
  limits.deadline_seconds = 0;
  refuse(limits, "deadline");
  limits = {};
  limits.budget_usd = -5;
  refuse(limits, "budget");
  limits = {};
  limits.providers = {"acne"};
  refuse(limits, "acme");
  limits = {};
  limits.regions = {"here-2"};
  refuse(limits, "here-1");
  limits = {};
  limits.gpu_pattern = "A100(";
  refuse(limits, "regular expression");
  limits = {};
  limits.confidence = 1;
  refuse(limits, "confidence");
  limits = {};
  limits.max_nodes = 0;
  refuse(limits, "node");
}

}  // namespace
}  // namespace gpubench::planner
