#include "models/resnet50.hpp"

#include "core/error.hpp"
#include "models/network_builder.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench::models {
namespace {

constexpr std::int64_t classes = 1000;
constexpr std::int64_t features = 2048;

double output_elements(const convolution& c) {
  return static_cast<double>(c.n) * static_cast<double>(c.c_out) * static_cast<double>(c.out_height()) *
         static_cast<double>(c.out_width());
}

double input_elements(const convolution& c) {
  return static_cast<double>(c.n) * static_cast<double>(c.c_in) * static_cast<double>(c.height) *
         static_cast<double>(c.width);
}

double weight_elements(const convolution& c) {
  return static_cast<double>(c.c_in * c.c_out * c.kernel * c.kernel);
}

bool opens_block(const resnet_layer& layer) {
  return layer.name != "conv1" && layer.name.size() > 5 && layer.name.compare(layer.name.size() - 5, 5, "conv1") == 0;
}

// Sizes around the two pooling layers, in elements.
struct pooling_sizes {
  double max_input, max_output, average_input, average_output;
};

pooling_sizes pooling_of(const std::vector<resnet_layer>& layers) {
  const auto& last = layers.back().shape;
  return {output_elements(layers[0].shape), input_elements(layers[1].shape), output_elements(last),
          static_cast<double>(last.n * last.c_out)};
}

// Between the layers everything is stored in the network's type.
convolution stored_as(precision p, convolution c) {
  c.output = p;
  return c;
}

gemm stored_as(precision p, gemm g) {
  g.output = p;
  return g;
}

// FLOP an element below count additions and multiplications; comparisons (ReLU, maximum) are none. Scale, shift and
// statistics of a normalisation are a few values a channel: their traffic is left out.

void add_forward_streams(network_builder& net, const std::vector<resnet_layer>& layers, precision p, bool training) {
  const double bytes = bytes_per_element(p);
  const auto pooling = pooling_of(layers);
  for (const auto& layer : layers) {
    const double elements = output_elements(layer.shape);
    // Training needs the batch's mean and variance before it can normalise: two reads, one write.
    net.add("batch normalization", streaming{(training ? 3 : 2) * elements * bytes, (training ? 5 : 2) * elements}, p);
    if (layer.adds_residual) net.add("residual", streaming{3 * elements * bytes, elements}, p);
    if (layer.relu) net.add("relu", streaming{2 * elements * bytes, 0}, p);
  }
  // Training also writes which of the nine inputs was the largest: one byte an output.
  const double index_bytes = training ? pooling.max_output : 0;
  net.add("pooling", streaming{(pooling.max_input + pooling.max_output) * bytes + index_bytes, 0}, p);
  net.add("pooling", streaming{(pooling.average_input + pooling.average_output) * bytes, pooling.average_input}, p);
}

void add_backward_streams(network_builder& net, const std::vector<resnet_layer>& layers, precision p) {
  const double bytes = bytes_per_element(p);
  const auto pooling = pooling_of(layers);
  for (const auto& layer : layers) {
    const double elements = output_elements(layer.shape);
    // The mask comes from the saved output: read it and the gradient, write the gradient.
    if (layer.relu) net.add("relu backward", streaming{3 * elements * bytes, 0}, p);
    // Two sums over input and gradient, then both again to write the input's gradient.
    net.add("batch normalization backward", streaming{5 * elements * bytes, 8 * elements}, p);
    // A block's input fed two branches; their gradients are added. Passing a gradient through the addition is free.
    if (opens_block(layer)) {
      const double block_input = input_elements(layer.shape);
      net.add("residual backward", streaming{3 * block_input * bytes, block_input}, p);
    }
  }
  net.add("pooling backward", streaming{(pooling.max_input + pooling.max_output) * bytes + pooling.max_output, 0}, p);
  net.add("pooling backward",
          streaming{(pooling.average_input + pooling.average_output) * bytes, pooling.average_input}, p);
}

}  // namespace

std::vector<resnet_layer> resnet50_layers(std::int64_t n, std::int64_t image_size) {
  if (n < 1 || n > 1'000'000)
    throw error(error_kind::usage, fmt::format("a batch of {} images is impossible", n), "choose 1 to 1,000,000");
  if (image_size < 32 || image_size > 16384)
    throw error(error_kind::usage, fmt::format("ResNet-50 cannot run on images of {0} x {0} pixels", image_size),
                "choose 32 to 16384; 224 is usual");
  constexpr struct {
    int blocks;
    std::int64_t width;
  } stages[] = {{3, 64}, {4, 128}, {6, 256}, {3, 512}};

  std::vector<resnet_layer> layers;
  layers.push_back({"conv1", {n, 3, image_size, image_size, 64, 7, 2, 3}, true, false});
  const auto& stem = layers[0].shape;
  std::int64_t size = (stem.out_height() + 2 - 3) / 2 + 1;  // 3x3 maximum pooling, stride 2, padding 1
  std::int64_t channels = 64;
  for (int stage = 0; stage < 4; ++stage) {
    const std::int64_t width = stages[stage].width;
    for (int block = 0; block < stages[stage].blocks; ++block) {
      const std::int64_t stride = stage > 0 && block == 0 ? 2 : 1;
      const auto prefix = fmt::format("layer{}.{}.", stage + 1, block);
      const convolution reduce{n, channels, size, size, width, 1, 1, 0};
      const convolution spatial{n, width, size, size, width, 3, stride, 1};
      const std::int64_t out_size = spatial.out_height();
      const convolution expand{n, width, out_size, out_size, 4 * width, 1, 1, 0};
      layers.push_back({prefix + "conv1", reduce, true, false});
      layers.push_back({prefix + "conv2", spatial, true, false});
      // The shortcut must be there before the last convolution's output can be added to it.
      if (block == 0)
        layers.push_back({prefix + "downsample", {n, channels, size, size, 4 * width, 1, stride, 0}, false, false});
      layers.push_back({prefix + "conv3", expand, true, true});
      channels = 4 * width;
      size = out_size;
    }
  }
  return layers;
}

