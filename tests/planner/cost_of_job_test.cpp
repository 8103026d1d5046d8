#include "core/error.hpp"
#include "planner/decision.hpp"
#include "planner/duration_spread.hpp"
#include "planner/ranking.hpp"
#include "planner/recommend.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

using profiles::price_model;

recommendation ask(const profiles::catalogue& known, const constraints& limits = {},
                   const profiles::workload& what = testing::resnet_training()) {
  return recommend(known, testing::shipped(), what, limits, {}, testing::on_2026_11_22());
}

const candidate& offer(const recommendation& answer, const std::string& type, price_model model) {
  const auto found = std::find_if(answer.ranked.begin(), answer.ranked.end(), [&](const candidate& c) {
    return c.instance->type == type && c.price->model == model;
  });
  if (found == answer.ranked.end()) throw std::runtime_error("no " + type);
  return *found;
}

double part(const candidate& c, cost_part which) {
  return c.cost_by_part[static_cast<std::size_t>(which)];
}

constexpr double z95 = 1.6448536269514722;

TEST(duration_spread, mean_of_a_log_normal_by_hand) {
  // Both sides alike: exp(s^2 / 2) times the median, s = ln(2) / 1.645.
  const double s = std::log(2.0) / z95;
  EXPECT_NEAR(mean_duration({100, 50, 200, basis::calibrated, bound::compute}), 100 * std::exp(s * s / 2), 1e-9);
  EXPECT_DOUBLE_EQ(mean_duration({100, 100, 100, basis::calibrated, bound::compute}), 100);
}

TEST(duration_spread, samples_have_the_interval_and_the_mean_of_the_duration) {
  const estimate duration{100, 80, 150, basis::calibrated, bound::compute};
  const auto samples = duration_samples(2000).of(duration);
  EXPECT_TRUE(std::is_sorted(samples.begin(), samples.end()));
  EXPECT_NEAR(samples[100], 80, 0.3);
  EXPECT_NEAR(samples[1900], 150, 0.6);
  EXPECT_NEAR(std::accumulate(samples.begin(), samples.end(), 0.0) / 2000, mean_duration(duration), 0.1);
}

TEST(decision, expected_excess_by_margrabe) {
  // Equal means, s = 0.5 together: M (2 Phi(s / 2) - 1) = 100 x 0.19741.
  EXPECT_NEAR(expected_excess(100, 0.3, 100, 0.4), 19.7413, 1e-3);
  EXPECT_DOUBLE_EQ(expected_excess(100, 0, 90, 0), 10);
  EXPECT_DOUBLE_EQ(expected_excess(90, 0, 100, 0), 0);
  EXPECT_GT(expected_excess(90, 0.1, 100, 0.1), 0) << "the dearer one may turn out cheaper";
}

TEST(cost_of_job, parts_add_up_to_the_expected_cost) {
  const auto known = testing::small_catalogue();
  constraints limits;
  limits.terms.startup_seconds = 600;
  for (const candidate& c : ask(known, limits).ranked) {
    const double sum = std::accumulate(c.cost_by_part.begin(), c.cost_by_part.end(), 0.0);
    EXPECT_NEAR(sum, c.expected_cost_usd, 1e-9 * c.expected_cost_usd) << c.instance->type;
    EXPECT_GT(part(c, cost_part::lost_work), 0) << "start-up is paid and does no work";
    EXPECT_GE(c.regret_usd, 0);
  }
}

TEST(cost_of_job, an_expected_cost_lies_above_the_median_by_the_spread) {
  const auto known = testing::small_catalogue();
  const auto answer = ask(known);
  const candidate& c = offer(answer, "a1", price_model::on_demand);
  EXPECT_NEAR(c.expected_cost_usd, 3.0 * mean_duration(c.job) / 3600, 1e-9 * c.expected_cost_usd);
}

TEST(cost_of_job, spot_pays_for_checkpoints_and_lost_work) {
  const auto known = testing::small_catalogue();
  constraints limits;
  limits.terms.spot.monthly_interruption_fraction = 0.999999;  // lost every 53 h
  profiles::workload longer = testing::resnet_training();
  longer.total_units = 1e9;
  const auto answer = ask(known, limits, longer);
  const candidate& spot = offer(answer, "a1", price_model::spot);
  const candidate& steady = offer(answer, "a1", price_model::on_demand);
  ASSERT_TRUE(spot.spot.has_value());
  EXPECT_GT(spot.spot->interruptions, 1);
  EXPECT_GT(part(spot, cost_part::checkpoints), 0);
  EXPECT_GT(part(spot, cost_part::lost_work), 0);
  EXPECT_GT(spot.job.seconds, steady.job.seconds);
  EXPECT_NEAR(part(spot, cost_part::work), part(steady, cost_part::work) * 1.2 / 3.0,
              0.01 * part(spot, cost_part::work));
  EXPECT_FALSE(steady.spot.has_value());
}

