#include "fleet/probe_plan.hpp"

#include "core/units.hpp"
#include "planner/duration_spread.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "fleet/information_value.hpp"

namespace gpubench::fleet {
namespace {

using planner::basis;
using planner::candidate;
using planner::recommendation;
using profiles::price_model;

/// Recommendations made by hand: the prices of an hour, and costs of a job with a 90 % interval of a factor around
/// them.
class ProbePlan : public testing::Test {
 protected:
  const profiles::instance& instance(const std::string& type, const std::string& gpu, int count = 1) {
    profiles::instance made;
    made.provider = "acme";
    made.type = type;
    made.gpu = gpu;
    if (gpu.empty()) made.cpu = "Xeon";
    made.gpu_count = gpu.empty() ? 0 : count;
    made.vcpus = 8;
    instances_.push_back(std::make_unique<profiles::instance>(made));
    profiles::gpu_spec spec;
    spec.name = gpu;
    spec.vendor = gpu == "Radeon" ? "AMD" : "NVIDIA";
    if (!gpu.empty() && known_.find_gpu(gpu) == nullptr) {
      known_.gpus.push_back(spec);
      known_.index();
    }
    return *instances_.back();
  }

  candidate offer(const profiles::instance& type, double usd_per_hour, double cost_usd, double factor,
                  price_model model = price_model::on_demand) {
    profiles::price price;
    price.provider = type.provider;
    price.instance_type = type.type;
    price.model = model;
    price.amount_per_hour = usd_per_hour;
    prices_.push_back(std::make_unique<profiles::price>(price));
    candidate c;
    c.instance = &type;
    c.price = prices_.back().get();
    c.usd_per_hour = usd_per_hour;
    c.cost_usd = c.expected_cost_usd = cost_usd;
    c.cost_low_usd = cost_usd / factor;
    c.cost_high_usd = cost_usd * factor;
    c.job.basis = basis::calibrated;
    return c;
  }

  static recommendation answer(const std::string& workload, std::vector<candidate> ranked) {
    recommendation made;
    made.workload.name = workload;
    made.ranked = std::move(ranked);
    return made;
  }

  /// A workload that hangs on one device alone: its rival costs as much on average, and is known.
  recommendation hanging_on(const std::string& device, double usd_per_hour, double gain_usd, int nodes = 1) {
    constexpr double factor = 1.5;
    const double spread = std::log(factor) / 1.6448536269514722, left = std::log(1.2) / 1.6448536269514722;
    const double gain_of_one = choice({{1, spread, left}, {1, 0, 0}}).of_measuring({0});
    const double cost = gain_usd / gain_of_one;
    candidate unsure = offer(instance(device, device), usd_per_hour, cost, factor);
    unsure.nodes = nodes;
    candidate rival = offer(instance("rival-" + device, "R" + device), 1, cost, 1);
    rival.job.basis = basis::measured;
    return answer("of-" + device, {unsure, rival});
  }

  probe_plan plan(const std::vector<recommendation>& answers, const probe_terms& terms) const {
    return plan_probes(known_, answers, terms);
  }

