#include "planner/measured_device.hpp"

#include "planner/recommend.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

using models::precision;

results::measurement timed(std::string benchmark, results::parameters params, double seconds, double flop,
                           double bytes = 0, std::string where = "cpu") {
  results::measurement m;
  m.benchmark = std::move(benchmark);
  m.params = std::move(params);
  m.backend = where == "cpu" ? "host" : "cuda";
  m.device = std::move(where);
  m.time_ns = sample_statistics{};
  m.time_ns->median = seconds * 1e9;
  if (flop > 0) m.work.flop = flop;
  if (bytes > 0) m.work.bytes = bytes;
  return m;
}

/// Two cores of the sample's Xeon: fp32 peak 2 x 64 x 3 GHz = 384 GFLOP/s; bandwidth share 2/48 of 307.2 GB/s = 12.8
/// GB/s.
results::run host_run() {
  results::run run;
  run.started_at = "2026-11-22T10:00:00Z";
  run.environment.cpu.microarchitecture = "Emerald Rapids";
  run.environment.cpu.usable_cpus = 2;
  run.environment.cpu.measured_clock_hertz = 3e9;
  run.measurements.push_back(timed("gemm_fp32", {{"m", std::int64_t{64}}}, 1, 192e9));
  run.measurements.push_back(timed("gemm_fp32", {{"m", std::int64_t{1024}}}, 1, 288e9));
  run.measurements.push_back(timed("stream_triad", {}, 1, 0, 19.2e9));
  run.measurements.push_back(
      timed("resnet50_training_step_fp32", {{"n", std::int64_t{64}}, {"image_size", std::int64_t{224}}}, 10, 0));
  return run;
}

TEST(measured_device, efficiencies_are_what_was_reached_of_the_peaks) {
  const profiles::catalogue known = testing::small_catalogue();
  const std::vector<measured_device> all = measured_devices({host_run()}, known);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_DOUBLE_EQ(all[0].compute_efficiency[0][static_cast<std::size_t>(precision::fp32)].value(), 0.75);
  EXPECT_DOUBLE_EQ(all[0].memory_efficiency.value(), 1.5);
  ASSERT_NE(all[0].find_network("resnet50_training_step", precision::fp32, 32, 224), nullptr);
  EXPECT_EQ(all[0].find_network("resnet50_training_step", precision::bf16, 32, 224), nullptr);
}

TEST(measured_device, bursts_and_soaks_change_nothing) {
  const profiles::catalogue known = testing::small_catalogue();
  results::run run = host_run();
  run.measurements.push_back(timed("gemm_fp32", {{"m", std::int64_t{1024}}}, 1, 380e9));
  run.measurements.back().phase = results::measurement_phase::burst;
  run.measurements.push_back(timed("stream_triad", {}, 1, 0, 25e9));
  run.measurements.back().phase = results::measurement_phase::soak;
  const std::vector<measured_device> all = measured_devices({run}, known);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_DOUBLE_EQ(all[0].compute_efficiency[0][static_cast<std::size_t>(precision::fp32)].value(), 0.75);
  EXPECT_DOUBLE_EQ(all[0].memory_efficiency.value(), 1.5);
}

TEST(measured_device, failed_and_foreign_measurements_are_left_out) {
  const profiles::catalogue known = testing::small_catalogue();
  results::run run = host_run();
  for (results::measurement& m : run.measurements) m.status = results::measurement_status::failed;
  EXPECT_TRUE(measured_devices({run}, known).empty());
  run = host_run();
  run.environment.cpu.microarchitecture = "Unheard-of";
  EXPECT_TRUE(measured_devices({run}, known).empty());
}

TEST(measured_device, a_whole_machine_does_not_get_the_bandwidth_of_a_slice_beside_idle_neighbours) {
  const profiles::catalogue known = testing::small_catalogue();
  const std::vector<measured_device> all = measured_devices({host_run()}, known);
  const device_lookup whole = device_of(known.instances[6], known);
  ASSERT_TRUE(whole.found);
  device_rates rates = shipped_rates(*whole.found, testing::shipped());
  apply_measurements(rates, *whole.found, all[0], kinship::related);
  const auto& cell = rates.of(0, static_cast<std::size_t>(precision::fp32));
  EXPECT_DOUBLE_EQ(cell.compute_flop_per_second, 0.75 * 48 * 64 * 3e9);
  EXPECT_DOUBLE_EQ(cell.memory_bytes_per_second, 0.85 * 307.2e9);
  EXPECT_EQ(cell.basis, basis::scaled);
}

TEST(measured_device, only_a_small_slice_exceeds_its_share_of_the_memory_bandwidth) {
  const profiles::catalogue known = testing::small_catalogue();
  const std::vector<measured_device> all = measured_devices({host_run()}, known);  // 1.5 of its share
  const auto bandwidth = [&](double cores) {
    profiles::instance part = known.instances[6];
    part.physical_cores = cores;
    const device on = device_of(part, known).found.value();
    device_rates rates = shipped_rates(on, testing::shipped());
    apply_measurements(rates, on, all[0], kinship::related);
    return rates.of(0, static_cast<std::size_t>(precision::fp32)).memory_bytes_per_second;
  };
  EXPECT_DOUBLE_EQ(bandwidth(4), 1.5 * 307.2e9 * 4 / 48);
  EXPECT_DOUBLE_EQ(bandwidth(10), 0.85 * 307.2e9 / 4) << "no more than a quarter of the socket";
  EXPECT_DOUBLE_EQ(bandwidth(24), 0.85 * 307.2e9 / 2);
  EXPECT_DOUBLE_EQ(bandwidth(96), 0.85 * 307.2e9 * 2);
}