TEST(cost_of_job, inference_keeps_no_state_and_so_writes_no_checkpoints) {
  const auto known = testing::small_catalogue();
  profiles::workload w = testing::resnet_training();
  w.kind = profiles::workload_kind::cnn_infer;
  const auto answer = ask(known, {}, w);
  const candidate& spot = offer(answer, "a1", price_model::spot);
  EXPECT_FALSE(spot.spot->interval_seconds.has_value());
  EXPECT_EQ(part(spot, cost_part::checkpoints), 0);
}

TEST(cost_of_job, on_spot_a_job_with_a_rate_lasts_as_long_as_its_units_come_in_and_makes_up_for_losses) {
  constraints limits;
  limits.terms.spot.monthly_interruption_fraction = 0.5;
  limits.rate_units_per_second = 100;
  profiles::workload what = testing::resnet_training();
  what.checkpoint_interval_seconds = 600;
  what.storage_bytes_per_second = 1e8;
  what.total_units *= 50;
  const double arriving = what.total_units / 100;
  const candidate slow = offer(ask(testing::small_catalogue(), limits, what), "a1", price_model::spot);
  EXPECT_GE(slow.job.low, arriving * (1 - 1e-9));
  EXPECT_NEAR(slow.job.seconds, arriving, 1e-6 * arriving) << "a device with speed to spare catches up";
  // Half of the instances a month: 0.69 losses in 30.4 days.
  EXPECT_NEAR(slow.spot->interruptions, 0.693 * arriving / 2'628'000, 0.1);
  EXPECT_NEAR(slow.expected_cost_usd, 1.2 / 3600 * arriving, 0.02 * slow.expected_cost_usd);
  // At all of its speed nothing is left to catch up with.
  what.total_units *= 100;
  what.checkpoint_interval_seconds.reset();
  limits.terms.spot.monthly_interruption_fraction = 0.9999999;  // every two days
  const candidate alone = offer(ask(testing::small_catalogue(), {}, what), "a1", price_model::on_demand);
  limits.rate_units_per_second =
      0.9999 * alone.units_per_second * alone.step.seconds / duration_at_confidence(alone.step, limits.confidence);
  const recommendation full = ask(testing::small_catalogue(), limits, what);
  EXPECT_NO_THROW(offer(full, "a1", price_model::on_demand));
  EXPECT_THROW(offer(full, "a1", price_model::spot), std::runtime_error);
  EXPECT_TRUE(std::any_of(full.rejected.begin(), full.rejected.end(), [](const rejection& r) {
    return r.reason == rejection_reason::rate && r.detail.find("interruptions included") == 0;
  }));
}

/// Up for a sixth of the time, in stretches of ten minutes.
std::shared_ptr<const cost::availability_trace> seldom_up() {
  cost::availability_trace trace;
  trace.name = "seldom.csv";
  trace.step_seconds = 600;
  for (int i = 0; i < 600; ++i) trace.available.push_back(i % 6 == 0 ? 1 : 0);
  return std::make_shared<const cost::availability_trace>(std::move(trace));
}

TEST(ranking_property, parts_of_a_cost_are_never_negative_and_add_up_whatever_rate_and_fallback) {
  for (const auto fallback :
       {cost::spot_fallback::none, cost::spot_fallback::when_unavailable, cost::spot_fallback::before_deadline}) {
    for (const double rate : {20.0, 100.0, 300.0}) {
      constraints limits;
      limits.rate_units_per_second = rate;
      limits.terms.spot.trace = seldom_up();
      limits.terms.spot.fallback = fallback;
      limits.terms.spot.runs = 200;
      if (fallback == cost::spot_fallback::before_deadline) limits.deadline_seconds = 1.2 * 1e7 / rate;
      const recommendation answer = ask(testing::small_catalogue(), limits);
      for (const candidate& c : answer.ranked) {
        double sum = 0;
        for (const double usd : c.cost_by_part) {
          EXPECT_GE(usd, -1e-9) << c.instance->type << " " << rate;
          sum += usd;
        }
        EXPECT_NEAR(sum, c.expected_cost_usd, 1e-6 * sum);
        EXPECT_GE(c.job.low, 1e7 / rate * (1 - 1e-9)) << "no job ends before its last unit has come in";
      }
    }
  }
}

