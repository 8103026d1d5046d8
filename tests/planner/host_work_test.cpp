#include "planner/host_work.hpp"

#include "planner/recommend.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

profiles::workload images() {
  profiles::workload w;
  w.name = "prepare";
  w.kind = profiles::workload_kind::host;
  w.unit = "image";
  w.total_units = 1e9;
  w.precision = models::precision::fp32;
  w.host_cpu_seconds_per_unit = 0.002;
  w.host_benchmark = "data_preparation_images";
  return w;
}

/// The small catalogue with a faster CPU, which no instance has.
profiles::catalogue with_reference() {
  profiles::catalogue c = testing::small_catalogue();
  profiles::cpu_spec fast = c.cpus[0];
  fast.name = "Fast";
  fast.microarchitecture = "Other";
  fast.all_core_turbo_hertz = 4.5e9;
  c.cpus.push_back(fast);
  c.index();
  return c;
}

results::run run_on(const std::string& type, const std::string& microarchitecture, double seconds_of_64_images) {
  results::measurement m;
  m.benchmark = "data_preparation_images";
  m.backend = "host";
  m.device = "cpu";
  m.params = {{"threads", std::int64_t{1}}};
  m.status = results::measurement_status::ok;
  m.samples_ns = {seconds_of_64_images * 1e9};
  m.work.items = 64;
  results::complete(m);
  results::run run;
  run.started_at = "2026-11-20T00:00:00Z";
  run.environment.cpu.microarchitecture = microarchitecture;
  run.environment.cloud = results::cloud_environment{};
  run.environment.cloud->provider = "acme";
  run.environment.cloud->instance_type = type;
  run.measurements = {m};
  return run;
}

const profiles::instance& type_of(const profiles::catalogue& known, const std::string& name) {
  return *std::find_if(known.instances.begin(), known.instances.end(), [&](const auto& i) { return i.type == name; });
}

TEST(host_work, a_core_is_as_fast_as_its_clock_says) {
  const auto known = with_reference();
  auto w = images();
  w.host_cpu = "Fast";
  const estimate core = core_time(w, {}, type_of(known, "c48"), known).value();
  EXPECT_DOUBLE_EQ(core.seconds, 0.003);  // 0.002 s at 4.5 GHz; c48 has 3.0
  EXPECT_EQ(core.basis, basis::data_sheet);
  EXPECT_EQ(core.bound_by, bound::host);
  EXPECT_GT(core.high, 2 * core.seconds);
  EXPECT_DOUBLE_EQ(core_time(w, {}, type_of(known, "a1"), known)->seconds, 0.002) << "a CPU that is not stated";
  w.host_cpu = "Xeon";
  const estimate same = core_time(w, {}, type_of(known, "c48"), known).value();
  EXPECT_DOUBLE_EQ(same.seconds, 0.002);
  EXPECT_EQ(same.basis, basis::calibrated);
  EXPECT_LT(same.high / same.low, core.high / core.low);
}

TEST(host_work, a_run_counts_before_the_workload_and_its_own_type_most) {
  const auto known = with_reference();
  auto w = images();
  w.host_cpu = "Xeon";
  const auto elsewhere = measured_hosts({run_on("zen", "Other", 0.064)});
  const estimate scaled = core_time(w, elsewhere, type_of(known, "c48"), known).value();
  EXPECT_DOUBLE_EQ(scaled.seconds, 0.0015);  // 1 ms at 4.5 GHz
  EXPECT_EQ(scaled.basis, basis::scaled);
  const auto here = measured_hosts({run_on("c48", "Emerald Rapids", 0.128), run_on("zen", "Other", 0.064)});
  const estimate own = core_time(w, here, type_of(known, "c48"), known).value();
  EXPECT_DOUBLE_EQ(own.seconds, 0.002);
  EXPECT_EQ(own.basis, basis::measured);
  w.host_benchmark = "data_preparation_text";
  EXPECT_DOUBLE_EQ(core_time(w, here, type_of(known, "c48"), known)->seconds, 0.002)
      << "no run has text: the workload's";
  EXPECT_EQ(core_time(w, here, type_of(known, "c48"), known)->basis, basis::calibrated);
  w.host_cpu_seconds_per_unit = 0;
  EXPECT_FALSE(core_time(w, {}, type_of(known, "c48"), known)) << "a device by itself";
}

