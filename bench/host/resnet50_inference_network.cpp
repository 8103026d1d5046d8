#include "bench/host/resnet50_inference_network.hpp"

#include <cmath>

namespace gpubench::bench::host {
namespace {

using dnnl::memory;
using tag = memory::format_tag;
constexpr auto inference = dnnl::prop_kind::forward_inference;

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

resnet50_inference_network::resnet50_inference_network(const std::vector<models::resnet_layer>& layers,
                                                       const resnet50_parameters& parameters, memory::data_type type)
    : type_(type) {
  const auto& stem = layers.front().shape;
  memory x = add_convolution(layers.front(), {}, nullptr, parameters.units.at(layers.front().name));
  const auto& second = layers[1].shape;
  const memory stem_output = x;
  x = add_pooling({dnnl::algorithm::pooling_max, 3, 2, 1}, x, stem.n, stem.c_out, second.height);
  program_.give_back(stem_output);

  memory block_input = x, shortcut = x;
  for (std::size_t i = 1; i < layers.size(); ++i) {
    const auto& layer = layers[i];
    const auto& unit = parameters.units.at(layer.name);
    if (ends_with(layer.name, ".conv1")) {
      block_input = shortcut = x;
      x = add_convolution(layer, block_input, nullptr, unit);
    } else if (ends_with(layer.name, ".downsample")) {
      shortcut = add_convolution(layer, block_input, nullptr, unit);
      program_.give_back(block_input);
    } else {
      const memory before = x;
      x = add_convolution(layer, before, layer.adds_residual ? &shortcut : nullptr, unit);
      program_.give_back(before);
    }
  }
  const auto& last = layers.back().shape;
  x = add_pooling({dnnl::algorithm::pooling_avg_exclude_padding, last.out_height(), 1, 0}, x, last.n, last.c_out, 1);
  add_classifier(x, last.n, parameters);
}

memory resnet50_inference_network::add_convolution(const models::resnet_layer& layer, const memory& x,
                                                   const memory* shortcut, const resnet50_unit& unit) {
  auto layout = onednn::open_layout(layer.shape, type_);
  // The result is added to the shortcut in place, so it takes the shortcut's layout.
  if (shortcut) layout.destination = shortcut->get_desc();
  const auto description = onednn::forward(layer.shape, layout, inference, memory::data_type::f32,
                                           onednn::fused_attributes(shortcut != nullptr, layer.relu));

  std::vector<float> folded = unit.weights, bias(unit.shift);
  const std::size_t taps = folded.size() / bias.size();
  for (std::size_t c = 0; c < bias.size(); ++c) {
    const float factor = unit.scale[c] / std::sqrt(unit.variance[c] + resnet50_epsilon);
    bias[c] -= unit.mean[c] * factor;
    for (std::size_t t = 0; t < taps; ++t) folded[c * taps + t] *= factor;
  }
  const memory weights = onednn::allocate(description.weights_desc());
  onednn::set_values(weights, folded.data(), tag::oihw);
  const memory biases = onednn::allocate(description.bias_desc());
  onednn::set_values(biases, bias.data(), tag::x);

  if (!x) images_ = onednn::allocate(description.src_desc());
  const memory source = x ? program_.in_layout(x, description.src_desc()) : images_;
  const memory result = shortcut ? *shortcut : program_.take(description.dst_desc());
  program_.then(dnnl::convolution_forward(description),
                {{DNNL_ARG_SRC, source}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_BIAS, biases}, {DNNL_ARG_DST, result}});
  return result;
}

memory resnet50_inference_network::add_pooling(const onednn::pooling_window& window, const memory& x, std::int64_t n,
                                               std::int64_t c, std::int64_t size) {
  const auto description =
      onednn::pooling_forward(window, x.get_desc(), {{n, c, size, size}, type_, tag::any}, inference);
  const memory result = program_.take(description.dst_desc());
  program_.then(dnnl::pooling_forward(description), {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, result}});
  return result;
}

void resnet50_inference_network::add_classifier(const memory& pooled, std::int64_t n,
                                                const resnet50_parameters& parameters) {
  const std::int64_t features = parameters.features, classes = parameters.classes;
  const auto description = onednn::linear_forward(
      {{n, features, 1, 1}, type_, tag::any}, {{classes, features, 1, 1}, type_, tag::any},
      {{classes}, memory::data_type::f32, tag::x}, {{n, classes}, memory::data_type::f32, tag::nc}, inference);
  const memory weights = onednn::allocate(description.weights_desc());
  onednn::set_values(weights, parameters.classifier.data(), tag::oihw);
  const memory bias = onednn::allocate(description.bias_desc());
  onednn::set_values(bias, parameters.bias.data(), tag::x);
  scores_ = onednn::allocate(description.dst_desc());
  const memory source = program_.in_layout(pooled, description.src_desc());
  program_.then(dnnl::inner_product_forward(description),
                {{DNNL_ARG_SRC, source}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_BIAS, bias}, {DNNL_ARG_DST, scores_}});
}

void resnet50_inference_network::set_images(const std::vector<float>& pixels) {
  onednn::set_values(images_, pixels.data(), tag::nchw);
}

std::vector<float> resnet50_inference_network::scores() const {
  return onednn::values_of(scores_, tag::nc);
}

}  // namespace gpubench::bench::host
