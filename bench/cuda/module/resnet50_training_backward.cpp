// The part of the network from the classifier on: loss and backward pass.
#include "bench/cuda/module/matmul_choice.hpp"
#include "bench/cuda/module/resnet50_training_network.hpp"
#include "kernels/image_pooling.cuh"
#include "kernels/training.cuh"

#include <chrono>

namespace gpubench::cuda {

using kernels::storage;

/// Average pooling, classifier and loss, forward and backward.   @return the gradient of the features
void* resnet50_training_network::add_classifier(const kernels::image_pooling_shape& whole, void* features,
                                                timer& clock) {
  const std::int64_t n = images_count_;
  void* const pooled = keep(n * features_);
  void* const pooled_gradient = keep(n * features_);
  void* const scores_gradient = keep(n * classes_);
  kept_.emplace_back(static_cast<std::size_t>(n * classes_) * sizeof(float));
  auto* const scores = kept_.back().as<float>();
  void* const gradient = spare_gradients_.back();
  spare_gradients_.pop_back();
  const void* const weights = weights_.copy_of(classifier_);

  const auto add_product = [&](matmul_problem problem, const matmul_buffers& buffers) {
    problem.a = problem.b = type_;
    products_.emplace_back(context_, problem);
    choose_fastest(clock, {&products_.back()}, buffers, std::chrono::milliseconds(100));
    return [this, index = products_.size() - 1, buffers] { products_[index].enqueue(buffers.a, buffers.b, buffers.c); };
  };
  const storage stored = type_ == storage::tf32 ? storage::fp32 : type_;
  matmul_problem forward;  // scores = pooled weights' + bias
  forward.m = n;
  forward.n = classes_;
  forward.k = features_;
  forward.c = storage::fp32;
  forward.b_transposed = true;
  forward.epilogue = matmul_epilogue::bias;
  forward.bias = vectors_.copy_of(bias_);
  matmul_problem by_weights;  // scores_gradient' pooled
  by_weights.m = classes_;
  by_weights.n = features_;
  by_weights.k = n;
  by_weights.c = stored;
  by_weights.a_transposed = true;
  matmul_problem by_input;  // scores_gradient weights
  by_input.m = n;
  by_input.n = features_;
  by_input.k = classes_;
  by_input.c = stored;

  then([this, whole, features, pooled] { kernels::launch_average_pooling(type_, whole, features, pooled, stream_); });
  then(add_product(forward, {pooled, weights, scores}));
  then([this, scores, scores_gradient] {
    kernels::cross_entropy_arguments with;
    with.scores = scores;
    with.wanted = wanted_.as<std::int32_t>();
    with.losses = losses_.as<float>();
    with.gradient = scores_gradient;
    with.rows = images_count_;
    with.classes = classes_;
    with.loss_scale = loss_scale_;
    kernels::launch_cross_entropy(type_, with, stream_);
  });
  then(add_product(by_weights, {scores_gradient, pooled, weights_.gradient_of(classifier_)}));
  then([this, scores_gradient] {
    kernels::launch_column_sums(type_, scores_gradient, static_cast<float*>(vectors_.gradient_of(bias_)), images_count_,
                                classes_, stream_);
  });
  then(add_product(by_input, {scores_gradient, weights, pooled_gradient}));
  then([this, whole, pooled_gradient, gradient] {
    kernels::launch_average_pooling_backward(type_, whole, pooled_gradient, gradient, stream_);
  });
  return gradient;
}

/// @param with    gradient, and what masks it; x and the result are filled in
/// @param masked  the sums leave the masked gradient in with.masked, and the second pass takes it from there
void resnet50_training_network::backward_norm(const unit& of, const kernels::norm_backward_arguments& with,
                                              bool masked) {
  kernels::norm_backward_arguments sums = with;
  sums.x = of.raw;
  kernels::norm_backward_arguments apply = sums;
  apply.input_gradient = raw_gradient_;
  if (masked) {
    apply.gradient = with.masked;
    apply.second = apply.output = nullptr;
    apply.masked = nullptr;
    apply.relu = false;
  }
  then([this, sums, apply, tiles = of.tiles, norm = of.norm] {
    kernels::launch_norm_backward_sums(type_, sums, tiles, norm, sums_.as<kernels::channel_sums>(), stream_);
    kernels::launch_norm_backward_apply(type_, apply, tiles, norm, stream_);
  });
}

/// From raw_gradient_.   @param input_gradient  null: nobody needs it
void resnet50_training_network::backward_convolution(const unit& of, void* input_gradient) {
  const auto& s = of.layer.shape;
  const auto by_weights = plain_convolution(s, type_, dnn::convolution_pass::backward_weights);
  calls_.push_back(convolutions_.bind(
      convolution_key(s, "weights"), by_weights,
      {{by_weights.x, of.input}, {by_weights.w, weights_.gradient_of(of.weights)}, {by_weights.y, raw_gradient_}}));
  then([this, index = calls_.size() - 1] { calls_[index].enqueue(); });
  if (input_gradient == nullptr) return;
  const auto by_data = plain_convolution(s, type_, dnn::convolution_pass::backward_data);
  calls_.push_back(convolutions_.bind(
      convolution_key(s, "data"), by_data,
      {{by_data.x, input_gradient}, {by_data.w, weights_.copy_of(of.weights)}, {by_data.y, raw_gradient_}}));
  then([this, index = calls_.size() - 1] { calls_[index].enqueue(); });
}

/// The gradient of a block's output is the sum of two, from the next block's path and from its shortcut; the last
/// block's has one. Three buffers serve in turns.
void resnet50_training_network::backward_blocks(void* gradient) {
  void* by_path = gradient;
  void* by_shortcut = nullptr;
  for (std::size_t i = blocks_.size(); i-- > 0;) {
    const block& b = blocks_[i];
    kernels::norm_backward_arguments outer;
    outer.gradient = by_path;
    outer.second = by_shortcut;
    outer.output = b.output;
    outer.masked = by_path;  // from here on the sum that passed the ReLU
    backward_norm(b.path[2], outer, true);
    if (by_shortcut != nullptr) spare_gradients_.push_back(by_shortcut);
    backward_convolution(b.path[2], path_gradient_);
    for (const std::size_t inner : {1u, 0u}) {
      kernels::norm_backward_arguments with;
      with.gradient = path_gradient_;
      with.relu = true;
      backward_norm(b.path[inner], with, false);
      void* target = path_gradient_;
      if (inner == 0) {
        target = spare_gradients_.back();
        spare_gradients_.pop_back();
      }
      backward_convolution(b.path[inner], target);
      if (inner == 0) first_gradient_ = target;
    }
    if (b.shortcut) {
      kernels::norm_backward_arguments with;
      with.gradient = by_path;
      backward_norm(*b.shortcut, with, false);
      by_shortcut = spare_gradients_.back();
      spare_gradients_.pop_back();
      backward_convolution(*b.shortcut, by_shortcut);
      spare_gradients_.push_back(by_path);
    } else {
      by_shortcut = by_path;
    }
    by_path = first_gradient_;
  }
  spare_gradients_.push_back(by_shortcut);
}

}  // namespace gpubench::cuda