recommendation ask(const profiles::workload& what, const constraints& limits = {},
                   const std::vector<results::run>& runs = {}) {
  return recommend(with_reference(), testing::shipped(), what, limits, runs, testing::on_2026_11_22());
}

const candidate& offer(const recommendation& answer, const std::string& type) {
  for (const candidate& c : answer.ranked)
    if (c.instance->type == type) return c;
  throw std::out_of_range(type);
}

TEST(host_work, every_core_makes_its_units_and_gpus_none) {
  const profiles::catalogue known = with_reference();
  const auto answer = recommend(known, testing::shipped(), images(), {}, {}, testing::on_2026_11_22());
  ASSERT_FALSE(answer.ranked.empty());
  EXPECT_DOUBLE_EQ(offer(answer, "c48").units_per_second, 48 / 0.002);
  EXPECT_DOUBLE_EQ(offer(answer, "a1").units_per_second, 8 / 0.002);  // 16 vCPUs
  EXPECT_DOUBLE_EQ(offer(answer, "a8").units_per_second, 64 / 0.002);
  // An A100 does no more of it than a T4 beside as many cores.
  EXPECT_DOUBLE_EQ(offer(answer, "a1").units_per_second, offer(answer, "t1").units_per_second);
  EXPECT_LT(offer(answer, "t1").expected_cost_usd, offer(answer, "a1").expected_cost_usd);
  EXPECT_EQ(offer(answer, "c48").step.bound_by, bound::host);
  EXPECT_EQ(offer(answer, "c48").split, "all cores");
  EXPECT_FALSE(offer(answer, "a1").helpers);
}

TEST(host_work, reading_limits_what_cores_could_prepare) {
  const profiles::catalogue known = with_reference();
  auto w = images();
  w.bytes_read_per_unit = 1e6;  // c48: 25 Gbit/s are 3,125 images a second, its cores 24,000
  const auto answer = recommend(known, testing::shipped(), w, {}, {}, testing::on_2026_11_22());
  EXPECT_NEAR(offer(answer, "c48").units_per_second, 3125, 1e-6);
  EXPECT_EQ(offer(answer, "c48").step.bound_by, bound::network);
  EXPECT_DOUBLE_EQ(offer(answer, "a1").units_per_second, 4000) << "100 Gbit/s carry 12,500";
}

TEST(host_work, nodes_divide_the_work) {
  constraints limits;
  limits.max_nodes = 8;
  limits.deadline_seconds = 6 * 3600;  // one c48 takes 11.6 hours
  const profiles::catalogue known = with_reference();
  const auto answer = recommend(known, testing::shipped(), images(), limits, {}, testing::on_2026_11_22());
  ASSERT_FALSE(answer.ranked.empty());
  const candidate& c = offer(answer, "c48");
  EXPECT_GE(c.nodes, 3);  // with what is uncertain
  EXPECT_DOUBLE_EQ(c.units_per_second, c.nodes * 24'000.0);
  EXPECT_EQ(c.split, "all cores of " + std::to_string(c.nodes) + " nodes");
}

TEST(host_work, a_note_says_whose_measurement_it_is) {
  const auto answer = ask(images(), {}, {run_on("c48", "Emerald Rapids", 0.128)});
  const auto found = std::find_if(answer.notes.begin(), answer.notes.end(), [](const std::string& note) {
    return note.find("of a core, as run 2026-11-20T00:00:00Z on Emerald Rapids measured it") != std::string::npos;
  });
  EXPECT_NE(found, answer.notes.end());
}

}  // namespace
}  // namespace gpubench::planner