TEST(ranking_property, a_fallback_never_takes_an_offer_away) {
  constraints limits;
  limits.price_models = {price_model::spot};
  limits.terms.spot.monthly_interruption_fraction = 0.9;
  for (const double rate : {50.0, 200.0}) {
    limits.rate_units_per_second = rate;
    limits.deadline_seconds = 1e7 / rate + 600;
    limits.terms.spot.fallback = cost::spot_fallback::none;
    const std::size_t without = ask(testing::small_catalogue(), limits).ranked.size();
    EXPECT_GT(without, 0U);
    limits.terms.spot.fallback = cost::spot_fallback::before_deadline;
    EXPECT_GE(ask(testing::small_catalogue(), limits).ranked.size(), without) << rate;
  }
}

TEST(cost_of_job, an_on_demand_price_too_old_to_plan_on_is_no_alternative) {
  profiles::catalogue known = testing::small_catalogue();
  profiles::price bought = known.prices[0];
  bought.model = price_model::commitment;
  bought.term = "1yr RI, all upfront";
  bought.amount_per_hour = 2;
  known.prices.push_back(bought);
  known.index();
  constraints limits;
  limits.price_models = {price_model::commitment};
  EXPECT_TRUE(offer(ask(known, limits), "a1", price_model::commitment).break_even_utilisation);
  known.prices[0].origin.date = "2020-01-01";
  known.index();
  EXPECT_FALSE(offer(ask(known, limits), "a1", price_model::commitment).break_even_utilisation);
}

TEST(cost_of_job, a_flip_of_the_deadline_counts_the_start_up_in_time_and_cost) {
  constraints limits;
  limits.price_models = {price_model::on_demand};
  limits.max_nodes = 4;
  const auto flip = [&] {
    const recommendation answer = ask(testing::small_catalogue(), limits);
    for (const std::string& point : answer.flip_points)
      if (point.find("if the deadline were under") != std::string::npos) return point;
    return std::string();
  };
  const std::string without = flip();
  limits.terms.startup_seconds = 7200;
  const std::string with = flip();
  ASSERT_FALSE(without.empty() || with.empty());
  EXPECT_NE(without, with);
  // Two hours of start-up are in the time that is named, whatever the system.
  const std::size_t at = with.find('(', with.find("deadline"));
  EXPECT_EQ(with.find(" min,", at), std::string::npos) << with;
}

TEST(cost_of_job, what_a_longer_deadline_would_choose_is_priced_without_the_present_one) {
  const profiles::catalogue known = testing::small_catalogue();
  constraints limits;
  const candidate cheapest = ask(known).ranked.front();
  ASSERT_EQ(cheapest.price->model, price_model::spot);
  // Too short for the cheapest, which would go on on demand at once.
  limits.deadline_seconds = 0.9 * cheapest.job.seconds;
  limits.terms.spot.fallback = cost::spot_fallback::before_deadline;
  limits.max_nodes = 1;
  const recommendation hurried = ask(known, limits);
  ASSERT_FALSE(hurried.ranked.empty());
  EXPECT_TRUE(std::any_of(hurried.flip_points.begin(), hurried.flip_points.end(), [](const std::string& point) {
    return point.rfind("acme a1 spot", 0) == 0 && point.find("if the deadline were over") != std::string::npos;
  }));
}

TEST(cost_of_job, a_trace_that_never_has_enough_rejects_with_the_reason) {
  const auto known = testing::small_catalogue();
  cost::availability_trace trace;
  trace.name = "history.csv";
  trace.step_seconds = 60;
  trace.available = {1, 0, 1, 0};
  constraints limits;
  limits.price_models = {price_model::spot};
  limits.terms.spot.trace = std::make_shared<const cost::availability_trace>(trace);
  limits.terms.spot.restart_seconds = 600;  // longer than it ever lasts
  const auto answer = ask(known, limits);
  EXPECT_TRUE(answer.ranked.empty());
  ASSERT_FALSE(answer.rejected.empty());
  const auto found = std::find_if(answer.rejected.begin(), answer.rejected.end(),
                                  [](const rejection& r) { return r.reason == rejection_reason::interruptions; });
  ASSERT_NE(found, answer.rejected.end());
  EXPECT_NE(found->detail.find("does not get on"), std::string::npos) << found->detail;
}

