#include "planner/host_side.hpp"

#include "planner/job_state.hpp"
#include "planner/recommend.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

using profiles::price_model;

recommendation ask(const profiles::catalogue& known, const profiles::workload& what, const constraints& limits = {}) {
  return recommend(known, testing::shipped(), what, limits, {}, testing::on_2026_11_22());
}

profiles::workload hungry() {
  profiles::workload w = testing::resnet_training();
  w.host_cpu_seconds_per_unit = 0.01;  // 8 cores of acme a1 prepare 800 images a second
  w.bytes_read_per_unit = 100e3;
  w.prepared_bytes_per_unit = 150e3;
  return w;
}

/// Beside the GPU instances, CPU ones of 16 cores for $0.4 an hour.
profiles::catalogue with_cheap_cpus(double usd = 0.4, double network_bits = 10e9) {
  profiles::catalogue c = testing::small_catalogue();
  profiles::instance small = c.instances[6];
  c.prices.pop_back();  // of that one, which would help too
  small.type = "c16";
  small.vcpus = 32;
  small.physical_cores = 16;
  small.host_memory_bytes = 64e9;
  small.network_bits_per_second = network_bits;
  c.instances.push_back(small);
  c.prices.push_back(testing::price_of(small, usd, price_model::on_demand));
  c.index();
  return c;
}

const candidate* find(const recommendation& answer, const std::string& type, price_model model, bool helped) {
  for (const candidate& c : answer.ranked) {
    if (c.instance->type == type && c.price->model == model && c.helpers.has_value() == helped) return &c;
  }
  return nullptr;
}

TEST(host_side, pace_is_cores_over_seconds_and_rate_over_bytes) {
  profiles::workload w = hungry();
  const host_pace pace = pace_of(w, 8, 1.25e9, 2);
  EXPECT_DOUBLE_EQ(pace.prepared_units_per_second.value(), 1600);
  EXPECT_DOUBLE_EQ(pace.read_units_per_second.value(), 25000);
  EXPECT_EQ(pace.checkpoint_share, 0);
  w.storage_bytes_per_second = 125e6;  // slower than the network
  EXPECT_DOUBLE_EQ(pace_of(w, 8, 1.25e9, 2).read_units_per_second.value(), 2500);
  // Seven slices of a node read together what the node does.
  profiles::workload stored = w;
  stored.storage_bytes_per_second = 1e8;
  EXPECT_DOUBLE_EQ(7 * pace_of(stored, 8, 1.25e9, 2, 7).read_units_per_second.value(),
                   pace_of(stored, 8, 1.25e9, 2).read_units_per_second.value());
  const host_pace unknown = pace_of(hungry(), 0, 0, 1);
  EXPECT_FALSE(unknown.prepared_units_per_second || unknown.read_units_per_second);
}

TEST(host_side, checkpoints_hold_the_optimisers_state_and_stop_the_training) {
  profiles::workload w;
  w.kind = profiles::workload_kind::transformer_train;
  w.transformer = testing::llama_8b();
  EXPECT_DOUBLE_EQ(checkpoint_bytes(w), 12 * 8030261248.0);
  w.checkpoint_interval_seconds = 1800;
  w.storage_bytes_per_second = 1e9;
  // 96 GB over two nodes' 1 GB/s each, every half hour.
  EXPECT_NEAR(pace_of(w, 0, 12.5e9, 2).checkpoint_share, 12 * 8.030261248 / 2 / 1800, 1e-12);
}

TEST(host_side, slow_storage_and_checkpoints_lengthen_the_step_and_say_so) {
  const profiles::catalogue known = testing::small_catalogue();
  profiles::workload w = testing::resnet_training();
  const double free = find(ask(known, w), "a1", price_model::on_demand, false)->units_per_second;
  w.checkpoint_interval_seconds = 10;
  w.storage_bytes_per_second = 204456256 / 2.0;  // of ResNet-50's 25,557,032 parameters x 8 bytes: 2 s
  const recommendation slow = ask(known, w);
  EXPECT_NEAR(find(slow, "a1", price_model::on_demand, false)->units_per_second, free / 1.2, 1e-6 * free);
  EXPECT_NE(find(slow, "a1", price_model::on_demand, false)->host_reason.find("writing checkpoints adds 20 %"),
            std::string::npos);
  w.checkpoint_interval_seconds.reset();
  w.bytes_read_per_unit = 1e6;
  const candidate reading = *find(ask(known, w), "a1", price_model::on_demand, false);
  EXPECT_NEAR(reading.units_per_second, 102.228, 0.01);
  EXPECT_EQ(reading.step.bound_by, bound::network);
}

