#include "planner/step_breakdown.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

step_breakdown of(const profiles::workload& what, std::size_t instance) {
  const profiles::catalogue known = testing::small_catalogue();
  return break_down_step(known, testing::shipped(), what, known.instances[instance]);
}

double sum_of_shares(const step_breakdown& step) {
  double sum = 0;
  for (const step_line& line : step.lines) sum += line.share;
  return sum;
}

TEST(step_breakdown, the_lines_of_a_step_are_all_of_its_time) {
  for (const std::size_t instance : {0, 1, 3, 6}) {
    const step_breakdown step = of(testing::resnet_training(), instance);
    EXPECT_NEAR(sum_of_shares(step), 1, 2e-3) << instance;
    double convolutions = 0;
    for (const step_line& line : step.lines) {
      if (line.name.find("convolution") != std::string::npos) convolutions += line.count;
      EXPECT_LE(line.each.low, line.each.seconds);
      EXPECT_GE(line.each.high, line.each.seconds);
    }
    EXPECT_EQ(convolutions, 3 * 53 - 1) << "each layer forward and twice backward, the first without its input's";
  }
}

TEST(step_breakdown, equal_operators_are_one_line_and_the_longest_comes_first) {
  const step_breakdown step = of(testing::resnet_training(), 0);
  EXPECT_LT(step.lines.size(), 140U) << "of some 420 operators";
  EXPECT_TRUE(std::is_sorted(step.lines.begin(), step.lines.end() - 1,
                             [](const auto& a, const auto& b) { return a.share > b.share; }));
  EXPECT_NEAR(step.units_per_second, 64 / step.step.seconds, 1e-6 * step.units_per_second);
}

TEST(step_breakdown, training_counts_every_micro_batch_and_one_update) {
  profiles::workload what;
  what.name = "fine-tuning";
  what.kind = profiles::workload_kind::transformer_train;
  what.unit = "token";
  what.total_units = 1e9;
  what.precision = models::precision::bf16;
  what.transformer = testing::llama_8b();
  what.sequence_length = 2048;
  what.global_batch_sequences = 64;
  const step_breakdown step = of(what, 1);
  const auto count_of = [&](const std::string& name) {
    double count = 0;
    for (const step_line& line : step.lines) {
      if (line.name == name) count += line.count;
    }
    return count;
  };
  EXPECT_EQ(count_of("optimizer"), 1);
  EXPECT_GE(step.split.accumulation, 1);
  EXPECT_NEAR(sum_of_shares(step), 1, 2e-3);
}

TEST(step_breakdown, a_system_that_cannot_do_it_is_refused_with_the_reason) {
  profiles::workload what = testing::resnet_training();
  what.image_size = 4096;
  try {
    of(what, 3);
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::infeasible);
    EXPECT_NE(std::string(e.what()).find("per GPU, has 8 GiB"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace gpubench::planner
