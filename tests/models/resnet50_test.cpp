#include "models/resnet50.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/models/network_totals.hpp"

namespace gpubench::models {
namespace {

// Elements for one 224 x 224 image, added up by hand from table 1 of the paper.
constexpr double convolution_outputs = 11113984;
constexpr double block_outputs = 5519360;
constexpr double downsample_outputs = 1505280;
constexpr double images = 150528;

double matrix_flop(const std::vector<network_operator>& operators) {
  return total_of(operators, "convolution").flop + total_of(operators, "gemm").flop;
}

TEST(resnet50, has_the_published_parameters) {
  EXPECT_EQ(resnet50_parameters(), 25557032);
}

TEST(resnet50, does_the_published_multiply_adds) {
  const double gmac = matrix_flop(resnet50_inference(1, precision::fp32, true)) / 2e9;
  EXPECT_NEAR(gmac, 4.089, 4.089 * 0.005);
}

TEST(resnet50, has_53_convolutions_of_23_shapes) {
  EXPECT_EQ(resnet50_layers(1).size(), 53U);
  const auto distinct = resnet50_distinct_convolutions(8);
  EXPECT_EQ(distinct.size(), 23U);
  int count = 0;
  for (const auto& one : distinct) {
    count += one.count;
    EXPECT_EQ(one.shape.n, 8);
  }
  EXPECT_EQ(count, 53);
}

TEST(resnet50, strides_in_the_3x3_convolution) {
  const auto layers = resnet50_layers(1);
  const auto named = [&](const std::string& name) {
    const auto found = std::find_if(layers.begin(), layers.end(), [&](const auto& l) { return l.name == name; });
    EXPECT_NE(found, layers.end()) << name;
    return found->shape;
  };
  EXPECT_EQ(named("conv1"), (convolution{1, 3, 224, 224, 64, 7, 2, 3}));
  EXPECT_EQ(named("layer1.0.conv1"), (convolution{1, 64, 56, 56, 64, 1, 1, 0}));
  EXPECT_EQ(named("layer2.0.conv1"), (convolution{1, 256, 56, 56, 128, 1, 1, 0}));
  EXPECT_EQ(named("layer2.0.conv2"), (convolution{1, 128, 56, 56, 128, 3, 2, 1}));
  EXPECT_EQ(named("layer2.0.downsample"), (convolution{1, 256, 56, 56, 512, 1, 2, 0}));
  EXPECT_EQ(named("layer4.2.conv3"), (convolution{1, 512, 7, 7, 2048, 1, 1, 0}));
}

TEST(resnet50, chains_its_layers) {
  const auto layers = resnet50_layers(1);
  EXPECT_EQ(std::count_if(layers.begin(), layers.end(), [](const auto& l) { return l.relu; }), 49);
  EXPECT_EQ(std::count_if(layers.begin(), layers.end(), [](const auto& l) { return l.adds_residual; }), 16);
  double outputs = 0;
  for (const auto& l : layers)
    outputs += static_cast<double>(l.shape.c_out * l.shape.out_height() * l.shape.out_width());
  EXPECT_EQ(outputs, convolution_outputs);
}

TEST(resnet50_inference, reads_only_the_shortcut_when_fused) {
  const auto fused = resnet50_inference(1, precision::fp32, true);
  EXPECT_EQ(count_of(fused, "batch normalization"), 0);
  EXPECT_EQ(count_of(fused, "relu"), 0);
  EXPECT_EQ(total_of(fused, "", "residual").bytes, 4 * block_outputs);
  const auto plain = resnet50_inference(1, precision::fp32, false);
  EXPECT_EQ(total_of(plain, "", "batch normalization").bytes, 4 * 2 * convolution_outputs);
  EXPECT_EQ(total_of(plain, "", "relu").bytes, 4 * 2 * (convolution_outputs - downsample_outputs));
  EXPECT_EQ(total_of(plain, "", "residual").bytes, 4 * 3 * block_outputs);
  EXPECT_EQ(total_of(plain, "", "pooling").bytes, 4.0 * (802816 + 200704 + 100352 + 2048));
  EXPECT_EQ(matrix_flop(plain), matrix_flop(fused));
}

TEST(resnet50_inference, in_int8_moves_a_byte_for_each_value_between_layers) {
  constexpr double inputs = images + 3211264 + 3913728 + 2558976 + 827904;  // the images, then by stage
  constexpr double weights = 25557032 - 2049000 - 2 * 26560;  // without classifier, scale and shift of 26,560 channels
  for (const bool fused : {true, false}) {
    const auto network = resnet50_inference(1, precision::int8, fused);
    EXPECT_EQ(total_of(network, "convolution").bytes, inputs + convolution_outputs + weights);
    EXPECT_EQ(total_of(network, "gemm").bytes, 2048 + 2048 * 1000 + 1000);
  }
}

TEST(resnet50_inference, grows_with_the_batch) {
  const auto one = resnet50_inference(1, precision::bf16, false), many = resnet50_inference(32, precision::bf16, false);
  EXPECT_EQ(total_of(many).flop, 32 * total_of(one).flop);
  EXPECT_LT(total_of(many).bytes, 32 * total_of(one).bytes);  // weights are read once
}

TEST(resnet50_training_step, is_three_forward_passes_without_the_gradient_of_the_images) {
  const double forward = matrix_flop(resnet50_inference(4, precision::fp32, false));
  const double first_layer = 4 * 236027904.0;
  const auto step = resnet50_training_step(4, precision::fp32);
  EXPECT_EQ(matrix_flop(step), 3 * forward - first_layer);
  EXPECT_EQ(count_of(step, "convolution"), 53);
  EXPECT_EQ(count_of(step, "convolution backward weights"), 53);
  EXPECT_EQ(count_of(step, "convolution backward data"), 52);
}

TEST(resnet50_training_step, moves_what_a_framework_moves) {
  const auto step = resnet50_training_step(1, precision::bf16);
  EXPECT_EQ(total_of(step, "", "batch normalization").bytes, 2 * 3 * convolution_outputs);
  EXPECT_EQ(total_of(step, "", "batch normalization backward").bytes, 2 * 5 * convolution_outputs);
  EXPECT_EQ(total_of(step, "", "relu backward").bytes, 2 * 3 * (convolution_outputs - downsample_outputs));
  EXPECT_EQ(count_of(step, "residual backward"), 16);
  EXPECT_EQ(total_of(step, "", "residual backward").bytes, 2 * 3 * (block_outputs - 100352 + 200704));
  EXPECT_EQ(total_of(step, "", "optimizer").bytes, 25557032.0 * 20);
  EXPECT_EQ(total_of(step, "", "precision cast").bytes, 25557032.0 * 12);
  EXPECT_EQ(count_of(resnet50_training_step(1, precision::fp32), "precision cast"), 0);
}

TEST(resnet50_activation_bytes, agree_with_a_sum_by_hand) {
  const double kept = images + 200704 + 2048 + convolution_outputs + convolution_outputs - downsample_outputs;
  EXPECT_EQ(resnet50_activation_bytes(1, precision::fp32), 4 * kept + 200704 + 4000);
  EXPECT_EQ(resnet50_activation_bytes(8, precision::bf16), 8 * (2 * kept + 200704 + 4000));
}

TEST(resnet50, refuses_impossible_sizes) {
  for (const std::int64_t n : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 40})
    EXPECT_THROW(resnet50_layers(n), error) << n;
  for (const std::int64_t size : {0, -224, 16, 100000})
    EXPECT_THROW(resnet50_training_step(1, precision::fp32, size), error);
  EXPECT_NO_THROW(resnet50_training_step(1, precision::fp32, 33));
}

}  // namespace
}  // namespace gpubench::models