TEST(host_side, cpu_instances_beside_a_gpu_one_are_a_candidate_where_they_are_cheaper) {
  const profiles::catalogue known = with_cheap_cpus();
  const recommendation answer = ask(known, hungry());
  const candidate* alone = find(answer, "a1", price_model::on_demand, false);
  const candidate* fed = find(answer, "a1", price_model::on_demand, true);
  ASSERT_TRUE(alone && fed);
  EXPECT_NEAR(alone->units_per_second, 800, 1e-6);
  EXPECT_EQ(alone->host_reason.rfind("8 cores prepare 800 images/s, the devices could take ", 0), 0U)
      << alone->host_reason;
  // One helper of 16 cores adds 1,600 images a second at most.
  EXPECT_GT(fed->units_per_second, 800);
  EXPECT_LE(fed->units_per_second, 2400);
  EXPECT_EQ(fed->helpers->name(), "1 x c16");
  EXPECT_NEAR(fed->usd_per_hour, 3.4, 1e-9);
  EXPECT_LT(fed->usd_per_million_units, alone->usd_per_million_units);
  EXPECT_NEAR(fed->cost_usd, 3.4 / 3600 / fed->units_per_second * hungry().total_units, 1e-9 * fed->cost_usd);
  EXPECT_EQ(answer.ranked.size() + answer.rejected.size(), answer.considered);
  double shares = 0;
  for (const candidate::share& s : fed->shares) shares += s.fraction;
  EXPECT_NEAR(shares, 1, 1e-9);
}

