#include <gtest/gtest.h>

#include "predictor/observations.hpp"
#include "shipped_knowledge.hpp"

namespace gpubench::predictor {
namespace {

using models::precision;
using results::measurement;

measurement timed(std::string name, results::parameters params, double seconds, std::string device = "gpu0") {
  measurement m;
  m.benchmark = std::move(name);
  m.params = std::move(params);
  m.backend = "cuda";
  m.device = std::move(device);
  m.time_ns = sample_statistics{};
  m.time_ns->median = seconds * 1e9;
  return m;
}

results::parameters sizes(std::initializer_list<std::pair<const char*, std::int64_t>> list) {
  results::parameters all;
  for (const auto& [name, value] : list) all.emplace_back(name, value);
  return all;
}

/// A run on an L4 with one measurement.
results::run run_of(measurement m) {
  results::run run;
  run.started_at = "2026-11-22T10:00:00Z";
  results::gpu_environment gpu;
  gpu.index = 0;
  gpu.name = "NVIDIA L4";
  run.environment.gpus = {gpu};
  run.measurements = {std::move(m)};
  return run;
}

std::vector<observation> rows_of(const results::run& run) {
  observation_set all;
  add_observations(run, testing::known(), all);
  EXPECT_EQ(all.dropped_rows, 0U) << (all.dropped.empty() ? "" : all.dropped[0]);
  return all.rows;
}

results::run products() {
  return run_of(timed("gemm_bf16", sizes({{"m", 4096}, {"n", 4096}, {"k", 4096}}), 2e-3));
}

TEST(run_observations, products) {
  const auto rows = rows_of(products());
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].on->name, "L4");
  EXPECT_EQ(std::get<models::gemm>(rows[0].call.shape), (models::gemm{4096, 4096, 4096, 1}));
  EXPECT_EQ(rows[0].call.precision, precision::bf16);
  EXPECT_EQ(rows[0].call.how, launch::captured);
  EXPECT_DOUBLE_EQ(rows[0].seconds, 2e-3);
}

TEST(run_observations, convolutions_attention_and_normalisations) {
  const auto convolution = rows_of(run_of(timed(
      "convolution_backward_data_fp16",
      sizes({{"n", 8}, {"c_in", 64}, {"height", 56}, {"width", 56}, {"c_out", 64}, {"kernel", 3}, {"padding", 1}}),
      1e-3)));
  EXPECT_EQ(std::get<models::convolution>(convolution.at(0).call.shape).pass, models::pass::backward_data);
  auto masked = sizes({{"batch", 1}, {"q_len", 2048}, {"heads", 16}, {"head_dim", 64}});
  masked.emplace_back("mask", std::string("none"));
  const auto attention = rows_of(run_of(timed("attention_forward_bf16", masked, 1e-3)));
  EXPECT_FALSE(std::get<models::attention>(attention.at(0).call.shape).causal);
  EXPECT_EQ(std::get<models::attention>(attention.at(0).call.shape).kv_len, 2048);
  const auto norm = rows_of(run_of(timed("rms_norm_backward_bf16", sizes({{"tokens", 4096}, {"hidden", 4096}}), 1e-3)));
  EXPECT_TRUE(std::get<models::row_operation>(norm.at(0).call.shape).backward);
  const auto softmax = rows_of(run_of(timed("softmax_forward_fp32", sizes({{"rows", 4096}, {"columns", 512}}), 1e-3)));
  EXPECT_EQ(std::get<models::row_operation>(softmax.at(0).call.shape).cols, 512);
}

TEST(run_observations, streams_by_their_bytes) {
  measurement m = timed("stream_triad", sizes({{"bytes", 1 << 28}}), 3e-3);
  m.work.bytes = 3.0 * (1 << 28);
  const auto rows = rows_of(run_of(m));
  EXPECT_DOUBLE_EQ(std::get<models::streaming>(rows.at(0).call.shape).bytes, 3.0 * (1 << 28));
}

TEST(run_observations, what_says_nothing_of_a_whole_gpu_in_its_ordinary_state_is_passed_over) {
  results::run run = products();
  run.environment.gpus[0].mig_slice = "1g.10gb";
  EXPECT_TRUE(rows_of(run).empty());
  run = products();
  run.environment.gpus[0].virtualization = "vgpu";
  EXPECT_TRUE(rows_of(run).empty());
  run = products();
  run.environment.gpus[0].name = "Unheard-of 9000";
  EXPECT_TRUE(rows_of(run).empty());
  run = products();
  run.measurements[0].device = "cpu";
  EXPECT_TRUE(rows_of(run).empty());
  run = products();
  run.measurements[0].phase = results::measurement_phase::burst;
  EXPECT_TRUE(rows_of(run).empty());
  run = products();
  run.measurements[0].status = results::measurement_status::failed;
  EXPECT_TRUE(rows_of(run).empty());
  EXPECT_TRUE(rows_of(run_of(timed("memcpy_device_to_host_ce", {}, 1e-3))).empty());
  EXPECT_TRUE(rows_of(run_of(timed("gemm_bf16", sizes({{"m", 64}}), 1e-3))).empty());
}

TEST(run_observations, a_gpu_without_rates_in_the_catalogue_is_passed_over) {
  profiles::catalogue known;
  profiles::gpu_spec gpu;
  gpu.name = "Mystery";
  gpu.vendor = "NVIDIA";
  gpu.memory_bytes = 16e9;
  known.gpus = {gpu};
  known.index();
  results::run run = products();
  run.environment.gpus[0].name = "Mystery";
  observation_set all;
  EXPECT_NO_THROW(add_observations(run, known, all));
  EXPECT_TRUE(all.rows.empty());
}

}  // namespace
}  // namespace gpubench::predictor