  profiles::catalogue known_;
  std::vector<std::unique_ptr<profiles::instance>> instances_;
  std::vector<std::unique_ptr<profiles::price>> prices_;
};

// 300 s of suite and 1500 s beside it: half an hour.
probe_terms half_an_hour() {
  probe_terms terms;
  terms.setup_seconds = 1500;
  return terms;
}

TEST_F(ProbePlan, MeasuresFirstWhereTheAnswerHangsOnAndStopsWhereTheGainIsBelowTheCost) {
  const std::vector<recommendation> answers{
      answer("w", {offer(instance("a", "A"), 2, 100, 1.6), offer(instance("b", "B"), 2, 104, 1.01),
                   offer(instance("c", "C"), 2, 900, 1.01)})};
  const probe_plan made = plan(answers, half_an_hour());
  // A's spread hides whether B is cheaper; B's and C's are known well enough.
  ASSERT_EQ(made.chosen, 1U);
  EXPECT_EQ(made.probes.front().device, "A");
  EXPECT_EQ(made.probes.front().verdict, probe_verdict::measure);
  EXPECT_DOUBLE_EQ(*made.probes.front().cost_usd, 1.0);
  EXPECT_DOUBLE_EQ(made.cost_usd, 1.0);
  // log(1.6) / 1.645 = 0.2857; what is left after a measurement, log(1.2) / 1.645 = 0.1108.
  const choice same({{100, 0.28573, 0.11084}, {104, 0, 0}, {900, 0, 0}});
  EXPECT_NEAR(made.gain_usd, same.of_measuring({0}), 0.01);
  EXPECT_NEAR(made.probes.front().gain_usd, made.gain_usd, 1e-12);
  EXPECT_GT(made.stakes.front().regret_usd, made.gain_usd);
  EXPECT_EQ(made.stakes.front().alternatives, 3U);
  EXPECT_EQ(made.probes.front().workloads, std::vector<std::string>{"w"});
}

TEST_F(ProbePlan, MeasuresNothingWhereIntervalsDoNotOverlap) {
  const std::vector<recommendation> answers{
      answer("w", {offer(instance("a", "A"), 2, 100, 1.3), offer(instance("b", "B"), 2, 900, 1.3)})};
  const probe_plan made = plan(answers, half_an_hour());
  EXPECT_EQ(made.chosen, 0U);
  EXPECT_NEAR(made.regret_usd, 0, 1e-6);
  ASSERT_EQ(made.probes.size(), 2U);
  for (const probe& one : made.probes) {
    EXPECT_EQ(one.verdict, probe_verdict::not_worth);
    EXPECT_TRUE(one.workloads.empty());
  }
}

TEST_F(ProbePlan, HasNothingToMeasureOnWhatIsMeasured) {
  candidate measured = offer(instance("a", "A"), 2, 100, 1.5);
  measured.job.basis = basis::measured;
  const std::vector<recommendation> answers{answer("w", {measured, offer(instance("b", "B"), 2, 104, 1.5)})};
  const probe_plan made = plan(answers, half_an_hour());
  ASSERT_EQ(made.probes.size(), 1U);
  EXPECT_EQ(made.probes.front().device, "B");
}

TEST_F(ProbePlan, GoesOnAsLongAsTheJobsAreManyEnough) {
  const std::vector<recommendation> answers{
      answer("w", {offer(instance("a", "A"), 20, 100, 1.3), offer(instance("b", "B"), 20, 104, 1.3)})};
  probe_terms terms = half_an_hour();
  std::size_t before = 0;
  double gain_of_one = 0;
  for (const double jobs : {1.0, 10.0, 1000.0}) {
    terms.jobs = jobs;
    const probe_plan made = plan(answers, terms);
    EXPECT_GE(made.chosen, before) << jobs;
    before = made.chosen;
    if (jobs == 1) gain_of_one = made.probes.front().alone_usd;
  }
  EXPECT_EQ(before, 2U);
  // Spending 1000 jobs' worth, at $100 each, is the same.
  terms.jobs = 1;
  terms.spend_usd = 100'000;
  const probe_plan spent = plan(answers, terms);
  EXPECT_EQ(spent.chosen, 2U);
  EXPECT_DOUBLE_EQ(spent.stakes.front().jobs, 1000);
  EXPECT_NEAR(std::max(spent.probes[0].alone_usd, spent.probes[1].alone_usd), 1000 * gain_of_one, 1);
}

TEST_F(ProbePlan, KeepsToItsBudgetAndItsInstances) {
  std::vector<candidate> many;
  for (int i = 0; i < 6; ++i)
    many.push_back(offer(instance("t" + std::to_string(i), "G" + std::to_string(i)), 1 + i, 1000 + i, 1.5));
  const std::vector<recommendation> answers{answer("w", many)};
  probe_terms terms = half_an_hour();
  const probe_plan free = plan(answers, terms);
  ASSERT_EQ(free.chosen, 6U);
  for (const double budget : {0.2, 1.0, 3.0, 7.4}) {
    terms.budget_usd = budget;
    const probe_plan made = plan(answers, terms);
    EXPECT_LE(made.cost_usd, budget);
    EXPECT_LT(made.chosen, 6U);
    ASSERT_LT(made.chosen, made.probes.size());
    EXPECT_EQ(made.probes[made.chosen].verdict, probe_verdict::over_budget);
    EXPECT_LE(made.gain_usd, free.gain_usd + 1e-6);
    double sum = 0;
    for (std::size_t i = 0; i < made.chosen; ++i) sum += *made.probes[i].cost_usd;
    EXPECT_NEAR(sum, made.cost_usd, 1e-9);
  }
  terms.budget_usd.reset();
  terms.max_instances = 4;
  const probe_plan four = plan(answers, terms);
  EXPECT_EQ(four.chosen, 4U);
  EXPECT_EQ(four.probes[4].verdict, probe_verdict::too_many_instances);
}

std::vector<std::string> devices(const probe_plan& plan) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < plan.chosen; ++i) names.push_back(plan.probes[i].device);
  std::sort(names.begin(), names.end());
  return names;
}

