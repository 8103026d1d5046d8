#include "kernels/training.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace gpubench::kernels {
namespace {

TEST(training, a_step_of_sgd_by_hand) {
  const sgd_rates rates{0.1F, 0.5F, 0.25F};
  const auto next = sgd_step({2, 4}, 3, rates);
  EXPECT_FLOAT_EQ(next.velocity, 0.5F * 4 + 3 + 0.25F * 2);
  EXPECT_FLOAT_EQ(next.weight, 2 - 0.1F * 5.5F);
}

TEST(training, sgd_leaves_padding_of_zeros_alone) {
  const auto next = sgd_step({0, 0}, 0, {});
  EXPECT_EQ(next.weight, 0);
  EXPECT_EQ(next.velocity, 0);
}

TEST(training, steps_of_adamw_by_hand) {
  const adamw_rates rates{0.125F, 0.5F, 0.75F, 0, 0.25F};
  auto progress = next_step({}, rates);
  EXPECT_EQ(progress.steps, 1);
  EXPECT_FLOAT_EQ(progress.first_correction, 2);
  EXPECT_FLOAT_EQ(progress.second_correction, 4);
  // Corrected, the first step's moments are the gradient and its square: a step of one, whatever the gradient's size.
  auto state = adamw_step({2, 0, 0}, -3, rates, progress);
  EXPECT_FLOAT_EQ(state.first, -1.5F);
  EXPECT_FLOAT_EQ(state.second, 9 * 0.25F);
  EXPECT_FLOAT_EQ(state.weight, 2 - 0.125F * (-1 + 0.25F * 2));

  progress = next_step(progress, rates);
  EXPECT_FLOAT_EQ(progress.first_correction, 1 / 0.75F);
  EXPECT_FLOAT_EQ(progress.second_correction, 1 / (1 - 0.5625F));
  const float before = state.weight;
  state = adamw_step(state, 1, rates, progress);
  EXPECT_FLOAT_EQ(state.first, -0.75F + 0.5F);
  EXPECT_FLOAT_EQ(state.second, 0.75F * 2.25F + 0.25F);
  EXPECT_FLOAT_EQ(state.weight, before - 0.125F * ((-0.25F / 0.75F) / std::sqrt(1.9375F / 0.4375F) + 0.25F * before));
}

TEST(training, adamw_leaves_padding_of_zeros_alone) {
  const auto next = adamw_step({0, 0, 0}, 0, {}, next_step({}, {}));
  EXPECT_EQ(next.weight, 0);
  EXPECT_EQ(next.first, 0);
  EXPECT_EQ(next.second, 0);
}

TEST(training, the_gradient_of_the_mean_cross_entropy) {
  EXPECT_FLOAT_EQ(cross_entropy_gradient(0.25F, true, 4), -0.75F / 4);
  EXPECT_FLOAT_EQ(cross_entropy_gradient(0.25F, false, 4), 0.25F / 4);
}

}  // namespace
}  // namespace gpubench::kernels
