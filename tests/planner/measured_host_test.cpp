#include "planner/measured_host.hpp"

#include "planner/host_side.hpp"
#include "planner/recommend.hpp"

#include <gtest/gtest.h>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

results::measurement timed(const std::string& benchmark, double seconds, double bytes, double items = 0,
                           std::int64_t threads = 1) {
  results::measurement m;
  m.benchmark = benchmark;
  m.backend = "host";
  m.device = "cpu";
  m.params = {{"threads", threads}};
  m.status = results::measurement_status::ok;
  m.samples_ns = {seconds * 1e9};
  if (bytes > 0) m.work.bytes = bytes;
  if (items > 0) m.work.items = items;
  results::complete(m);
  return m;
}

results::run on(const std::string& type, std::vector<results::measurement> measurements,
                const std::string& started = "2026-11-20T00:00:00Z") {
  results::run run;
  run.started_at = started;
  run.environment.cloud = results::cloud_environment{};
  run.environment.cloud->provider = "acme";
  run.environment.cloud->instance_type = type;
  run.measurements = std::move(measurements);
  return run;
}

TEST(measured_host, storage_is_that_of_the_instance_type_that_measured_it_latest) {
  const auto hosts = measured_hosts({on("a1", {timed("storage_dataset_scan", 1, 2e9)}, "2026-11-21T00:00:00Z"),
                                     on("a1", {timed("storage_dataset_scan", 1, 1e9)}),
                                     on("t1", {timed("storage_checkpoint", 2, 1e9)}), on("c48", {})});
  EXPECT_EQ(hosts.size(), 3U);
  EXPECT_DOUBLE_EQ(*storage_of(hosts, "acme", "a1").read_bytes_per_second, 2e9);
  EXPECT_DOUBLE_EQ(*storage_of(hosts, "acme", "t1").checkpoint_bytes_per_second, 5e8);
  EXPECT_FALSE(storage_of(hosts, "acme", "a8").read_bytes_per_second);
  EXPECT_FALSE(storage_of(hosts, "acme", "t1").read_bytes_per_second) << "its checkpoints alone were measured";
}

TEST(measured_host, a_measured_storage_sets_the_pace_of_reading_and_checkpoints) {
  profiles::workload w = testing::resnet_training();
  w.bytes_read_per_unit = 100e3;
  w.checkpoint_interval_seconds = 100;
  w.storage_bytes_per_second = 1e12;
  const host_pace pace = pace_of(w, 0, 1.25e9, 1, 1, {1e8, 204456256 / 2.0});
  EXPECT_DOUBLE_EQ(*pace.read_units_per_second, 1000);
  EXPECT_NEAR(pace.checkpoint_share, 0.02, 1e-9);  // 25,557,032 parameters x 8 bytes in 2 s
  EXPECT_DOUBLE_EQ(*pace_of(w, 0, 1.25e9, 1, 4, {1e8, {}}).read_units_per_second, 250) << "shared by four slices";
}

TEST(measured_host, a_run_s_storage_slows_its_own_instance_type_alone) {
  const profiles::catalogue known = testing::small_catalogue();
  profiles::workload w = testing::resnet_training();
  w.bytes_read_per_unit = 100e3;
  const auto rate = [&](const std::vector<results::run>& runs, const std::string& type) {
    const auto answer = recommend(known, testing::shipped(), w, {}, runs, testing::on_2026_11_22());
    for (const candidate& c : answer.ranked)
      if (c.instance->type == type) return c.units_per_second;
    return 0.0;
  };
  const std::vector<results::run> slow{on("a1", {timed("storage_dataset_scan", 1, 1e6)})};
  EXPECT_NEAR(rate(slow, "a1"), 10, 0.01);
  EXPECT_GT(rate({}, "a1"), 100);
  EXPECT_DOUBLE_EQ(rate(slow, "t1"), rate({}, "t1"));
}

TEST(measured_host, memory_is_no_storage) {
  auto in_memory = timed("storage_dataset_scan", 1, 20e9), cached = in_memory, soaked = in_memory;
  in_memory.method["file_system"] = "tmpfs";
  cached.method["page_cache"] = "used";
  soaked.phase = results::measurement_phase::soak;
  EXPECT_TRUE(measured_hosts({on("a1", {in_memory, cached, soaked})}).empty());
}

TEST(measured_host, spot_writes_its_checkpoints_at_the_measured_rate_every_node_its_part) {
  const profiles::catalogue known = testing::small_catalogue();
  constraints limits;
  limits.price_models = {profiles::price_model::spot};
  double one_node_seconds = 0;
  const auto checkpoint_seconds = [&](const std::vector<results::run>& runs, int nodes) {
    limits.max_nodes = 2 * nodes;
    if (nodes == 1) limits.max_nodes = 1;
    // Half of what one node takes.
    if (nodes > 1) limits.deadline_seconds = one_node_seconds / 2;
    const auto answer =
        recommend(known, testing::shipped(), testing::resnet_training(), limits, runs, testing::on_2026_11_22());
    const candidate& best = answer.ranked.at(0);
    if (nodes == 1) one_node_seconds = best.seconds_at_confidence;
    EXPECT_GE(best.nodes, nodes);
    return best.spot->checkpoint_seconds * best.nodes;
  };
  const std::vector<results::run> run{on("a1", {timed("storage_checkpoint", 2, 204456256)})};
  EXPECT_NEAR(checkpoint_seconds(run, 1), 2, 1e-6);  // 25,557,032 parameters x 8 bytes
  EXPECT_GT(std::abs(checkpoint_seconds({}, 1) - 2), 0.01);
  EXPECT_NEAR(checkpoint_seconds(run, 2), 2, 1e-6) << "seconds of all nodes together";
}

TEST(measured_host, a_measured_preparation_stands_in_place_of_the_workload_s) {
  profiles::workload w = testing::resnet_training();
  w.host_cpu_seconds_per_unit = 0.01;
  std::string label;
  const auto hosts = measured_hosts(
      {on("a1", {timed("data_preparation_images", 0.25, 0, 64), timed("data_preparation_images", 0.1, 0, 128, 2)})});
  EXPECT_DOUBLE_EQ(with_measured_preparation(w, hosts, label).host_cpu_seconds_per_unit, 0.25 / 64);
  EXPECT_EQ(label.rfind("run 2026-11-20T00:00:00Z", 0), 0U) << label;
  w.kind = profiles::workload_kind::transformer_train;
  EXPECT_DOUBLE_EQ(with_measured_preparation(w, hosts, label).host_cpu_seconds_per_unit, 0.01) << "not of images";
  w = testing::resnet_training();
  EXPECT_EQ(with_measured_preparation(w, hosts, label).host_cpu_seconds_per_unit, 0) << "a job without preparation";
}

}  // namespace
}  // namespace gpubench::planner
