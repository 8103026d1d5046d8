#include "bench/cuda/module/resnet50_training_network.hpp"

#include "bench/cuda/module/device_values.hpp"
#include "bench/cuda/module/image_layout.hpp"
#include "bench/cuda/module/watchdog.hpp"
#include "kernels/image_pooling.cuh"

#include <algorithm>
#include <utility>

namespace gpubench::cuda {

namespace {

using kernels::storage;

std::int64_t output_elements(const models::convolution& c) {
  return c.n * c.c_out * c.out_height() * c.out_width();
}

std::int64_t largest_output(const std::vector<models::resnet_layer>& layers) {
  std::int64_t largest = 0;
  for (const auto& layer : layers) largest = std::max(largest, output_elements(layer.shape));
  return largest;
}

int pack_size(storage type) {
  return 16 / kernels::bytes_of(type);
}

/// Blocks of a kernel over an activation: those that fit a multiprocessor at once.
std::int64_t wanted_blocks(int multiprocessors) {
  return 4 * static_cast<std::int64_t>(multiprocessors);
}

kernels::image_pooling_shape pooling_of(const models::convolution& c) {
  return {c.n, c.out_height(), c.out_width(), c.c_out};
}

}  // namespace

resnet50_training_network::resnet50_training_network(const std::vector<models::resnet_layer>& layers,
                                                     const reference::resnet50_parameters& learned, storage type,
                                                     const device_properties& device, timer& clock)
    : type_(type),
      stream_(clock.stream()),
      multiprocessors_(device.multiprocessors),
      // Gradients of activations are about 1 / (images * pixels) large, below fp16's normal numbers.
      loss_scale_(type == storage::fp16 ? 1024.0F : 1.0F),
      images_count_(layers.front().shape.n),
      classes_(learned.classes),
      features_(learned.features),
      weights_(type),
      vectors_(storage::fp32),
      convolutions_(stream_, type),
      context_(device, stream_) {
  learn(layers, learned);
  const auto& stem = layers.front().shape;
  images_ = device_buffer(values_bytes(type, stem.n * stem.height * stem.width * stored_image_channels));
  wanted_ = device_buffer(static_cast<std::size_t>(images_count_) * sizeof(std::int32_t));
  losses_ = device_buffer(static_cast<std::size_t>(images_count_) * sizeof(float));
  GPUBENCH_CUDA(cudaMemsetAsync(images_.data(), 0, images_.bytes(), stream_));
  GPUBENCH_CUDA(cudaMemsetAsync(wanted_.data(), 0, wanted_.bytes(), stream_));
  std::size_t sums_bytes = 0;
  for (const auto& layer : layers) {
    const auto parts = static_cast<unsigned>(wanted_blocks(multiprocessors_));
    sums_bytes = std::max(sums_bytes, kernels::channel_sums_bytes(layer.shape.c_out, parts));
  }
  sums_ = device_buffer(sums_bytes);
  const std::int64_t largest = largest_output(layers);
  for (int i = 0; i < 3; ++i) spare_gradients_.push_back(keep(largest));
  raw_gradient_ = keep(largest);
  path_gradient_ = keep(largest);

  stem_ = forward_convolution(layers.front(), images_.data());
  stem_->output = keep(output_elements(stem));
  forward_norm(*stem_, nullptr, nullptr, true);
  const auto window = pooling_of(stem);
  const std::int64_t pooled_elements =
      stem.n * stem.c_out * kernels::pooled_size(window.height) * kernels::pooled_size(window.width);
  void* const pooled = keep(pooled_elements);
  kept_.emplace_back(static_cast<std::size_t>(pooled_elements));
  auto* const taken = kept_.back().as<std::uint8_t>();
  then([type = type_, window, input = stem_->output, pooled, taken, stream = stream_] {
    kernels::launch_maximum_pooling(type, window, input, pooled, taken, stream);
  });
  forward_blocks(layers, pooled);
  void* const gradient = add_classifier(pooling_of(layers.back().shape), blocks_.back().output, clock);
  backward_blocks(gradient);

  // The first block's input has two gradients: that of its path and that of its shortcut.
  then([type = type_, window, first = first_gradient_, second = spare_gradients_.back(), taken, result = path_gradient_,
        stream = stream_] {
    kernels::launch_maximum_pooling_backward(type, window, first, second, taken, result, stream);
  });
  kernels::norm_backward_arguments with;
  with.gradient = path_gradient_;
  with.relu = true;
  backward_norm(*stem_, with, false);
  backward_convolution(*stem_, nullptr);
}

void* resnet50_training_network::keep(std::int64_t elements) {
  kept_.emplace_back(values_bytes(type_, elements));
  return kept_.back().data();
}

void resnet50_training_network::learn(const std::vector<models::resnet_layer>& layers,
                                      const reference::resnet50_parameters& learned) {
  for (const auto& layer : layers) {
    const auto& s = layer.shape;
    const auto& stored = learned.units.at(layer.name);
    weight_of_[layer.name] = weights_.add(
        layer.name + ".weights",
        channels_to_the_end(stored.weights.data(), s.c_out, s.c_in, s.kernel * s.kernel, stored_channels(s.c_in)));
    scale_of_[layer.name] = vectors_.add(layer.name + ".scale", stored.scale);
    vectors_.add(layer.name + ".shift", stored.shift);
  }
  classifier_ = weights_.add("classifier.weights", learned.classifier);
  bias_ = vectors_.add("classifier.bias", learned.bias);
  weights_.allocate(stream_);
  vectors_.allocate(stream_);
}

resnet50_training_network::unit resnet50_training_network::forward_convolution(const models::resnet_layer& layer,
                                                                               void* input) {
  const auto& s = layer.shape;
  unit u;
  u.layer = layer;
  u.tiles = kernels::tiles_for(s.n * s.out_height() * s.out_width(), s.c_out, pack_size(type_),
                               wanted_blocks(multiprocessors_));
  u.input = input;
  u.raw = keep(output_elements(s));
  u.weights = weight_of_.at(layer.name);
  u.scale = scale_of_.at(layer.name);
  u.shift = u.scale + 1;

  const auto channels = static_cast<std::size_t>(s.c_out);
  const auto room = [&](std::size_t bytes) {
    kept_.emplace_back(channels * bytes);
    return kept_.back().data();
  };
  u.norm.scale = static_cast<const float*>(vectors_.copy_of(u.scale));
  u.norm.shift = static_cast<const float*>(vectors_.copy_of(u.shift));
  u.norm.scale_gradient = static_cast<float*>(vectors_.gradient_of(u.scale));
  u.norm.shift_gradient = static_cast<float*>(vectors_.gradient_of(u.shift));
  u.norm.statistics = static_cast<kernels::batch_statistics*>(room(sizeof(kernels::batch_statistics)));
  u.norm.line = static_cast<kernels::channel_line*>(room(sizeof(kernels::channel_line)));
  u.norm.backward = static_cast<kernels::backward_line*>(room(sizeof(kernels::backward_line)));

  const auto graph = plain_convolution(s, type_, dnn::convolution_pass::forward);
  calls_.push_back(convolutions_.bind(convolution_key(s, "forward"), graph,
                                      {{graph.x, input}, {graph.w, weights_.copy_of(u.weights)}, {graph.y, u.raw}}));
  then([this, index = calls_.size() - 1] { calls_[index].enqueue(); });
  then([this, raw = u.raw, tiles = u.tiles, norm = u.norm] {
    kernels::launch_norm_statistics(type_, raw, tiles, norm, sums_.as<kernels::channel_sums>(),
                                    reference::resnet50_epsilon, stream_);
  });
  return u;
}

void resnet50_training_network::forward_norm(const unit& of, const void* added, const kernels::channel_line* added_line,
                                             bool relu) {
  kernels::norm_apply_arguments with;
  with.x = of.raw;
  with.line = of.norm.line;
  with.added = added;
  with.added_line = added_line;
  with.y = of.output;
  with.relu = relu;
  then([this, with, tiles = of.tiles] { kernels::launch_norm_apply(type_, with, tiles, stream_); });
}

void resnet50_training_network::forward_blocks(const std::vector<models::resnet_layer>& layers, void* x) {
  for (std::size_t i = 1; i < layers.size();) {
    const std::string prefix = layers[i].name.substr(0, layers[i].name.rfind('.') + 1);
    block b;
    void* along = x;
    for (; i < layers.size() && layers[i].name.compare(0, prefix.size(), prefix) == 0; ++i) {
      const auto& layer = layers[i];
      if (layer.name == prefix + "downsample") {
        // Normalised while it is added.
        b.shortcut = forward_convolution(layer, x);
        continue;
      }
      unit u = forward_convolution(layer, along);
      along = u.output = keep(output_elements(layer.shape));
      if (!layer.adds_residual) {
        forward_norm(u, nullptr, nullptr, true);
      } else if (b.shortcut) {
        forward_norm(u, b.shortcut->raw, b.shortcut->norm.line, true);
      } else {
        forward_norm(u, x, nullptr, true);
      }
      b.path.push_back(std::move(u));
    }
    x = b.output = along;
    blocks_.push_back(std::move(b));
  }
}

void resnet50_training_network::set_batch(const std::vector<float>& pixels, const std::vector<std::int32_t>& classes) {
  const auto& s = stem_->layer.shape;
  upload_into(type_, channels_to_the_end(pixels.data(), s.n, s.c_in, s.height * s.width, stored_image_channels),
              images_.data(), stream_);
  GPUBENCH_CUDA(cudaMemcpyAsync(wanted_.data(), classes.data(), wanted_.bytes(), cudaMemcpyHostToDevice, stream_));
  wait_for(stream_, "an upload");
}

void resnet50_training_network::enqueue_gradients() const {
  for (const auto& step : steps_) step();
  GPUBENCH_CUDA(cudaGetLastError());
}

void resnet50_training_network::enqueue_update() const {
  weights_.enqueue_update(loss_scale_, stream_);
  vectors_.enqueue_update(loss_scale_, stream_);
  GPUBENCH_CUDA(cudaGetLastError());
}

void resnet50_training_network::poison_gradients() const {
  weights_.poison_gradients(stream_);
  vectors_.poison_gradients(stream_);
}

double resnet50_training_network::loss() const {
  double sum = 0;
  for (const float one : fetch(storage::fp32, losses_.data(), 0, images_count_)) sum += static_cast<double>(one);
  return sum / static_cast<double>(images_count_);
}

std::vector<resnet50_training_network::named_gradient> resnet50_training_network::gradients() const {
  std::vector<named_gradient> result;
  const auto add_filters = [&](const unit& of) {
    const auto& s = of.layer.shape;
    result.push_back(
        {of.layer.name + ".weights", channels_to_the_front(weights_.gradient(of.weights, loss_scale_), s.c_out, s.c_in,
                                                           s.kernel * s.kernel, stored_channels(s.c_in))});
  };
  add_filters(*stem_);
  for (const auto& b : blocks_) {
    for (const auto& u : b.path) add_filters(u);
    if (b.shortcut) add_filters(*b.shortcut);
  }
  result.push_back({"classifier.weights", weights_.gradient(classifier_, loss_scale_)});
  for (std::size_t i = 0; i < vectors_.tensors().size(); ++i) {
    result.push_back({vectors_.tensors()[i].name, vectors_.gradient(i, loss_scale_)});
  }
  return result;
}

double resnet50_training_network::memory_bytes(std::int64_t n, std::int64_t image_size, storage type) {
  const auto layers = models::resnet50_layers(n, image_size);
  // Five gradients; the pooled output and what it was taken from are a quarter each.
  double elements = 5.5 * static_cast<double>(largest_output(layers));
  for (const auto& layer : layers) elements += 2.0 * static_cast<double>(output_elements(layer.shape));
  elements += static_cast<double>(n * image_size * image_size * stored_image_channels);
  // Twice, for the narrow network of the check; half a gigabyte for its weights and what is small.
  constexpr double workspaces = 2 * (network_convolutions::memory_bytes() + (32 << 20)) + 5e8;
  return elements * kernels::bytes_of(type) + 16 * models::resnet50_parameters() + workspaces;
}

}  // namespace gpubench::cuda
