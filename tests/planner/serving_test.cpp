// Serving beside NVIDIA's published rates at maximum load, on which nothing here was fitted. Source: TensorRT-LLM v1.0,
// docs/source/performance/perf-overview.md, Llama 3.3 70B in fp8.
#include "planner/serving.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

struct published_rate {
  const char* gpu;
  int gpus;
  std::int64_t prompt, output;
  double tokens_per_second;
};

constexpr published_rate rates[] = {
    {"H100-SXM5-80GB", 2, 128, 128, 6378},   {"H100-SXM5-80GB", 2, 128, 2048, 6651},
    {"H100-SXM5-80GB", 2, 1000, 1000, 4205}, {"H100-SXM5-80GB", 2, 2048, 128, 762},
    {"H100-SXM5-80GB", 2, 2048, 2048, 3082}, {"H200-SXM-141GB", 1, 128, 128, 3803},
    {"H200-SXM-141GB", 1, 128, 2048, 4336},  {"H200-SXM-141GB", 1, 1000, 1000, 2909},
    {"H200-SXM-141GB", 1, 2048, 128, 442},   {"H200-SXM-141GB", 1, 2048, 2048, 2003},
};

profiles::workload serving_70b(std::int64_t prompt, std::int64_t output) {
  profiles::workload w;
  w.name = "serve";
  w.kind = profiles::workload_kind::llm_serve;
  w.unit = "token";
  w.total_units = 1e9;
  w.precision = models::precision::fp8;
  w.transformer = testing::llama_70b();
  w.prompt_tokens = prompt;
  w.output_tokens = output;
  w.max_concurrency = 4096;
  return w;
}

outcome plan(const published_rate& rate) {
  static const profiles::catalogue known =
      profiles::load_catalogue(std::string(GPUBENCH_SOURCE_DIR) + "/profiles/data");
  profiles::instance type = testing::gpu_instance("acme", "x", rate.gpu, rate.gpus);
  const device on = device_of(type, known).found.value();
  device_model model(on, testing::shipped().operators());
  system_under_plan system;
  system.device = &on;
  system.model = &model;
  system.links = fabric_of(type, on.gpu, 1);
  step_library steps(serving_70b(rate.prompt, rate.output));
  return plan_serving(system, steps, models::precision::fp8);
}

TEST(serving, published_rates_at_maximum_load_lie_in_the_interval) {
  std::vector<double> ratios;
  for (const published_rate& rate : rates) {
    const outcome found = plan(rate);
    ASSERT_TRUE(found.best) << found.detail;
    const performance& p = *found.best;
    ratios.push_back(p.units_per_second / rate.tokens_per_second);
    const std::string name =
        std::string(rate.gpu) + "_" + std::to_string(rate.prompt) + "_" + std::to_string(rate.output);
    RecordProperty(name, std::to_string(ratios.back()) + " in flight " + std::to_string(p.split.micro_batch));
    EXPECT_GE(rate.tokens_per_second, p.units_per_second * p.step.seconds / p.step.high)
        << name << " " << ratios.back();
    EXPECT_LE(rate.tokens_per_second, p.units_per_second * p.step.seconds / p.step.low) << name << " " << ratios.back();
  }
  std::sort(ratios.begin(), ratios.end());
  const double median = (ratios[4] + ratios[5]) / 2;
  RecordProperty("median", std::to_string(median));
  EXPECT_GT(median, 0.6);
  EXPECT_LT(median, 1.2);
}

TEST(serving, shares_of_a_step_add_up) {
  const outcome found = plan(rates[2]);
  ASSERT_TRUE(found.best);
  double sum = 0;
  for (const double share : found.best->shares) sum += share;
  EXPECT_NEAR(sum, 1, 1e-9);
}

}  // namespace
}  // namespace gpubench::planner
