#include "kernels/training.hpp"

#include <gtest/gtest.h>

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

TEST(training, the_gradient_of_the_mean_cross_entropy) {
  EXPECT_FLOAT_EQ(cross_entropy_gradient(0.25F, true, 4), -0.75F / 4);
  EXPECT_FLOAT_EQ(cross_entropy_gradient(0.25F, false, 4), 0.25F / 4);
}

}  // namespace
}  // namespace gpubench::kernels
