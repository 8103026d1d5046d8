#include "core/units.hpp"
#include "planner/recommend.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

recommendation ask(const profiles::catalogue& known, const constraints& limits, const profiles::workload& what) {
  return recommend(known, testing::shipped(), what, limits, {}, testing::on_2026_11_22());
}

int rank_of(const recommendation& answer, const std::string& type) {
  for (std::size_t i = 0; i < answer.ranked.size(); ++i) {
    if (answer.ranked[i].instance->type == type) return static_cast<int>(i);
  }
  return -1;
}

const rejection* rejected(const recommendation& answer, const std::string& type) {
  for (const rejection& r : answer.rejected) {
    if (r.instance->type == type) return &r;
  }
  return nullptr;
}

TEST(recommend_workloads, training_that_does_not_fit_says_what_it_needs) {
  profiles::workload w;
  w.name = "llama3-8b-train";
  w.kind = profiles::workload_kind::transformer_train;
  w.unit = "token";
  w.total_units = 1e8;
  w.precision = models::precision::bf16;
  w.transformer = testing::llama_8b();
  w.sequence_length = 2048;
  w.global_batch_sequences = 64;
  const profiles::catalogue known = testing::small_catalogue();
  const recommendation answer = ask(known, {}, w);
  ASSERT_NE(rejected(answer, "a1"), nullptr);
  EXPECT_EQ(rejected(answer, "a1")->reason, rejection_reason::memory);
  EXPECT_NE(rejected(answer, "a1")->detail.find("per GPU, has 80 GiB"), std::string::npos);
  const int eight = rank_of(answer, "a8");
  ASSERT_GE(eight, 0);
  const candidate& c = answer.ranked[static_cast<std::size_t>(eight)];
  EXPECT_EQ(c.tensor_parallel * c.data_parallel, 8);
  EXPECT_LE(c.memory_per_device_bytes, 80 * gib);
  // 6 N a token on 8 A100: no more than their peak, no less than a fifth of it.
  const double mfu = c.units_per_second * 6 * 7.5e9 / (8 * 312e12);
  EXPECT_LT(mfu, 0.85);
  EXPECT_GT(mfu, 0.2);
}

TEST(recommend_workloads, serving_keeps_its_latency_limits) {
  profiles::workload w;
  w.name = "llama3-8b-serve";
  w.kind = profiles::workload_kind::llm_serve;
  w.unit = "token";
  w.total_units = 1e8;
  w.precision = models::precision::bf16;
  w.transformer = testing::llama_8b();
  w.prompt_tokens = 512;
  w.output_tokens = 256;
  w.max_concurrency = 64;
  w.max_tpot_seconds = 0.05;
  const profiles::catalogue known = testing::small_catalogue();
  const recommendation answer = ask(known, {}, w);
  EXPECT_GE(rank_of(answer, "a1"), 0);
  ASSERT_NE(rejected(answer, "t1"), nullptr);
  EXPECT_EQ(rejected(answer, "t1")->reason, rejection_reason::memory) << "16 GB of weights, 16 GiB of memory";
  w.max_tpot_seconds = 0.0001;
  const recommendation hurried = ask(known, {}, w);
  EXPECT_TRUE(hurried.ranked.empty());
  EXPECT_EQ(rejected(hurried, "a1")->reason, rejection_reason::latency);
  EXPECT_NE(rejected(hurried, "a1")->detail.find("time per output token"), std::string::npos);
}

TEST(recommend_workloads, every_shipped_workload_is_answered_from_the_shipped_catalogue) {
  const std::string data = std::string(GPUBENCH_SOURCE_DIR) + "/profiles/data";
  const profiles::catalogue known = profiles::load_catalogue(data);
  for (const profiles::workload& what : profiles::load_workloads(data)) {
    const recommendation answer = ask(known, {}, what);
    EXPECT_GT(answer.ranked.size(), 20U) << what.name;
    EXPECT_EQ(answer.ranked.size() + answer.rejected.size(), answer.considered) << what.name;
    EXPECT_FALSE(answer.flip_points.empty()) << what.name;
    for (const candidate& c : answer.ranked) {
      ASSERT_GT(c.units_per_second, 0) << what.name << " " << c.instance->name();
      ASSERT_LE(c.job.low, c.job.seconds) << what.name << " " << c.instance->name();
      ASSERT_GE(c.job.high, c.job.seconds) << what.name << " " << c.instance->name();
    }
    if (what.kind != profiles::workload_kind::cnn_train) continue;
    const auto has = [&](auto is) { return std::any_of(answer.ranked.begin(), answer.ranked.end(), is); };
    EXPECT_TRUE(has([](const candidate& c) { return !c.instance->has_gpu(); }));
    EXPECT_TRUE(has([](const candidate& c) { return c.instance->gpu_fraction < 1; }));
  }
}

}  // namespace
}  // namespace gpubench::planner
