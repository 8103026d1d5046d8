#include "bench/host/convolution.hpp"

#include <gtest/gtest.h>

#include "host_case.hpp"

namespace gpubench::bench::host {
namespace {

using models::pass;
using testing_support::definition_of;
using testing_support::machine_with;

// One 3x3 image 1..9, a 2x2 filter, stride 1, no padding.
constexpr float image[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
constexpr float filter[] = {1, 10, 100, 1000};
constexpr float gradient[] = {1, 2, 3, 4};
models::convolution small(pass which) {
  return {1, 1, 3, 3, 1, 2, 1, 0, which};
}

TEST(reference_convolution, forward_by_hand) {
  const convolution_operands operands{image, filter, nullptr};
  EXPECT_EQ(reference_convolution(small(pass::forward), operands, 0).value, 1 + 20 + 400 + 5000);
  EXPECT_EQ(reference_convolution(small(pass::forward), operands, 3).value, 5 + 60 + 800 + 9000);
}

TEST(reference_convolution, backward_data_by_hand) {
  const convolution_operands operands{nullptr, filter, gradient};
  // The corner is seen by the first output only, the centre by all four.
  EXPECT_EQ(reference_convolution(small(pass::backward_data), operands, 0).value, 1);
  EXPECT_EQ(reference_convolution(small(pass::backward_data), operands, 4).value, 1 * 1000 + 2 * 100 + 3 * 10 + 4 * 1);
}

TEST(reference_convolution, backward_weights_by_hand) {
  const convolution_operands operands{image, nullptr, gradient};
  EXPECT_EQ(reference_convolution(small(pass::backward_weights), operands, 0).value, 1 * 1 + 2 * 2 + 3 * 4 + 4 * 5);
  EXPECT_EQ(reference_convolution(small(pass::backward_weights), operands, 3).value, 1 * 5 + 2 * 6 + 3 * 8 + 4 * 9);
}

TEST(reference_convolution, padding_and_stride_by_hand) {
  // 3x3 filter of ones, stride 2, padding 1 on the 3x3 image: the first output sees its upper left quarter.
  const float ones[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
  const models::convolution c{1, 1, 3, 3, 1, 3, 2, 1, pass::forward};
  EXPECT_EQ(reference_convolution(c, {image, ones, nullptr}, 0).value, 1 + 2 + 4 + 5);
  EXPECT_EQ(reference_convolution(c, {image, ones, nullptr}, 3).value, 5 + 6 + 8 + 9);
}

TEST(convolution, every_pass_is_right_on_awkward_shapes) {
  const models::convolution shapes[] = {{2, 16, 9, 9, 32, 3, 2, 1},   // stride that does not divide
                                        {1, 3, 17, 17, 16, 7, 2, 3},  // images: three channels
                                        {2, 32, 8, 8, 16, 1, 2, 0}};  // inputs that no output sees
  for (const char* name :
       {"convolution_forward_fp32", "convolution_backward_data_fp32", "convolution_backward_weights_fp32"}) {
    for (const auto& shape : shapes) {
      const auto machine = machine_with({});
      const auto prepared = definition_of(name).prepare(parameters_of(shape), machine.view());
      prepared->sample();
      const auto check = prepared->verify();
      EXPECT_TRUE(check.passed()) << name << " " << results::to_string(parameters_of(shape)) << ": " << check.error;
    }
  }
}

TEST(convolution, quick_suite_takes_the_layers_with_most_flop) {
  const auto cases = convolution_cases(suite::quick, pass::forward);
  ASSERT_EQ(cases.size(), 2U);
  for (const auto& c : cases) EXPECT_EQ(results::integer_parameter(c, "kernel"), 3);
}

TEST(convolution, the_gradient_of_the_images_is_not_measured) {
  const auto forward = convolution_cases(suite::standard, pass::forward);
  const auto backward = convolution_cases(suite::standard, pass::backward_data);
  EXPECT_EQ(forward.size(), backward.size() + 1);
  for (const auto& c : backward) EXPECT_NE(results::integer_parameter(c, "c_in"), 3);
}

}  // namespace
}  // namespace gpubench::bench::host