std::vector<counted_convolution> resnet50_distinct_convolutions(std::int64_t n, std::int64_t image_size) {
  std::vector<counted_convolution> distinct;
  for (const auto& layer : resnet50_layers(n, image_size)) {
    const auto known = std::find_if(distinct.begin(), distinct.end(),
                                    [&](const counted_convolution& c) { return c.shape == layer.shape; });
    if (known == distinct.end()) {
      distinct.push_back({layer.shape, 1});
    } else {
      ++known->count;
    }
  }
  return distinct;
}

double resnet50_parameters() {
  double parameters = static_cast<double>(features * classes + classes);
  for (const auto& layer : resnet50_layers(1))
    parameters += weight_elements(layer.shape) + 2 * static_cast<double>(layer.shape.c_out);
  return parameters;
}

std::vector<network_operator> resnet50_inference(std::int64_t n, precision p, bool fused, std::int64_t image_size) {
  const auto layers = resnet50_layers(n, image_size);
  network_builder net;
  for (const auto& layer : layers) net.add("convolution", stored_as(p, layer.shape), p);
  if (fused) {
    const double bytes = bytes_per_element(p);
    const auto pooling = pooling_of(layers);
    for (const auto& layer : layers)
      if (layer.adds_residual)
        net.add("residual", streaming{output_elements(layer.shape) * bytes, output_elements(layer.shape)}, p);
    net.add("pooling", streaming{(pooling.max_input + pooling.max_output) * bytes, 0}, p);
    net.add("pooling", streaming{(pooling.average_input + pooling.average_output) * bytes, pooling.average_input}, p);
  } else {
    add_forward_streams(net, layers, p, false);
  }
  net.add("classifier", stored_as(p, gemm{n, classes, features}), p);
  return net.take();
}

std::vector<network_operator> resnet50_training_step(std::int64_t n, precision p, std::int64_t image_size) {
  const auto layers = resnet50_layers(n, image_size);
  network_builder net;
  for (const auto& layer : layers) net.add("convolution", stored_as(p, layer.shape), p);
  add_forward_streams(net, layers, p, true);
  net.add("classifier", stored_as(p, gemm{n, classes, features}), p);

  // Loss in fp32: forward reads logits and writes probabilities, backward reads those and writes the gradient.
  const double logits = static_cast<double>(n * classes);
  net.add("loss", streaming{4 * logits * 4, 5 * logits}, precision::fp32);

  net.add("classifier backward data", stored_as(p, gemm{n, features, classes}), p);
  net.add("classifier backward weights", stored_as(p, gemm{features, classes, n}), p);
  add_backward_streams(net, layers, p);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    auto shape = stored_as(p, layers[i].shape);
    shape.pass = pass::backward_weights;
    net.add("convolution backward weights", shape, p);
    if (i == 0) continue;  // nobody needs the gradient of the images
    shape.pass = pass::backward_data;
    net.add("convolution backward data", shape, p);
  }

  // SGD reads weight, gradient and momentum, writes weight and momentum; two FLOP each for decay, momentum and step.
  const double parameters = resnet50_parameters();
  net.add("optimizer", streaming{parameters * 5 * 4, parameters * 6}, precision::fp32);
  // Mixed precision casts the weights down before the forward pass and their gradients up after the backward pass.
  if (const double bytes = bytes_per_element(p); bytes < 4)
    net.add("precision cast", streaming{parameters * 2 * (4 + bytes), 0}, p);
  return net.take();
}

double resnet50_activation_bytes(std::int64_t n, precision p, std::int64_t image_size) {
  const auto layers = resnet50_layers(n, image_size);
  const auto pooling = pooling_of(layers);
  // The images, the pooling outputs, and for each convolution its output (the normalisation's backward pass needs it)
  // and what the ReLU made of it (its mask and the next convolution's input). Sums that a ReLU overwrites are not kept.
  double elements = input_elements(layers[0].shape) + pooling.max_output + pooling.average_output;
  for (const auto& layer : layers) elements += output_elements(layer.shape) * (layer.relu ? 2 : 1);
  const double probabilities = static_cast<double>(n * classes) * 4;
  return elements * bytes_per_element(p) + pooling.max_output + probabilities;
}

}  // namespace gpubench::models
