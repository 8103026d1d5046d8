// The tabulated steps beside the predictor's own mean field, from which they come.
#include "planner/replica_plan.hpp"

#include "planner/serving.hpp"

#include <gtest/gtest.h>

#include <string>

#include "serving/mean_field.hpp"
#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

profiles::workload chat(models::transformer shape) {
  profiles::workload w;
  w.name = "chat";
  w.kind = profiles::workload_kind::llm_serve;
  w.unit = "token";
  w.total_units = 1e9;
  w.precision = models::precision::bf16;
  w.transformer = shape;
  w.prompt_tokens = 1000;
  w.output_tokens = 200;
  w.max_concurrency = 256;
  return w;
}

struct planned {
  profiles::instance type;
  std::optional<device> on;
  std::optional<device_model> model;
  system_under_plan system;
  step_library steps;
  replica_plans plans;

  planned(const std::string& gpu, int count, const profiles::workload& what)
      : type(testing::gpu_instance("acme", "x", gpu, count)), steps(what) {
    static const profiles::catalogue known =
        profiles::load_catalogue(std::string(GPUBENCH_SOURCE_DIR) + "/profiles/data");
    on = device_of(type, known).found;
    model.emplace(*on, testing::shipped().operators());
    system.device = &*on;
    system.model = &*model;
    system.links = fabric_of(type, on->gpu, 1);
    plans = plan_replicas(system, steps);
  }
};

TEST(replica_plan, its_mean_field_is_the_predictors) {
  planned p("H100-SXM5-80GB", 4, chat(testing::llama_70b()));
  ASSERT_FALSE(p.plans.all.empty());
  int compared = 0;
  for (const replica_plan& plan : p.plans.all) {
    EXPECT_GE(plan.split.tensor_parallel, 2);  // 141 GB of weights
    for (const std::int64_t running : {1, 8, 64}) {
      // On two GPUs the cache holds but a few, beyond which the predictor lets requests wait.
      if (plan.model.kv_capacity_tokens < 1200.0 * static_cast<double>(running)) continue;
      layout split = plan.split;
      split.micro_batch = running;
      ++compared;
      const serving_point expected = estimate_serving(p.system, p.steps, split);
      const auto found = serving::mean_field_at(plan.model, 1000, 200, static_cast<std::size_t>(running));
      EXPECT_NEAR(found.tpot_seconds / expected.tpot.seconds, 1, 0.03) << running;
    }
  }
  EXPECT_GE(compared, 4);
}

TEST(replica_plan, holds_as_many_tokens_as_memory_lets_it) {
  planned p("H100-SXM5-80GB", 1, chat(testing::llama_8b()));
  ASSERT_EQ(p.plans.all.size(), 1U);
  const replica_plan& plan = p.plans.all.front();
  // 80 GB less 16 GB of weights, a tenth and 0.5 GiB of reserve, 0.7 GB of activations; 131,072 bytes a token.
  EXPECT_NEAR(plan.model.kv_capacity_tokens, 430e3, 50e3);
  EXPECT_EQ(plan.model.batch_limit(), 256U);
  EXPECT_NO_THROW(plan.model.validate());
  EXPECT_GT(plan.error.step_high, 1);
  EXPECT_LT(plan.error.step_low, 1);
}

TEST(replica_plan, a_model_that_does_not_fit_says_what_it_needs) {
  planned p("L4", 1, chat(testing::llama_70b()));
  EXPECT_TRUE(p.plans.all.empty());
  EXPECT_EQ(p.plans.reason, rejection_reason::memory);
  EXPECT_NE(p.plans.detail.find("GiB per GPU, has 24"), std::string::npos) << p.plans.detail;
}

TEST(replica_plan, more_devices_a_replica_never_slow_a_request_alone) {
  planned p("H100-SXM5-80GB", 8, chat(testing::llama_8b()));
  ASSERT_EQ(p.plans.all.size(), 4U);
  double before = 1e9;
  for (const replica_plan& plan : p.plans.all) {
    const double tpot = serving::mean_field_at(plan.model, 1000, 200, 1).tpot_seconds;
    EXPECT_LT(tpot, before);
    before = tpot;
    EXPECT_EQ(plan.split.tensor_parallel * plan.split.data_parallel, 8);
  }
}

}  // namespace
}  // namespace gpubench::planner
