#include "planner/refined_operators.hpp"

#include "planner/device_model.hpp"
#include "planner/recommend.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

using models::precision;

const models::gemm square{4096, 4096, 4096};

double product_seconds(const profiles::catalogue& known, const predictor::operator_calibration& operators,
                       const models::gemm& shape) {
  const device a100 = device_of(known.instances[0], known).found.value();
  return device_model(a100, operators).time(lowered_step({{"product", shape, precision::bf16, 1}})).total().seconds;
}

/// A run on an A100 whose products of several sizes take `slowdown` times what was predicted.
results::run gpu_run(const profiles::catalogue& known, double slowdown) {
  results::run run;
  run.started_at = "2026-11-22T10:00:00Z";
  results::gpu_environment gpu;
  gpu.name = "A100";
  run.environment.gpus.push_back(gpu);
  for (const std::int64_t n : {1024, 2048, 4096, 8192}) {
    results::measurement m;
    m.benchmark = "gemm_bf16";
    m.params = {{"m", n}, {"n", n}, {"k", n}};
    m.backend = "cuda";
    m.device = "gpu0";
    m.time_ns = sample_statistics{};
    m.time_ns->median = slowdown * 1e9 * product_seconds(known, testing::shipped().operators(), {n, n, n});
    m.work.flop = 2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);
    run.measurements.push_back(m);
  }
  return run;
}

TEST(refined_operators, a_gpu_takes_what_was_measured_on_it) {
  const profiles::catalogue known = testing::small_catalogue();
  const auto refined = refine_operators(testing::shipped().operators(), {gpu_run(known, 1.5)}, known);
  ASSERT_TRUE(refined);
  const double before = product_seconds(known, testing::shipped().operators(), square);
  EXPECT_NEAR(product_seconds(known, *refined, square) / before, 1.5, 0.1);
  // A shape nearby follows, one of a kind that was not measured does not.
  const models::gemm near{4096, 3072, 4096};
  EXPECT_NEAR(product_seconds(known, *refined, near) / product_seconds(known, testing::shipped().operators(), near),
              1.5, 0.2);
}

TEST(refined_operators, intervals_stay_those_of_the_shipped_calibration) {
  const profiles::catalogue known = testing::small_catalogue();
  const auto refined = refine_operators(testing::shipped().operators(), {gpu_run(known, 1.1)}, known);
  ASSERT_TRUE(refined);
  for (const auto& [name, family] : refined->families) {
    const auto& shipped = testing::shipped().operators().families.find(name)->second;
    for (std::size_t i = 0; i < family.bands.size(); ++i) {
      EXPECT_EQ(family.bands[i].low, shipped.bands[i].low) << name;
      EXPECT_EQ(family.bands[i].high, shipped.bands[i].high) << name;
    }
  }
}

TEST(refined_operators, runs_without_gpus_or_with_unknown_ones_refine_nothing) {
  const profiles::catalogue known = testing::small_catalogue();
  EXPECT_FALSE(refine_operators(testing::shipped().operators(), {}, known));
  for (const char* name : {"Unheard-of", "Mystery"}) {
    results::run run = gpu_run(known, 1);
    run.environment.gpus[0].name = name;
    EXPECT_FALSE(refine_operators(testing::shipped().operators(), {run}, known)) << name;
  }
}

TEST(refined_operators, a_recommendation_follows_a_run) {
  const profiles::catalogue known = testing::small_catalogue();
  profiles::workload what;
  what.kind = profiles::workload_kind::transformer_train;
  what.unit = "token";
  what.total_units = 1e8;
  what.precision = precision::bf16;
  what.transformer = testing::llama_8b();
  what.sequence_length = 2048;
  what.global_batch_sequences = 64;
  const auto rate = [&](const std::vector<results::run>& runs) {
    const recommendation answer = recommend(known, testing::shipped(), what, {}, runs, testing::on_2026_11_22());
    const auto found = std::find_if(answer.ranked.begin(), answer.ranked.end(),
                                    [](const candidate& c) { return c.instance->type == "a8"; });
    return found == answer.ranked.end() ? 0.0 : found->units_per_second;
  };
  const double shipped = rate({});
  ASSERT_GT(shipped, 0);
  EXPECT_LT(rate({gpu_run(known, 1.5)}), 0.85 * shipped);
}

}  // namespace
}  // namespace gpubench::planner