candidate cpu_candidate(const profiles::catalogue& known, const std::vector<results::run>& runs) {
  constraints limits;
  const recommendation answer =
      recommend(known, testing::shipped(), testing::resnet_training(), limits, runs, testing::on_2026_11_22());
  for (const candidate& c : answer.ranked) {
    if (c.instance->type == "c48") return c;
  }
  ADD_FAILURE() << "the CPU instance is not ranked";
  return {};
}

TEST(measured_device, a_network_measured_on_this_instance_type_is_its_prediction) {
  const profiles::catalogue known = testing::small_catalogue();
  results::run run = host_run();
  run.environment.cpu.usable_cpus = 48;
  run.environment.cloud = results::cloud_environment{"acme", "c48", "DMI"};
  const candidate c = cpu_candidate(known, {run});
  EXPECT_NEAR(c.step.seconds, 10, 1e-9);
  EXPECT_NEAR(c.units_per_second, 6.4, 1e-9);
  EXPECT_EQ(c.step.basis, basis::measured);
}

TEST(measured_device, a_network_measured_on_two_cores_is_scaled_to_the_instance) {
  const profiles::catalogue known = testing::small_catalogue();
  const candidate c = cpu_candidate(known, {host_run()});
  EXPECT_EQ(c.step.basis, basis::scaled);
  // 24 times the cores and, capped, 13.6 times the bandwidth.
  EXPECT_LT(c.step.seconds, 10 / 13.0);
  EXPECT_GT(c.step.seconds, 10 / 24.5);
}

TEST(measured_device, a_gpu_run_serves_instances_with_that_gpu) {
  const profiles::catalogue known = testing::small_catalogue();
  results::run run;
  run.started_at = "2026-11-22T10:00:00Z";
  results::gpu_environment gpu;
  gpu.name = "A100";
  run.environment.gpus.push_back(gpu);
  run.measurements.push_back(timed("resnet50_training_step_fp16",
                                   {{"n", std::int64_t{64}}, {"image_size", std::int64_t{224}}}, 0.05, 0, 0, "gpu0"));
  const recommendation answer =
      recommend(known, testing::shipped(), testing::resnet_training(), {}, {run}, testing::on_2026_11_22());
  const auto found = std::find_if(answer.ranked.begin(), answer.ranked.end(),
                                  [](const candidate& c) { return c.instance->type == "a1"; });
  ASSERT_NE(found, answer.ranked.end());
  EXPECT_NEAR(found->step.seconds, 0.05, 1e-9);
  EXPECT_EQ(found->step.basis, basis::measured);
}

TEST(measured_device, the_newest_run_of_equal_kinship_counts_in_whatever_order_they_come) {
  const profiles::catalogue known = testing::small_catalogue();
  results::run older = host_run(), newer = host_run();
  older.started_at = "2026-09-30T23:00:00Z";
  newer.started_at = "2026-10-01T08:00:00Z";
  newer.measurements[2].time_ns->median *= 2;  // half of the triad
  const device wanted = device_of(known.instances[6], known).found.value();
  for (const auto& runs : {std::vector<results::run>{older, newer}, std::vector<results::run>{newer, older}}) {
    const std::vector<measured_device> all = measured_devices(runs, known);
    kinship how = kinship::same;
    const measured_device* reference = find_reference(all, wanted, known.instances[6], how);
    ASSERT_NE(reference, nullptr);
    EXPECT_EQ(how, kinship::related);
    EXPECT_DOUBLE_EQ(reference->memory_efficiency.value(), 0.75);
  }
}

TEST(measured_device, a_container_s_share_of_an_instance_type_is_not_that_instance) {
  const profiles::catalogue known = testing::small_catalogue();
  const profiles::instance& c48 = known.instances[6];
  const device wanted = device_of(c48, known).found.value();
  results::run run = host_run();
  run.environment.cloud = results::cloud_environment{"acme", "c48", "DMI"};
  const auto kinship_with = [&](int usable, std::optional<int> physical) {
    run.environment.cpu.usable_cpus = usable;
    run.environment.cpu.physical_cores = physical;
    kinship how = kinship::distant;
    const std::vector<measured_device> all = measured_devices({run}, known);
    EXPECT_NE(find_reference(all, wanted, c48, how), nullptr);
    return how;
  };
  EXPECT_EQ(kinship_with(2, std::nullopt), kinship::related);
  EXPECT_EQ(kinship_with(2, 48), kinship::related);
  EXPECT_EQ(kinship_with(47, 48), kinship::related);
  EXPECT_EQ(kinship_with(96, 48), kinship::same);
  EXPECT_EQ(kinship_with(96, std::nullopt), kinship::same);
  EXPECT_EQ(kinship_with(48, std::nullopt), kinship::same);
}

}  // namespace
}  // namespace gpubench::planner
