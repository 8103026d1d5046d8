#include "models/resnet50_lowering.hpp"

#include "core/error.hpp"
#include "models/resnet50.hpp"

#include <gtest/gtest.h>

#include "tests/models/network_totals.hpp"

namespace gpubench::models {
namespace {

resnet50_request training(numerics types, execution how = execution::eager) {
  resnet50_request r;
  r.images = 4;
  r.phase = phase::full_step;
  r.optimizer = optimizer_kind::momentum;
  r.numerics = types;
  r.execution = how;
  return r;
}

double launches(const std::vector<network_operator>& network) {
  double count = 0;
  for (const auto& op : network) count += op.count;
  return count;
}

TEST(resnet50_lowering, convolves_as_the_network_does) {
  const auto eager = lower(training(numerics::fp32));
  const auto known = resnet50_training_step(4, precision::fp32);
  EXPECT_EQ(total_of(eager, "convolution").flop, total_of(known, "convolution").flop);
  EXPECT_EQ(total_of(eager, "gemm").flop, total_of(known, "gemm").flop);
  EXPECT_EQ(total_of(eager, "streaming", "batch normalization").bytes,
            total_of(known, "streaming", "batch normalization").bytes);
  EXPECT_EQ(total_of(eager, "streaming", "relu").bytes, total_of(known, "streaming", "relu").bytes);
}

TEST(resnet50_lowering, launches_each_operator_eagerly) {
  resnet50_request r;
  // 53 convolutions and normalisations, 49 ReLUs, 16 residuals, two poolings, classifier.
  EXPECT_EQ(launches(lower(r)), 53 + 53 + 49 + 16 + 3);
  EXPECT_EQ(count_of(lower(training(numerics::fp32)), "batch count"), 53);
  r.execution = execution::compiled;
  EXPECT_EQ(launches(lower(r)), 53 + 53 + 3);
}

TEST(resnet50_lowering, casts_each_weight_under_autocast) {
  auto r = training(numerics::fp16_amp);
  r.channels_last = true;
  const auto amp = lower(r);
  EXPECT_EQ(count_of(amp, "weight cast"), 54);
  EXPECT_EQ(count_of(amp, "weight gradient cast"), 54);
  EXPECT_EQ(count_of(amp, "gradient unscaling"), 2);  // 161 tensors, 110 a launch
  EXPECT_EQ(count_of(amp, "layout conversion"), 0);
}

TEST(resnet50_lowering, reorders_for_tensor_cores_without_channels_last) {
  EXPECT_EQ(count_of(lower(training(numerics::fp32)), "layout conversion"), 0);
  EXPECT_EQ(count_of(lower(training(numerics::tf32)), "layout conversion"), 3 * 53 - 1);
}

TEST(resnet50_lowering, of_the_optimizer_passes_over_all_weights) {
  double bytes = 0;
  for (const auto& op : lower(training(numerics::fp32)))
    if (op.name.rfind("optimizer", 0) == 0) bytes += op.count * work_of(op.shape, op.precision).bytes;
  EXPECT_DOUBLE_EQ(bytes, resnet50_parameters() * 8 * 4);
}

TEST(resnet50_lowering, compiled_moves_less) {
  for (const auto types : {numerics::fp32, numerics::tf32, numerics::bf16, numerics::fp16_amp})
    EXPECT_LT(total_work(lower(training(types, execution::compiled))).bytes, total_work(lower(training(types))).bytes);
}

TEST(resnet50_lowering, refuses_what_cannot_be) {
  auto r = training(numerics::fp32, execution::engine);
  EXPECT_THROW(lower(r), error);
  r = training(numerics::fp32);
  r.optimizer = optimizer_kind::none;
  EXPECT_THROW(lower(r), error);
  r.images = 0;
  EXPECT_THROW(lower(r), error);
}

}  // namespace
}  // namespace gpubench::models
