#include "predictor/serving_step.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace gpubench::predictor {
namespace {

serving_engine plain_engine() {
  serving_engine e;
  e.kernel_seconds = 5e-6;
  e.prefill_factor = 2;
  e.first_token_seconds = 0.01;
  e.queue_factor = 1;
  e.queue_power = 0.5;
  return e;
}

/// 10 layers of 1 GB together, one key-value head; a GPU of 1 TB/s, 100 TFLOP/s and 100 GB.
serving_case plain_case() {
  serving_case c;
  c.model = {10, 1000, 8, 8, 100, 0, 0, 5e8, 0, 1000};
  c.gpu = {1e12, 1e11, 1e14, 1e14, 1e11, 5e-6};
  c.prompt_tokens = 1000;
  c.output_tokens = 100;
  c.engine = plain_engine();
  return c;
}

TEST(ServingEngine, IsTheNearestVersionOrTheMean) {
  EXPECT_DOUBLE_EQ(parse_engine_version("0.18.0"), 18);
  EXPECT_DOUBLE_EQ(parse_engine_version("1.3.0rc1"), 1003);
  EXPECT_DOUBLE_EQ(parse_engine_version("v0.5.1.post1"), 5);
  EXPECT_DOUBLE_EQ(parse_engine_version(""), 0);
  const serving_engine exact = serving_engine_of(shipped_engines(), "vllm", "0.18.0");
  EXPECT_TRUE(exact.exact);
  const serving_engine near = serving_engine_of(shipped_engines(), "vLLM", "0.20.1");
  EXPECT_FALSE(near.exact);
  EXPECT_DOUBLE_EQ(near.kernel_seconds, exact.kernel_seconds);
  const serving_engine old = serving_engine_of(shipped_engines(), "vllm", "0.12.0");
  const serving_engine mean = serving_engine_of(shipped_engines(), "vllm", "");
  EXPECT_NEAR(mean.kernel_seconds, std::sqrt(exact.kernel_seconds * old.kernel_seconds), 1e-12);
  EXPECT_FALSE(mean.exact);
  EXPECT_EQ(serving_engine_of(shipped_engines(), "TensorRT-LLM", "1.0.0").name, "trtllm");
  const serving_engine unknown = serving_engine_of(shipped_engines(), "something", "1.0");
  EXPECT_FALSE(unknown.exact);
  EXPECT_GT(unknown.kernel_seconds, 4e-6);
  EXPECT_LT(unknown.kernel_seconds, 6e-6);
}

TEST(ServingSteps, PromptsAttendWhatTheirLayersSee) {
  served_model m;
  m.layers = 10;
  EXPECT_DOUBLE_EQ(attention_pairs(m, 1000), 10 * 500e3);
  m.window_layers = 4;
  m.window = 100;  // 1000 queries see 100 keys each, but for the first hundred, which see half of that
  EXPECT_DOUBLE_EQ(attention_pairs(m, 1000), 6 * 500e3 + 4 * (100e3 - 5e3));
  m.chunked = true;
  EXPECT_DOUBLE_EQ(attention_pairs(m, 1000), 6 * 500e3 + 4 * 50e3);
  m.linear_layers = 6;
  EXPECT_DOUBLE_EQ(attention_pairs(m, 1000), 4 * 50e3);
  m.window = 5000;  // longer than the prompt: a full layer
  EXPECT_DOUBLE_EQ(attention_pairs(m, 1000), 4 * 500e3);
}

TEST(ServingSteps, DecodeReadsWeightsAndCache) {
  const serving_steps s = serving_steps_of(plain_case());
  // 1 GB of weights and a cache of 1050 tokens of 1 kB at 0.93 TB/s; 1 GFLOP at 55 TFLOP/s.
  const double memory = (1e9 + 1050e3) / 0.93e12, compute = 1e9 / 0.55e14;
  EXPECT_NEAR(s.decode, std::sqrt(memory * memory + compute * compute) + 100 * 5e-6 + 14e-6, 1e-9);
  EXPECT_DOUBLE_EQ(s.running, 1);
  EXPECT_NEAR(s.prompt_dispatch, 100 * 4e-5, 1e-12);
}

TEST(ServingSteps, AddExchangesOfTensorParallelism) {
  serving_case c = plain_case();
  c.layout.tensor = 2;
  c.concurrency = 4;
  const serving_steps s = serving_steps_of(c);
  const double memory = (1e9 / 2 + 4 * 1050e3 / 2) / 0.93e12, compute = 4e9 / 2 / 0.55e14;
  // Two all-reduces a layer, each 4 tokens * 1000 * 2 bytes over 40 GB/s.
  const double exchange = 10 * 2 * 4 * 2000 / 0.4e11;
  EXPECT_NEAR(s.decode, std::sqrt(memory * memory + compute * compute) + exchange + 20 * 5e-6 + 100 * 5e-6 + 4 * 14e-6,
              1e-9);
}

TEST(ServingSteps, ReadTheExpertsThatTokensTouch) {
  served_model m;
  m.experts = 8;
  m.experts_per_token = 2;
  EXPECT_DOUBLE_EQ(touched_experts(m, 1), 0.25);
  EXPECT_DOUBLE_EQ(touched_experts(m, 2), 1 - 0.75 * 0.75);
  EXPECT_NEAR(touched_experts(m, 1000), 1, 1e-12);
  serving_case c = plain_case();
  c.model.experts = 8;
  c.model.experts_per_token = 2;
  c.model.expert_parameters = 4e9;
  const double one = serving_steps_of(c).decode;
  c.concurrency = 32;
  EXPECT_GT(serving_steps_of(c).decode, 2 * one);
}

TEST(ServingSteps, RunAsManyRequestsAsMemoryAndEngineLet) {
  serving_case c = plain_case();
  c.concurrency = 1e6;
  // 100 GB * 0.9 - 4 GB - 1 GB of weights, in requests of 1050 tokens of 1 kB.
  EXPECT_NEAR(serving_steps_of(c).running, 85e9 / 1.05e6, 1);
  c.engine.most_running_requests = 100;
  EXPECT_DOUBLE_EQ(serving_steps_of(c).running, 100);
  c.gpu.memory_bytes = 1e9;
  EXPECT_DOUBLE_EQ(serving_steps_of(c).running, 1);
}

TEST(ServingEstimate, SharesStepsWithPromptsAndQueuesForThem) {
  serving_case c = plain_case();
  c.concurrency = 9;
  serving_steps s{9, 0.01, 0.02, 0.005, 0.03, 0.004};
  serving_times t = estimate_serving(c, s);
  EXPECT_NEAR(t.tpot.seconds, 0.01 + 8.0 / 100 * (2 * 0.02 + 0.005), 1e-12);
  EXPECT_NEAR(t.ttft.seconds, 0.01 + 0.004 + 0.03 * 3, 1e-12);
  EXPECT_LT(t.tpot.low, t.tpot.seconds);
  EXPECT_GT(t.ttft.high, t.ttft.seconds);
  EXPECT_NEAR(t.output_tokens_per_second, 9 * 100 / (t.ttft.seconds + 99 * t.tpot.seconds), 1e-9);
  c.disaggregated = true;
  EXPECT_DOUBLE_EQ(estimate_serving(c, s).tpot.seconds, 0.01);
  c.disaggregated = false;
  // A third of the requests finds a place.
  c.concurrency = 27;
  EXPECT_NEAR(estimate_serving(c, s).ttft.seconds, t.ttft.seconds + 2 * 0.65 * (100 * t.tpot.seconds + 0.03), 1e-9);
}

TEST(ServingEstimate, IsWiderForAnEngineThatWasNotMeasured) {
  serving_case c = plain_case();
  const serving_steps s = serving_steps_of(c);
  const serving_times known = estimate_serving(c, s);
  c.engine.exact = false;
  const serving_times other = estimate_serving(c, s);
  EXPECT_LT(other.tpot.low, known.tpot.low);
  EXPECT_GT(other.ttft.high, known.ttft.high);
}

TEST(ServingEstimate, GrowsWithLoadAndFallsWithABetterGpu) {
  serving_case c = plain_case();
  double before_tpot = 0, before_ttft = 0;
  for (double b = 1; b <= 4096; b *= 2) {
    c.concurrency = b;
    const serving_times t = estimate_serving(c, serving_steps_of(c));
    EXPECT_GE(t.tpot.seconds, before_tpot);
    EXPECT_GE(t.ttft.seconds, before_ttft);
    EXPECT_TRUE(std::isfinite(t.ttft.seconds));
    before_tpot = t.tpot.seconds;
    before_ttft = t.ttft.seconds;
  }
  serving_case better = c;
  better.gpu.bandwidth_bytes_per_second *= 2;
  better.gpu.dense_peak_flop_per_second *= 2;
  EXPECT_LT(estimate_serving(better, serving_steps_of(better)).tpot.seconds, before_tpot);
  // Pipeline stages do not shorten a token's way.
  serving_case one = plain_case(), two = plain_case();
  two.layout.pipeline = 2;
  EXPECT_GE(estimate_serving(two, serving_steps_of(two)).tpot.seconds,
            0.9 * estimate_serving(one, serving_steps_of(one)).tpot.seconds);
}

TEST(ServingGpu, WidensWhatItLacksAndUsesItsLink) {
  profiles::gpu_spec spec;
  spec.memory_bytes = 8e10;
  spec.memory_bandwidth_bytes_per_second = 2e12;
  spec.dense_peak_flop_per_second[static_cast<std::size_t>(models::precision::bf16)] = 3e14;
  spec.pcie_generation = 4;
  spec.pcie_lanes = 16;
  serving_gpu g = serving_gpu_of(spec, models::precision::fp8);
  EXPECT_DOUBLE_EQ(g.dense_peak_flop_per_second, 3e14);
  EXPECT_DOUBLE_EQ(g.link_bytes_per_second, 0.8 * 2e9 * 16);
  EXPECT_DOUBLE_EQ(g.all_reduce_seconds, 20e-6);
  spec.nvlink_bytes_per_second = 6e11;
  spec.dense_peak_flop_per_second[static_cast<std::size_t>(models::precision::fp8)] = 6e14;
  g = serving_gpu_of(spec, models::precision::fp8);
  EXPECT_DOUBLE_EQ(g.dense_peak_flop_per_second, 6e14);
  EXPECT_DOUBLE_EQ(g.link_bytes_per_second, 3e11);
  EXPECT_DOUBLE_EQ(g.all_reduce_seconds, 5e-6);
}

}  // namespace
}  // namespace gpubench::predictor
