#include "bench/cuda/module/resnet50_inference_network.hpp"

#include "bench/cuda/module/device_values.hpp"
#include "bench/cuda/module/image_layout.hpp"
#include "bench/cuda/module/matmul_choice.hpp"
#include "kernels/image_pooling.cuh"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gpubench::cuda {

namespace {

using kernels::storage;

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::int64_t output_elements(const models::convolution& c) {
  return c.n * c.c_out * c.out_height() * c.out_width();
}

/// The normalisation becomes a factor of the filters and a bias.
struct folded_unit {
  std::vector<float> weights, bias;
};
folded_unit folded(const reference::resnet50_unit& unit) {
  folded_unit result{unit.weights, unit.shift};
  const std::size_t taps = result.weights.size() / result.bias.size();
  for (std::size_t c = 0; c < result.bias.size(); ++c) {
    const float factor = unit.scale[c] / std::sqrt(unit.variance[c] + reference::resnet50_epsilon);
    result.bias[c] -= unit.mean[c] * factor;
    for (std::size_t t = 0; t < taps; ++t) result.weights[c * taps + t] *= factor;
  }
  return result;
}

}  // namespace

resnet50_inference_network::resnet50_inference_network(const std::vector<models::resnet_layer>& layers,
                                                       const reference::resnet50_parameters& learned, storage type,
                                                       const device_properties& device, timer& clock)
    : type_(type),
      stream_(clock.stream()),
      stem_(layers.front().shape),
      last_(layers.back().shape),
      classes_(learned.classes),
      images_(values_bytes(type, stem_.n * stem_.height * stem_.width * stored_image_channels)),
      pooled_(values_bytes(type, last_.n * last_.c_out)),
      scores_(static_cast<std::size_t>(last_.n * classes_) * sizeof(float)),
      convolutions_(stream_, type),
      context_(device, stream_) {
  std::int64_t largest = 0;
  for (const auto& layer : layers) largest = std::max(largest, output_elements(layer.shape));
  for (int i = 0; i < 4; ++i) activations_.emplace_back(values_bytes(type, largest));
  // What a block reads, what its path has come to, where its next layer writes, and its shortcut.
  void* input = activations_[0].data();
  void* along = activations_[1].data();
  void* next = activations_[2].data();
  void* const shortcut = activations_[3].data();

  add_convolution(layers.front(), learned.units.at(layers.front().name), images_.data(), nullptr, along);
  const kernels::image_pooling_shape window{stem_.n, stem_.out_height(), stem_.out_width(), stem_.c_out};
  steps_.emplace_back(
      [this, window, along, input] { kernels::launch_maximum_pooling(type_, window, along, input, nullptr, stream_); });
  void* added = input;
  for (std::size_t i = 1; i < layers.size(); ++i) {
    const auto& layer = layers[i];
    const auto& unit = learned.units.at(layer.name);
    if (ends_with(layer.name, ".conv1")) {
      added = input;
      add_convolution(layer, unit, input, nullptr, along);
    } else if (ends_with(layer.name, ".downsample")) {
      added = shortcut;
      add_convolution(layer, unit, input, nullptr, shortcut);
    } else {
      add_convolution(layer, unit, along, layer.adds_residual ? added : nullptr, next);
      std::swap(along, next);
      if (layer.adds_residual) std::swap(input, along);
    }
  }
  const kernels::image_pooling_shape whole{last_.n, last_.out_height(), last_.out_width(), last_.c_out};
  steps_.emplace_back(
      [this, whole, input] { kernels::launch_average_pooling(type_, whole, input, pooled_.data(), stream_); });
  add_classifier(learned, clock);
}

void resnet50_inference_network::add_convolution(const models::resnet_layer& layer,
                                                 const reference::resnet50_unit& unit, void* x, void* added, void* y) {
  const auto& s = layer.shape;
  const folded_unit values = folded(unit);
  weights_.push_back(uploaded_as(
      type_, channels_to_the_end(values.weights.data(), s.c_out, s.c_in, s.kernel * s.kernel, stored_channels(s.c_in)),
      stream_));
  void* const weights = weights_.back().data();
  weights_.push_back(uploaded_as(storage::fp32, values.bias, stream_));
  void* const bias = weights_.back().data();

  const auto graph = fused_convolution(s, type_, added != nullptr, layer.relu);
  dnn::addresses where{{graph.x, x}, {graph.w, weights}, {*graph.bias, bias}, {graph.y, y}};
  if (graph.added) where.emplace_back(*graph.added, added);
  const std::string rest = std::string(added != nullptr ? "added " : "") + (layer.relu ? "relu" : "");
  calls_.push_back(convolutions_.bind(convolution_key(s, rest), graph, where));
  steps_.emplace_back([this, index = calls_.size() - 1] { calls_[index].enqueue(); });
}

void resnet50_inference_network::add_classifier(const reference::resnet50_parameters& learned, timer& clock) {
  weights_.push_back(uploaded_as(type_, learned.classifier, stream_));
  const void* const weights = weights_.back().data();
  weights_.push_back(uploaded_as(storage::fp32, learned.bias, stream_));
  matmul_problem problem;
  problem.m = last_.n;
  problem.n = classes_;
  problem.k = learned.features;
  problem.a = problem.b = type_;
  problem.c = storage::fp32;
  problem.b_transposed = true;
  problem.epilogue = matmul_epilogue::bias;
  problem.bias = weights_.back().data();
  classifier_.emplace(context_, problem);
  choose_fastest(clock, {&*classifier_}, {pooled_.data(), weights, scores_.data()}, std::chrono::milliseconds(100));
  steps_.emplace_back([this, weights] { classifier_->enqueue(pooled_.data(), weights, scores_.data()); });
}

void resnet50_inference_network::set_images(const std::vector<float>& pixels) {
  const auto stored =
      channels_to_the_end(pixels.data(), stem_.n, stem_.c_in, stem_.height * stem_.width, stored_image_channels);
  upload_into(type_, stored, images_.data(), stream_);
}

void resnet50_inference_network::enqueue() const {
  for (const auto& step : steps_) step();
  GPUBENCH_CUDA(cudaGetLastError());
}

void resnet50_inference_network::poison_scores() const {
  GPUBENCH_CUDA(cudaMemsetAsync(scores_.data(), 0xff, scores_.bytes(), stream_));
}

std::vector<float> resnet50_inference_network::scores(std::int64_t image) const {
  return fetch(storage::fp32, scores_.data(), image * classes_, classes_);
}

double resnet50_inference_network::memory_bytes(std::int64_t n, std::int64_t image_size, storage type) {
  const auto layers = models::resnet50_layers(n, image_size);
  double largest = 0;
  for (const auto& layer : layers) largest = std::max(largest, static_cast<double>(output_elements(layer.shape)));
  const double images = static_cast<double>(n * image_size * image_size * stored_image_channels);
  constexpr double workspaces = network_convolutions::memory_bytes() + (32 << 20);
  return (4 * largest + images + models::resnet50_parameters()) * kernels::bytes_of(type) + workspaces;
}

}  // namespace gpubench::cuda