TEST(host_side, helpers_may_keep_a_deadline_that_the_system_alone_misses) {
  constraints limits;
  limits.deadline_seconds = 10'000;
  limits.price_models = {price_model::on_demand};
  // Ten million images at 800 a second are 12,500 s.
  const recommendation answer = ask(with_cheap_cpus(3), hungry(), limits);
  EXPECT_EQ(find(answer, "a1", price_model::on_demand, false), nullptr);
  const candidate* fed = find(answer, "a1", price_model::on_demand, true);
  ASSERT_NE(fed, nullptr);
  EXPECT_LE(fed->seconds_at_confidence, 10'000);
  EXPECT_GE(fed->probability_all_limits, 0.95);
  const double helpers = fed->cost_by_part[static_cast<std::size_t>(cost_part::data_preparation)];
  EXPECT_NEAR(helpers / fed->expected_cost_usd, 0.5, 1e-9) << "$3 an hour each";
  EXPECT_EQ(fed->helpers->usd_per_hour, 3);
  EXPECT_EQ(answer.ranked.size() + answer.rejected.size(), answer.considered);
}

TEST(host_side, helpers_are_paid_for_as_long_as_a_spot_job_lasts) {
  constraints limits;
  limits.terms.spot.monthly_interruption_fraction = 0.99;
  const recommendation answer = ask(with_cheap_cpus(), hungry(), limits);
  const candidate* fed = find(answer, "a1", price_model::spot, true);
  ASSERT_NE(fed, nullptr);
  EXPECT_GT(fed->cost_by_part[static_cast<std::size_t>(cost_part::lost_work)], 0);
  const double helpers = fed->cost_by_part[static_cast<std::size_t>(cost_part::data_preparation)];
  EXPECT_GT(helpers, 0.4 / 3600 * 1e7 / fed->units_per_second) << "longer than the work alone";
}

TEST(host_side, helpers_that_cost_more_than_they_bring_or_cannot_be_reached_are_none) {
  EXPECT_EQ(find(ask(with_cheap_cpus(100), hungry()), "a1", price_model::on_demand, true), nullptr);
  profiles::workload unknown = hungry();
  unknown.prepared_bytes_per_unit = 0;
  EXPECT_EQ(find(ask(with_cheap_cpus(), unknown), "a1", price_model::on_demand, true), nullptr);
  // 8 Mbit/s carry 6.7 prepared images a second.
  EXPECT_EQ(find(ask(with_cheap_cpus(0.4, 8e6), hungry()), "a1", price_model::on_demand, true), nullptr);
}

TEST(host_side, helpers_are_as_many_as_the_rate_asked_for_needs) {
  constraints limits;
  limits.price_models = {price_model::on_demand};
  const profiles::catalogue known = with_cheap_cpus();
  profiles::workload w = hungry();
  w.host_cpu_seconds_per_unit = 0.1;  // 80 images a second of a1's own, 160 of each helper
  const auto helpers_for = [&](double rate) {
    limits.rate_units_per_second = rate;
    const recommendation answer = ask(known, w, limits);
    const candidate* fed = find(answer, "a1", price_model::on_demand, true);
    return fed ? fed->helpers->name() : std::string();
  };
  const recommendation fastest = ask(known, w);
  const candidate* at_full_speed = find(fastest, "a1", price_model::on_demand, true);
  ASSERT_NE(at_full_speed, nullptr);
  EXPECT_GT(at_full_speed->units_per_second, 1000);
  EXPECT_EQ(helpers_for(50), "") << "its own cores do";
  EXPECT_EQ(helpers_for(300).rfind("2 x c16", 0), 0U) << helpers_for(300);
  EXPECT_EQ(helpers_for(600).rfind("4 x c16", 0), 0U) << helpers_for(600);
}

TEST(host_side, checkpoints_stop_helpers_too) {
  const profiles::catalogue known = with_cheap_cpus();
  profiles::workload w = hungry();
  w.host_cpu_seconds_per_unit = 0.1;
  constraints limits;
  limits.price_models = {price_model::on_demand};
  const candidate free = *find(ask(known, w, limits), "a1", price_model::on_demand, true);
  w.checkpoint_interval_seconds = 10;
  w.storage_bytes_per_second = 204456256 / 2.0;  // a checkpoint takes 2 s
  w.bytes_read_per_unit = 0;                     // so that this rate binds no reading
  const candidate stopped = *find(ask(known, w, limits), "a1", price_model::on_demand, true);
  EXPECT_LE(stopped.units_per_second, free.units_per_second / 1.2 * (1 + 1e-9));
  EXPECT_EQ(stopped.helpers->name(), free.helpers->name()) << "they wait as the devices do";
}

TEST(host_side, a_crowd_of_helpers_around_one_instance_is_no_plan) {
  const profiles::catalogue known = with_cheap_cpus();
  profiles::workload w = hungry();
  constraints limits;
  limits.price_models = {price_model::on_demand};
  w.host_cpu_seconds_per_unit = 0.1;
  const candidate* fed = find(ask(known, w, limits), "a1", price_model::on_demand, true);
  ASSERT_NE(fed, nullptr);
  w.host_cpu_seconds_per_unit = 2;
  EXPECT_EQ(find(ask(known, w, limits), "a1", price_model::on_demand, true), nullptr);
}

TEST(host_side, slices_are_fed_by_helpers_as_whole_devices_are) {
  profiles::catalogue known = with_cheap_cpus();
  known.gpus[0].compute_capability = "8.0";
  known.gpus[0].multiprocessors = 108;
  known.gpus[0].mig_max_instances = 7;
  known.gpus[0].l2_bytes = 40e6;
  known.index();
  profiles::workload w = hungry();
  w.kind = profiles::workload_kind::cnn_infer;
  w.batch_per_device = 1;
  constraints limits;
  limits.price_models = {price_model::on_demand};
  const recommendation answer = ask(known, w, limits);
  const candidate* fed = find(answer, "a1", price_model::on_demand, true);
  ASSERT_NE(fed, nullptr);
  EXPECT_EQ(fed->slice.rfind("MIG", 0), 0U) << fed->slice;
  const candidate* alone = find(answer, "a1", price_model::on_demand, false);
  ASSERT_NE(alone, nullptr);
  EXPECT_GT(fed->units_per_second, 1.2 * alone->units_per_second);
  EXPECT_LT(fed->usd_per_million_units, alone->usd_per_million_units);
}

TEST(host_side, a_job_faster_than_its_units_come_in_waits_for_them_and_for_no_host) {
  profiles::workload w = hungry();
  constraints limits;
  limits.price_models = {price_model::on_demand};
  const profiles::catalogue known = testing::small_catalogue();
  EXPECT_FALSE(find(ask(known, w, limits), "a1", price_model::on_demand, false)->host_reason.empty());
  limits.rate_units_per_second = 100;
  EXPECT_TRUE(find(ask(known, w, limits), "a1", price_model::on_demand, false)->host_reason.empty());
}

TEST(host_side, a_rate_caps_the_worth_of_speed_and_the_cheapest_that_sustains_it_wins) {
  const profiles::catalogue known = with_cheap_cpus();
  profiles::workload w = testing::resnet_training();
  w.kind = profiles::workload_kind::cnn_infer;
  w.precision = models::precision::fp32;
  w.batch_per_device = 8;
  constraints limits;
  limits.rate_units_per_second = 20;
  const recommendation little = ask(known, w, limits);
  ASSERT_FALSE(little.ranked.empty());
  EXPECT_EQ(little.ranked.front().instance->type, "t-half") << "$0.3 an hour, the least of all that keep up";
  EXPECT_NEAR(little.ranked.front().job.seconds, w.total_units / 20, 1e-6 * w.total_units);
  // A CPU for $0.2 keeps up too: then it is enough.
  EXPECT_EQ(ask(with_cheap_cpus(0.2), w, limits).ranked.front().instance->type, "c16");
  for (const candidate& c : little.ranked) EXPECT_GE(c.units_per_second, 20) << c.instance->type;
  limits.rate_units_per_second = 1e7;
  const recommendation much = ask(known, w, limits);
  EXPECT_TRUE(much.ranked.empty());
  EXPECT_TRUE(std::any_of(much.rejected.begin(), much.rejected.end(), [](const rejection& r) {
    return r.reason == rejection_reason::rate && r.detail.find("asked for 10,000,000") != std::string::npos;
  })) << much.rejected.front().detail;
  limits.rate_units_per_second = 0;
  EXPECT_THROW(ask(known, w, limits), error);
}

TEST(ranking_property, a_lower_throughput_never_takes_an_offer_away_or_raises_the_least_cost) {
  const profiles::catalogue known = with_cheap_cpus();
  std::size_t offers = 0;
  double least = std::numeric_limits<double>::infinity();
  for (const double rate : {3000.0, 1500.0, 700.0, 300.0, 100.0}) {
    constraints limits;
    limits.rate_units_per_second = rate;
    limits.price_models = {price_model::on_demand};
    const recommendation answer = ask(known, hungry(), limits);
    EXPECT_GE(answer.ranked.size(), offers) << rate;
    offers = answer.ranked.size();
    if (answer.ranked.empty()) continue;
    EXPECT_LE(answer.ranked.front().usd_per_hour, least * 1.05) << rate;
    least = answer.ranked.front().usd_per_hour;
    for (const candidate& c : answer.ranked) EXPECT_GE(c.units_per_second, rate);
  }
  EXPECT_GT(offers, 2U);
}

TEST(ranking_property, removing_an_offer_never_improves_the_best_where_instances_help_each_other) {
  const profiles::catalogue known = with_cheap_cpus();
  const double best = ask(known, hungry()).ranked.at(0).expected_cost_usd;
  for (std::size_t i = 0; i < known.prices.size(); ++i) {
    profiles::catalogue fewer = known;
    fewer.prices.erase(fewer.prices.begin() + static_cast<std::ptrdiff_t>(i));
    fewer.index();
    EXPECT_GE(ask(fewer, hungry()).ranked.at(0).expected_cost_usd, best) << known.prices[i].instance_type;
  }
}

}  // namespace
}  // namespace gpubench::planner