TEST_F(ProbePlan, ADearProbeDoesNotPushOutCheaperOnesThatTogetherGainMore) {
  // Half an hour of each: A costs $10 and gains $20, B and C cost $5 and gain $14 each.
  const std::vector<recommendation> answers{hanging_on("A", 20, 20), hanging_on("B", 10, 14), hanging_on("C", 10, 14)};
  probe_terms terms = half_an_hour();
  EXPECT_THAT(devices(plan(answers, terms)), testing::ElementsAre("A", "B", "C"));
  terms.budget_usd = 10;
  const probe_plan made = plan(answers, terms);
  EXPECT_THAT(devices(made), testing::ElementsAre("B", "C"));
  EXPECT_NEAR(made.cost_usd, 10, 1e-9);
  EXPECT_NEAR(made.gain_usd, 28, 0.01);
  EXPECT_EQ(made.probes[2].verdict, probe_verdict::over_budget);
  EXPECT_THAT(made.stop, testing::HasSubstr("more than is left of the budget"));
}

TEST_F(ProbePlan, TheGainForEachDollarIsNoBetterWhereItLeavesNoRoom) {
  // B has more for a dollar, and beside it A fits no more.
  const std::vector<recommendation> answers{hanging_on("A", 20, 40), hanging_on("B", 2, 9)};
  probe_terms terms = half_an_hour();
  terms.budget_usd = 10;
  EXPECT_THAT(devices(plan(answers, terms)), testing::ElementsAre("A"));
}

TEST_F(ProbePlan, InstancesAreSpentOnTheSetThatGainsMost) {
  // Of two nodes: A gains $20 for $1, B and C of one node gain $14 for $1 each.
  const std::vector<recommendation> answers{hanging_on("A", 1, 20, 2), hanging_on("B", 2, 14), hanging_on("C", 2, 14)};
  probe_terms terms = half_an_hour();
  terms.max_instances = 2;
  const probe_plan made = plan(answers, terms);
  EXPECT_THAT(devices(made), testing::ElementsAre("B", "C"));
  EXPECT_EQ(made.probes[2].verdict, probe_verdict::too_many_instances);
}

TEST_F(ProbePlan, MeasuresADeviceOnceOnTheCheapestOfferOfTheLargestSystem) {
  const auto &one = instance("one", "A"), &eight = instance("eight", "A", 8), &dearer = instance("dearer", "A", 8),
             &other = instance("other", "B");
  // The first workload takes one GPU, the second all eight.
  const std::vector<recommendation> answers{
      answer("small", {offer(one, 2, 100, 1.5), offer(other, 3, 101, 1.5), offer(eight, 16, 102, 1.5)}),
      answer("large", {offer(dearer, 20, 99, 1.5), offer(eight, 16, 102, 1.5), offer(other, 3, 104, 1.5)})};
  const probe_plan made = plan(answers, half_an_hour());
  ASSERT_EQ(made.probes.size(), 2U);
  const auto a = std::find_if(made.probes.begin(), made.probes.end(), [](const probe& p) { return p.device == "A"; });
  ASSERT_NE(a, made.probes.end());
  EXPECT_EQ(a->type->type, "eight");
  EXPECT_DOUBLE_EQ(*a->cost_usd, 8);
  EXPECT_THAT(a->workloads, testing::ElementsAre("small", "large"));
  EXPECT_EQ(made.stakes[0].alternatives, 2U);
  EXPECT_NEAR(made.regret_usd, made.stakes[0].regret_usd + made.stakes[1].regret_usd, 1e-9);
}

TEST_F(ProbePlan, PaysWhatTheProviderBillsAtLeast) {
  std::vector<recommendation> answers{
      answer("w", {offer(instance("a", "A"), 4, 100, 1.5), offer(instance("b", "B"), 4, 104, 1.5)})};
  profiles::billing_rule hourly;
  hourly.granularity_seconds = 3600;
  answers.front().limits.terms.billing["acme"] = hourly;
  const probe_plan made = plan(answers, half_an_hour());
  EXPECT_DOUBLE_EQ(made.probes.front().billed_seconds, 3600);
  EXPECT_DOUBLE_EQ(*made.probes.front().cost_usd, 4);
}

TEST_F(ProbePlan, KnowsNoCostWhereOnlyACommitmentIsForSale) {
  const std::vector<recommendation> answers{answer(
      "w", {offer(instance("a", "A"), 4, 100, 1.5, price_model::commitment), offer(instance("b", "B"), 4, 900, 1.01)})};
  const probe_plan made = plan(answers, half_an_hour());
  const probe& a = made.probes[0].device == "A" ? made.probes[0] : made.probes[1];
  EXPECT_EQ(a.verdict, probe_verdict::price_unknown);
  EXPECT_FALSE(a.cost_usd);
  EXPECT_EQ(a.offer, nullptr);
  EXPECT_EQ(made.chosen, 0U);
}