TEST(cost_of_job, billing_rounds_up_and_the_rest_is_unused) {
  const auto known = testing::small_catalogue();
  constraints limits;
  limits.terms.billing["acme"] = {"acme", 86'400, {}, {}};
  const auto answer = ask(known, limits);
  const candidate& c = offer(answer, "a1", price_model::on_demand);
  EXPECT_NEAR(std::fmod(c.expected_cost_usd, 3.0 * 24), 0, 1e-9);
  EXPECT_GT(part(c, cost_part::unused), 0);
}

TEST(cost_of_job, a_commitment_pays_for_its_unused_hours) {
  auto known = testing::small_catalogue();
  known.prices.push_back(testing::price_of(known.instances[0], 1.5, price_model::commitment));
  known.prices.back().term = "1yr, no upfront";
  known.index();
  constraints limits;
  limits.price_models = {price_model::commitment};
  const auto whole = ask(known, limits);
  limits.terms.commitment_utilisation = 0.5;
  const auto half = ask(known, limits);
  EXPECT_NEAR(half.ranked.front().expected_cost_usd, 2 * whole.ranked.front().expected_cost_usd, 1e-9);
  EXPECT_DOUBLE_EQ(*half.ranked.front().break_even_utilisation, 0.5) << "1.5 beside 3.0 on demand";
}

TEST(cost_of_job, a_capacity_block_is_paid_whole) {
  auto known = testing::small_catalogue();
  known.prices.push_back(testing::price_of(known.instances[0], 1.0, price_model::commitment));
  known.prices.back().term = "Capacity Block (fixed dates, all upfront)";
  known.prices.push_back(testing::price_of(known.instances[0], 1.0, price_model::commitment, "there-1"));
  known.prices.back().term = "capacity block, 1 h";
  known.index();
  constraints limits;
  limits.price_models = {price_model::commitment};
  const auto answer = ask(known, limits);
  ASSERT_EQ(answer.ranked.size(), 1U);
  const candidate& c = answer.ranked.front();
  EXPECT_NEAR(std::fmod(c.expected_cost_usd, 24), 0, 1e-9) << "whole days";
  EXPECT_EQ(c.cost_low_usd, c.cost_high_usd);
  EXPECT_TRUE(std::any_of(answer.rejected.begin(), answer.rejected.end(), [](const rejection& r) {
    return r.price && r.price->region == "there-1" && r.detail.find("no capacity block is long enough") == 0;
  })) << "an hour is too short";
}

TEST(cost_of_job, what_is_stored_and_sent_is_paid_and_a_missing_tariff_is_said) {
  auto known = testing::small_catalogue();
  profiles::storage_offer disk;
  disk.provider = "acme";
  disk.service = "disk";
  disk.kind = "block";
  disk.region = "here-1";
  disk.price_per_gib_month = 0.1;
  disk.currency = "USD";
  known.storage.push_back(disk);
  constraints limits;
  limits.terms.stored_bytes = 100 * 1073741824.0;
  limits.terms.egress_bytes = 1e9;
  const auto answer = ask(known, limits);
  const candidate& c = offer(answer, "a1", price_model::on_demand);
  EXPECT_NEAR(part(c, cost_part::storage), 10.0 * mean_duration(c.job) / 3600 / 730, 1e-9);
  EXPECT_EQ(part(c, cost_part::egress), 0);
  EXPECT_TRUE(std::any_of(answer.notes.begin(), answer.notes.end(), [](const std::string& note) {
    return note.find("Egress at acme is not in its costs") != std::string::npos;
  }));
}

TEST(cost_of_job, same_seed_same_answer) {
  const auto known = testing::small_catalogue();
  constraints limits;
  limits.terms.spot.monthly_interruption_fraction = 0.9999;
  const auto costs = [&](std::uint64_t seed) {
    limits.terms.spot.seed = seed;
    std::vector<double> all;
    for (const candidate& c : ask(known, limits).ranked) all.push_back(c.expected_cost_usd);
    return all;
  };
  EXPECT_EQ(costs(1), costs(1));
  EXPECT_NE(costs(1), costs(2));
}

TEST(ranking_property, a_cheaper_price_never_worsens_a_rank_on_spot_either) {
  auto known = testing::small_catalogue();
  std::size_t last = 100;
  for (const double usd : {5.0, 2.0, 1.0, 0.4, 0.05}) {
    known.prices[1].amount_per_hour = usd;
    const auto answer = ask(known);
    const auto place = static_cast<std::size_t>(&offer(answer, "a1", price_model::spot) - answer.ranked.data());
    EXPECT_LE(place, last) << usd;
    last = place;
  }
}

TEST(ranking_property, a_longer_deadline_never_raises_the_best_cost) {
  const auto known = testing::small_catalogue();
  double last = 1e300;
  for (double hours = 0.5; hours < 200; hours *= 1.5) {
    constraints limits;
    limits.max_nodes = 4;
    limits.deadline_seconds = hours * 3600;
    const auto answer = ask(known, limits);
    if (answer.ranked.empty()) continue;
    EXPECT_LE(answer.ranked.front().expected_cost_usd, last) << hours;
    last = answer.ranked.front().expected_cost_usd;
  }
  EXPECT_LT(last, 1e300);
}

TEST(ranking_property, more_budget_never_lowers_the_throughput_that_it_buys) {
  const auto known = testing::small_catalogue();
  double last = 0;
  for (double budget = 0.5; budget < 2000; budget *= 1.5) {
    constraints limits;
    limits.budget_usd = budget;
    double most = 0;
    for (const candidate& c : ask(known, limits).ranked) most = std::max(most, c.units_per_second);
    EXPECT_GE(most, last) << budget;
    last = most;
  }
  EXPECT_GT(last, 0);
}

TEST(ranking_property, a_wider_interval_never_raises_the_probability) {
  // Of a limit above the median, which any offer that is accepted has.
  double last = 1;
  for (double width = 1.01; width < 4; width *= 1.2) {
    const double p = probability_within({100, 100 / width, 100 * width, basis::calibrated, bound::compute}, 130);
    EXPECT_LE(p, last) << width;
    last = p;
  }
}

TEST(ranking_property, every_ranked_offer_keeps_all_limits_at_the_level) {
  const auto known = testing::small_catalogue();
  constraints limits;
  limits.deadline_seconds = 12 * 3600;
  limits.budget_usd = 30;
  const auto answer = ask(known, limits);
  ASSERT_FALSE(answer.ranked.empty());
  for (const candidate& c : answer.ranked) {
    EXPECT_GE(c.probability_all_limits, 0.95);
    EXPECT_LE(c.probability_all_limits, std::min(c.probability_in_deadline, c.probability_in_budget));
    EXPECT_LE(c.cost_at_confidence_usd, 30 * (1 + 1e-9));
  }
}

TEST(ranking, the_front_is_over_cost_time_and_risk) {
  std::vector<candidate> sorted(5);
  const double figures[5][3] = {{1, 10, 0.04}, {2, 10, 0.01}, {3, 12, 0.02}, {4, 5, 0.03}, {5, 5, 0.03}};
  for (std::size_t i = 0; i < 5; ++i) {
    sorted[i].expected_cost_usd = figures[i][0];
    sorted[i].job.seconds = figures[i][1];
    sorted[i].probability_all_limits = 1 - figures[i][2];
  }
  mark_pareto_front(sorted);
  EXPECT_TRUE(sorted[0].on_pareto_front);
  EXPECT_TRUE(sorted[1].on_pareto_front) << "safer";
  EXPECT_FALSE(sorted[2].on_pareto_front) << "dearer, slower and riskier than the second";
  EXPECT_TRUE(sorted[3].on_pareto_front) << "faster";
  EXPECT_FALSE(sorted[4].on_pareto_front) << "as the fourth, and dearer";
}

TEST(ranking, says_what_rules_of_thumb_and_measurements_would_change) {
  const auto known = testing::small_catalogue();
  constraints limits;
  limits.deadline_seconds = 12 * 3600;
  const auto answer = ask(known, limits);
  ASSERT_EQ(answer.rules.size(), 2U);
  EXPECT_EQ(answer.rules[0].rule, "cheapest per hour");
  EXPECT_EQ(answer.rules[0].choice.instance->type, "t-half");
  EXPECT_LT(answer.rules[0].choice.probability_all_limits, 0.5) << "half a T4 is too slow";
  EXPECT_EQ(answer.rules[1].choice.instance->type, "a1") << "1.2 for 312 TFLOP/s";
  ASSERT_TRUE(answer.next_best.has_value());
  EXPECT_FALSE(same_system(answer.ranked[0], answer.ranked[answer.next_best->place]));
  EXPECT_GT(answer.next_best->expected_regret_usd, 0);
  if (answer.next_best->place < answer.not_separable) {
    EXPECT_EQ(answer.worth_measuring.size(), 2U);
    for (const probe& one : answer.worth_measuring)
      EXPECT_NEAR(one.cost_usd, answer.ranked[one.place].usd_per_hour * one.seconds / 3600, 1e-9);
  } else {
    EXPECT_TRUE(answer.worth_measuring.empty());
  }
}

}  // namespace
}  // namespace gpubench::planner
