#include "bench/cuda/module/adamw_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "emulated_decoder.hpp"

namespace gpubench::cuda {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(step_errors, the_worst_comes_first_and_nan_is_worst) {
  step_errors errors;
  errors.add("one", 0.5);
  errors.add("two", 3);
  errors.add("two", 2);
  errors.add("three", 1);
  EXPECT_EQ(errors.worst(), 3);
  EXPECT_THAT(errors.wrong(), StartsWith("two (3.0"));
  errors.add("one", NAN);
  errors.add("one", 0);
  EXPECT_TRUE(std::isnan(errors.worst()));
  EXPECT_THAT(errors.wrong(), StartsWith("one (nan), two (3.0"));
}

/// Two pieces of an arena before and after the third step, as the kernel takes it.
struct adamw_pieces {
  arena_sample before, after;
  kernels::adamw_rates rates = parameter_arena::adamw;
};
adamw_pieces stepped() {
  adamw_pieces result;
  arena_sample now;
  for (std::uint64_t i = 0; i < 256; ++i) {
    now.weights.push_back(kernels::spread_value(1, i, 0, 0.03F));
    now.first.push_back(kernels::spread_value(2, i, 0, 2));
    now.second.push_back(kernels::spread_value(3, i, 4, 4));
    now.copies.push_back(to_bf16(now.weights.back()));
    now.gradients.push_back(to_bf16(kernels::spread_value(4, i, 0, 3)));
  }
  now.weights[200] = now.first[200] = now.second[200] = now.copies[200] = now.gradients[200] = 0;  // between tensors
  now.steps = 2;
  result.before = result.after = now;
  const auto progress =
      kernels::next_step(kernels::next_step(kernels::next_step({}, result.rates), result.rates), result.rates);
  for (std::size_t i = 0; i < now.weights.size(); ++i) {
    const auto next =
        kernels::adamw_step({now.weights[i], now.first[i], now.second[i]}, now.gradients[i], result.rates, progress);
    result.after.weights[i] = next.weight;
    result.after.first[i] = next.first;
    result.after.second[i] = next.second;
    result.after.copies[i] = to_bf16(next.weight);
  }
  result.after.steps = 3;
  return result;
}

TEST(adamw_check, takes_the_kernels_step) {
  const auto step = stepped();
  const auto errors = adamw_errors(kernels::storage::bf16, step.before, step.after, step.rates);
  EXPECT_LE(errors.worst(), 1) << errors.wrong();
  EXPECT_GT(errors.worst(), 0.1);
}

TEST(adamw_check, notices_each_wrong_part) {
  const auto right = stepped();
  const auto wrong = [&](const auto& change) {
    auto step = right;
    change(step);
    return adamw_errors(kernels::storage::bf16, step.before, step.after, step.rates).wrong();
  };
  EXPECT_THAT(wrong([](auto& s) { s.after.steps = 2; }), HasSubstr("steps"));
  EXPECT_THAT(wrong([](auto& s) { s.after.weights = s.before.weights; }), HasSubstr("weights"));
  EXPECT_THAT(wrong([](auto& s) { s.after.copies[7] = s.after.copies[8]; }), HasSubstr("copies"));
  EXPECT_THAT(wrong([](auto& s) { s.after.first[9] *= 1.0001F; }), HasSubstr("first"));
  EXPECT_THAT(wrong([](auto& s) { s.after.second[9] *= 1.0001F; }), HasSubstr("second"));
  EXPECT_THAT(wrong([](auto& s) { s.after.weights[3] = std::numeric_limits<float>::quiet_NaN(); }), HasSubstr("nan"));
  // The corrections of another step, and no decay: small beside the weight, but not beside its rounding.
  EXPECT_THAT(wrong([](auto& s) {
                const auto late = kernels::next_step({3, 1, 1}, s.rates);
                for (std::size_t i = 0; i < s.after.weights.size(); ++i) {
                  s.after.weights[i] = kernels::adamw_step({s.before.weights[i], s.before.first[i], s.before.second[i]},
                                                           s.after.gradients[i], s.rates, late)
                                           .weight;
                }
              }),
              HasSubstr("AdamW's weights"));
}

}  // namespace
}  // namespace gpubench::cuda