TEST_F(ProbePlan, RentsByTheHourWhatTheWorkIsCommittedTo) {
  const auto& a = instance("a", "A");
  std::vector<recommendation> answers{
      answer("w", {offer(a, 4, 100, 1.5, price_model::commitment), offer(instance("b", "B"), 4, 101, 1.01)})};
  answers.front().limits.price_models = {price_model::commitment};
  known_.instances = {a};
  const auto list = [&](const std::string& region, price_model model, double usd_per_hour) {
    profiles::price price;
    price.provider = a.provider;
    price.instance_type = a.type;
    price.region = region;
    price.model = model;
    price.amount_per_hour = usd_per_hour;
    price.currency = "USD";
    price.origin.date = "2026-11-20";
    known_.prices.push_back(price);
  };
  list("north", price_model::on_demand, 5);
  list("north", price_model::commitment, 1);
  list("south", price_model::spot, 3);
  known_.rates.add("USD", {1, "2026-11-20", "by definition"});
  known_.index();
  probe_terms terms = half_an_hour();
  terms.now = std::chrono::system_clock::time_point(std::chrono::hours(24 * *parse_date("2026-11-22")));
  const auto of_a = [](const probe_plan& made) {
    return *std::find_if(made.probes.begin(), made.probes.end(), [](const probe& p) { return p.device == "A"; });
  };
  const probe cheapest = of_a(plan(answers, terms));
  ASSERT_NE(cheapest.offer, nullptr);
  EXPECT_EQ(cheapest.offer->model, price_model::spot);
  EXPECT_DOUBLE_EQ(*cheapest.cost_usd, 1.5);
  EXPECT_EQ(cheapest.verdict, probe_verdict::measure);

  answers.front().limits.regions = {"north"};
  const probe there = of_a(plan(answers, terms));
  ASSERT_NE(there.offer, nullptr);
  EXPECT_EQ(there.offer->model, price_model::on_demand);
  EXPECT_DOUBLE_EQ(*there.cost_usd, 2.5);

  terms.now =
      std::chrono::system_clock::time_point(std::chrono::hours(24 * *parse_date("2026-11-19")));  // before the prices
  EXPECT_EQ(of_a(plan(answers, terms)).verdict, probe_verdict::price_unknown);
}

TEST_F(ProbePlan, NamesWhatIsWorthMostAndCannotBeMeasuredOrPriced) {
  const auto offers = [&](const std::string& gpu, price_model model) {
    return std::vector<recommendation>{
        answer("w", {offer(instance("x", gpu), 0.1, 100, 1.5, model), offer(instance("b", "B"), 4, 101, 1.01)})};
  };
  const auto radeon = offers("Radeon", price_model::on_demand);
  const probe_plan foreign = plan(radeon, half_an_hour());
  ASSERT_NE(most_valuable_left(foreign), nullptr);
  EXPECT_EQ(most_valuable_left(foreign)->device, "Radeon");
  EXPECT_THAT(foreign.notes, testing::ElementsAre(testing::AllOf(testing::HasSubstr("Radeon (acme x)"),
                                                                 testing::HasSubstr("gpubench import"))));
  const auto committed = offers("A", price_model::commitment);
  EXPECT_THAT(plan(committed, half_an_hour()).notes,
              testing::ElementsAre(testing::HasSubstr("what that costs is not known")));
  // Of what can be measured, the table says it.
  const auto plain = offers("C", price_model::on_demand);
  EXPECT_TRUE(plan(plain, half_an_hour()).notes.empty());
}

TEST_F(ProbePlan, ChoosesNoGpuThatItCannotMeasure) {
  const std::vector<recommendation> answers{
      answer("w", {offer(instance("r", "Radeon"), 0.1, 100, 1.5), offer(instance("c", ""), 0.1, 101, 1.01)})};
  const probe_plan made = plan(answers, half_an_hour());
  EXPECT_EQ(made.chosen, 0U);
  EXPECT_EQ(made.probes.back().device, "Radeon");
  EXPECT_EQ(made.probes.back().verdict, probe_verdict::not_measurable);
  EXPECT_GT(made.probes.back().alone_usd, 1);
}

TEST_F(ProbePlan, CountsTypesWithoutAPrice) {
  const auto& unpriced = instance("u", "U");
  std::vector<recommendation> answers{answer("w", {offer(instance("a", "A"), 4, 100, 1.5)})};
  answers.front().rejected.push_back({&unpriced, nullptr, planner::rejection_reason::no_price, ""});
  const probe_plan made = plan(answers, half_an_hour());
  EXPECT_THAT(made.notes, testing::ElementsAre(testing::HasSubstr("1 instance type without a usable price")));
  EXPECT_EQ(made.chosen, 0U);  // no rival, nothing to choose
}

}  // namespace
}  // namespace gpubench::fleet
