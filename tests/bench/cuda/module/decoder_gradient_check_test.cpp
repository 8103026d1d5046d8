#include "bench/cuda/module/decoder_gradient_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "emulated_decoder.hpp"

namespace gpubench::cuda {
namespace {

using ::testing::HasSubstr;

TEST(decoder_gradient_check, takes_a_step_that_only_rounds) {
  const emulated_decoder step;
  const auto errors = decoder_gradient_errors(step.passes());
  EXPECT_LE(errors.worst(), 1) << errors.wrong();
  // As large as it may be on a part: the bounds are not far off.
  EXPECT_GT(errors.worst(), 0.4);
  EXPECT_EQ(errors.wrong(), "");
  EXPECT_EQ(errors.size(), 8u + 4 + 2 + 4);
}

TEST(decoder_gradient_check, names_the_step_that_is_wrong) {
  struct expectation {
    defect planted;
    const char* step;
  };
  for (const auto& [planted, step] :
       {expectation{defect::norm_without_mean, "norm's input gradient"},
        expectation{defect::norm_without_residual, "ffn_norm's input gradient"},
        expectation{defect::scale_of_one_row_twice, "norm's scale gradient"},
        expectation{defect::gate_without_curve, "gating's gradient"},
        expectation{defect::turned_forward, "rotary embedding's gradient"},
        expectation{defect::turned_from_one, "rotary embedding's gradient"}, expectation{defect::unmasked, "gradient"},
        expectation{defect::unscaled, "gradient"}, expectation{defect::row_sum_left_out, "gradient"},
        expectation{defect::one_head_of_group, "keys' gradient"},
        expectation{defect::row_left_out, "output's weight gradient"},
        expectation{defect::product_left_out, "gate_up's input gradient"},
        expectation{defect::stale_input, "ffn_norm's"}}) {
    const emulated_decoder broken(planted);
    const auto errors = decoder_gradient_errors(broken.passes());
    EXPECT_GT(errors.worst(), 2) << static_cast<int>(planted);
    EXPECT_THAT(errors.wrong(), HasSubstr(step)) << static_cast<int>(planted);
  }
}

TEST(decoder_gradient_check, notices_what_was_not_written) {
  emulated_decoder step;
  for (auto* one : {&step.key_gradient, &step.weight_gradients.ffn_norm, &step.input_gradient}) {
    auto kept = *one;
    for (float& v : one->values) v = std::numeric_limits<float>::quiet_NaN();
    const auto errors = decoder_gradient_errors(step.passes());
    EXPECT_TRUE(std::isnan(errors.worst()));
    EXPECT_THAT(errors.wrong(), HasSubstr("nan"));
    *one = std::move(kept);
  }
}

}  // namespace
}  // namespace gpubench::cuda
