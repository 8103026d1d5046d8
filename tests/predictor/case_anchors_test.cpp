#include <gtest/gtest.h>

#include <cmath>

#include "shipped_knowledge.hpp"

namespace gpubench::predictor {
namespace {

prediction_case row(const std::string& gpu, const std::string& params, std::optional<double> anchor = std::nullopt) {
  prediction_case c = testing::case_of(gpu, params);
  c.is_anchor = anchor.has_value();
  c.anchor_value = anchor;
  return c;
}

std::optional<case_answer> predicted(double value) {
  case_answer a;
  a.prediction = value;
  a.low = value / 2;
  a.high = value * 2;
  a.unit = "ms";
  return a;
}

TEST(case_anchors, the_gpu_s_own_measurement_is_taken) {
  const std::vector<prediction_case> cases{row("T4", "w", 12)};
  std::vector<std::optional<case_answer>> answers{predicted(10)};
  apply_anchors(cases, answers, testing::known());
  EXPECT_NEAR(answers[0]->prediction, 12, 1e-9);
  EXPECT_NEAR(answers[0]->low, 6, 1e-9);
  EXPECT_NEAR(answers[0]->high, 24, 1e-9);
  EXPECT_EQ(answers[0]->basis, basis::measured);
}

TEST(case_anchors, other_gpus_of_the_workload_are_scaled_by_the_ratio) {
  const std::vector<prediction_case> cases{row("T4", "w", 12), row("A100-SXM4-80GB", "w"), row("A100-SXM4-80GB", "v")};
  std::vector<std::optional<case_answer>> answers{predicted(10), predicted(2), predicted(3)};
  apply_anchors(cases, answers, testing::known());
  EXPECT_NEAR(answers[1]->prediction, 2.4, 1e-9);
  EXPECT_EQ(answers[1]->basis, basis::scaled);
  EXPECT_DOUBLE_EQ(answers[2]->prediction, 3);
  EXPECT_EQ(answers[2]->basis, basis::calibrated);
}

TEST(case_anchors, several_are_weighted_by_likeness) {
  // A100 (2.5) and P4 (0) for a T4 (1.5): weights exp(-1) and exp(-1.5).
  const std::vector<prediction_case> cases{row("A100-SXM4-80GB", "w", 20), row("P4", "w", 10), row("T4", "w")};
  std::vector<std::optional<case_answer>> answers{predicted(10), predicted(10), predicted(1)};
  apply_anchors(cases, answers, testing::known());
  const double ampere = std::exp(-1.0), pascal = std::exp(-1.5);
  EXPECT_NEAR(answers[2]->prediction, std::exp(ampere * std::log(2) / (ampere + pascal)), 1e-9);
}

TEST(case_anchors, a_measurement_of_another_number_of_gpus_is_not_the_row_s_own) {
  prediction_case four = row("T4", "w");
  four.gpu_count = 4;
  const std::vector<prediction_case> cases{row("T4", "w", 12), four};
  std::vector<std::optional<case_answer>> answers{predicted(10), predicted(4)};
  apply_anchors(cases, answers, testing::known());
  EXPECT_NEAR(answers[1]->prediction, 4.8, 1e-9);
  EXPECT_EQ(answers[1]->basis, basis::scaled);
}

TEST(case_anchors, rows_that_were_refused_neither_give_nor_take) {
  const std::vector<prediction_case> cases{row("T4", "w", 12), row("P4", "w"), row("P4", "w")};
  std::vector<std::optional<case_answer>> answers{std::nullopt, predicted(4), std::nullopt};
  apply_anchors(cases, answers, testing::known());
  EXPECT_FALSE(answers[0]);
  EXPECT_DOUBLE_EQ(answers[1]->prediction, 4);
}

TEST(case_anchors, a_value_without_the_role_is_no_anchor) {
  prediction_case truth = row("T4", "w");
  truth.anchor_value = 99;
  std::vector<std::optional<case_answer>> answers{predicted(4)};
  apply_anchors({truth}, answers, testing::known());
  EXPECT_DOUBLE_EQ(answers[0]->prediction, 4);
}

TEST(case_anchors, a_value_that_is_no_measurement_of_the_work_is_named_and_not_used) {
  const std::vector<prediction_case> cases{row("T4", "w", 1e-12), row("P4", "w")};
  std::vector<std::optional<case_answer>> answers{predicted(10), predicted(4)};
  const std::vector<error> refused = apply_anchors(cases, answers, testing::known());
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].kind(), error_kind::input);
  EXPECT_FALSE(refused[0].hint().empty());
  EXPECT_DOUBLE_EQ(answers[0]->prediction, 10);
  EXPECT_DOUBLE_EQ(answers[1]->prediction, 4);
}

}  // namespace
}  // namespace gpubench::predictor
