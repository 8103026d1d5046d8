#include "reference/resnet50.hpp"

#include "bench/host/elementwise.hpp"
#include "bench/host/operands.hpp"
#include "bench/host/resnet50_check.hpp"
#include "bench/host/resnet50_inference_network.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "host_case.hpp"

namespace gpubench::bench::host {
namespace {

using testing_support::definition_of;
using testing_support::machine_with;

constexpr std::int64_t classes = 10;

struct small_network {
  // One thread: waiting for one that tests running beside this one hold up costs more than it saves.
  small_network() { use_threads(1); }

  std::vector<models::resnet_layer> layers = narrowed(models::resnet50_layers(2, 64), 4);
  resnet50_parameters parameters = random_parameters(layers, classes);
  std::vector<float> images = random_images(layers.front().shape);

  std::vector<double> scores() const {
    resnet50_inference_network network(layers, parameters, dnnl::memory::data_type::f32);
    network.set_images(images);
    network.run();
    const auto values = network.scores();
    return {values.begin(), values.end()};
  }
  double deviation_from_reference(const resnet50_parameters& other) const {
    return relative_deviation(scores(), reference::resnet50_scores(other, {images.data(), 2, 64}));
  }
};

TEST(resnet50_inference, agrees_with_the_second_implementation) {
  const small_network network;
  EXPECT_LT(network.deviation_from_reference(network.parameters), 1e-4);
}

TEST(resnet50_inference, the_check_notices_any_layer_that_is_off) {
  const small_network network;
  for (const auto& layer : network.layers) {
    auto changed = network.parameters;
    // A hundredth on one channel of one layer.
    changed.units.at(layer.name).shift[0] += 0.01F;
    for (float& w : changed.units.at(layer.name).weights) w *= 1.01F;
    EXPECT_GT(network.deviation_from_reference(changed), 1e-4) << layer.name;
  }
}

TEST(resnet50_inference, the_check_notices_a_missing_residual) {
  small_network network;
  network.layers.back().adds_residual = false;
  EXPECT_GT(network.deviation_from_reference(network.parameters), 1e-2);
}

TEST(resnet50_inference, scores_of_a_repeated_run_are_the_same) {
  const small_network network;
  resnet50_inference_network inference(network.layers, network.parameters, dnnl::memory::data_type::f32);
  inference.set_images(network.images);
  inference.run();
  const auto first = inference.scores();
  inference.run();
  EXPECT_EQ(inference.scores(), first);
}

TEST(resnet50_training, every_gradient_agrees_with_the_second_implementation) {
  use_threads(1);
  const auto check = check_training_gradients();
  EXPECT_TRUE(check.passed()) << check.compared << ": " << check.error;
  EXPECT_NE(check.compared.find("161 gradients"), std::string::npos);
}

TEST(resnet50_training, gradient_of_the_second_implementation_agrees_with_a_finite_difference) {
  small_network network;
  const std::vector<std::int32_t> labels = random_classes(2, classes);
  const reference::image_batch batch{network.images.data(), 2, 64};
  const auto gradients = reference::resnet50_backward(network.parameters, batch, labels);
  for (const char* layer : {"conv1", "layer2.0.downsample", "layer4.2.conv3"}) {
    const float step = 0x1p-17F;  // smaller than the distance to most kinks of ReLU
    float& shift = network.parameters.units.at(layer).shift[1];
    const float before = shift;
    shift = before + step;
    const double high = static_cast<double>(shift);
    const double above = reference::resnet50_backward(network.parameters, batch, labels).loss;
    shift = before - step;
    const double low = static_cast<double>(shift);
    const double below = reference::resnet50_backward(network.parameters, batch, labels).loss;
    shift = before;
    const double slope = (above - below) / (high - low);
    const double expected = gradients.units.at(layer).shift[1];
    EXPECT_NEAR(slope, expected, 0.02 * std::abs(expected) + 1e-4) << layer;
  }
}

TEST(resnet50_training, benchmark_learns_its_batch) {
  const auto machine = machine_with({});
  auto where = machine.view();
  where.threads = 1;
  const auto prepared = definition_of("resnet50_training_step_fp32").prepare({{"n", 2}, {"image_size", 64}}, where);
  for (int i = 0; i < 3; ++i) prepared->sample();
  const auto check = prepared->verify();
  EXPECT_TRUE(check.passed()) << check.compared << ": " << check.error;
}

TEST(resnet50, work_is_that_of_the_published_network) {
  const auto inference = definition_of("resnet50_inference_fp32").work({{"n", 1}, {"image_size", 224}});
  EXPECT_NEAR(*inference.flop, 2 * 4.09e9, 0.02 * 2 * 4.09e9);
  EXPECT_EQ(inference.items, 1);
  const auto training = definition_of("resnet50_training_step_fp32").work({{"n", 4}, {"image_size", 224}});
  EXPECT_NEAR(*training.flop, 3 * 4 * *inference.flop, 0.05 * 3 * 4 * *inference.flop);
  EXPECT_EQ(training.item, "image");
}

TEST(cross_entropy, by_hand) {
  // Two equal scores: a half each.
  const float scores[] = {5, 5};
  float gradient[2] = {};
  EXPECT_DOUBLE_EQ(cross_entropy(scores, gradient, {1}, 2), std::log(2.0));
  EXPECT_FLOAT_EQ(gradient[0], 0.5F);
  EXPECT_FLOAT_EQ(gradient[1], -0.5F);
}

TEST(sgd_step, by_hand) {
  float weight = 2, velocity = 4;
  const float gradient = 1;
  sgd_step(&weight, &velocity, &gradient, 1, {0.5F, 0.25F, 0.5F});
  EXPECT_FLOAT_EQ(velocity, 0.25F * 4 + 1 + 0.5F * 2);
  EXPECT_FLOAT_EQ(weight, 2 - 0.5F * 3);
}

}  // namespace
}  // namespace gpubench::bench::host
