#include "bench/cuda/module/decoder_gradients.hpp"

#include "bench/cuda/module/cudnn_layers.hpp"
#include "bench/cuda/module/cudnn_sums.hpp"
#include "bench/cuda/module/matmul_choice.hpp"
#include "kernels/transformer_gradients.cuh"

#include <chrono>
#include <cstddef>

namespace gpubench::cuda {

namespace {

using kernels::storage;
using models::transformer_layer_shape;

decoder_gradient_buffers buffers_of(const transformer_layer_shape& s, storage type) {
  const auto of_width = [&](std::int64_t width) { return device_buffer(values_bytes(type, s.rows() * width)); };
  return {of_width(s.ffn),        of_width(2 * s.ffn),       of_width(s.hidden),
          of_width(s.hidden),     of_width(s.query_width()), of_width(s.query_width()),
          of_width(s.kv_width()), of_width(s.kv_width()),    of_width(s.projected_width()),
          of_width(s.hidden),     of_width(s.hidden)};
}

std::size_t floats_bytes(std::int64_t count) {
  return values_bytes(storage::fp32, count);
}

/// The most that a plan of attention may take as its workspace: cuDNN 9 keeps there each query head's share of the
/// keys' and values' gradients, for one engine in fp32, and a little more.
std::size_t workspace_limit_bytes(const transformer_layer_shape& s) {
  return 2 * floats_bytes(s.rows() * s.query_width()) + (std::size_t{64} << 20);
}

}  // namespace

decoder_gradients::decoder_gradients(const decoder_layer& forward, const device_properties& device, timer& clock,
                                     const decoder_weights& weights, const decoder_weight_gradients& gradients,
                                     const decoder_cache& cache)
    : forward_(forward),
      shape_(forward.shape()),
      type_(forward.type()),
      stream_(clock.stream()),
      norm_parts_(kernels::norm_gradient_parts(
          shape_.rows(), kernels::norm_packs(shape_.hidden, 16 / kernels::bytes_of(type_)), device.multiprocessors)),
      buffers_(buffers_of(shape_, type_)),
      norm_sums_(floats_bytes(static_cast<std::int64_t>(norm_parts_) * shape_.hidden)),
      context_(device, stream_),
      handle_(stream_),
      attention_(dnn::attention_backward(decoder_attention(shape_), dnn::element_of(type_))) {
  const auto sizes = decoder_sizes(shape_);
  // Random gradients: zeros would draw less power, and NaN of fresh memory might.
  std::uint64_t operand = 30;
  for (const auto* one : {&buffers_.gate_up, &buffers_.sum, &buffers_.attended, &buffers_.projected}) {
    const auto elements = static_cast<std::int64_t>(one->bytes()) / kernels::bytes_of(type_);
    enqueue_fill(type_, one->data(), elements, {operand++, 0, 1}, stream_);
  }
  products_.down.emplace(products(sizes.down));
  products_.gate_up.emplace(products(sizes.gate_up));
  products_.output.emplace(products(sizes.output));
  products_.projection.emplace(products(sizes.projection));
  // The output's gradient has the shape of the sum's.
  choose(clock, *products_.down, buffers_.sum.data(), forward_.activated(), weights.down, gradients.down,
         buffers_.activated.data());
  choose(clock, *products_.gate_up, buffers_.gate_up.data(), forward_.ffn_normed(), weights.gate_up, gradients.gate_up,
         buffers_.ffn_normed.data());
  choose(clock, *products_.projection, buffers_.projected.data(), forward_.attention_normed(), weights.projection,
         gradients.projection, buffers_.attention_normed.data());
  choose_attention(cache);
  choose(clock, *products_.output, buffers_.sum.data(), forward_.attended(), weights.output, gradients.output,
         buffers_.attended.data());
}

/// With dy rows x outputs and W outputs x inputs: dW = dy' x and dx = dy W.
decoder_gradients::linear_gradients decoder_gradients::products(const matrix_size& weights) {
  matmul_problem by_weights;
  by_weights.a = by_weights.b = by_weights.c = type_;
  matmul_problem by_input = by_weights;
  by_weights.m = weights.rows;
  by_weights.n = weights.columns;
  by_weights.k = shape_.rows();
  by_weights.a_transposed = true;
  by_input.m = shape_.rows();
  by_input.n = weights.columns;
  by_input.k = weights.rows;
  return {matmul(context_, by_weights), matmul(context_, by_input)};
}

void decoder_gradients::choose(timer& clock, linear_gradients& of, const void* output_gradient, const void* x,
                               const void* weights, void* weight_gradient, void* input_gradient) {
  constexpr auto budget = std::chrono::milliseconds(150);
  choose_fastest(clock, {&of.by_weights}, {output_gradient, x, weight_gradient}, budget);
  choose_fastest(clock, {&of.by_input}, {output_gradient, weights, input_gradient}, budget);
}

void decoder_gradients::choose_attention(const decoder_cache& cache) {
  row_sums_ = device_buffer(attention_.operations.bytes(attention_.row_sums));
  query_sums_ = device_buffer(attention_.operations.bytes(attention_.dq_sums));
  GPUBENCH_CUDA(cudaMemsetAsync(query_sums_.data(), 0, query_sums_.bytes(), stream_));
  // cuDNN's addresses are not const; it only reads what it is given.
  const auto given = [](const void* address) { return const_cast<void*>(address); };
  dnn::plan_rules rules;
  rules.tensor_cores = dnn::tensor_cores::required;
  rules.workspace_limit_bytes = workspace_limit_bytes(shape_);
  attention_call_.emplace(dnn::fastest_call(handle_, attention_.operations, rules,
                                            {{attention_.q, given(forward_.queries())},
                                             {attention_.k, cache.keys.data()},
                                             {attention_.v, cache.values.data()},
                                             {attention_.o, given(forward_.attended())},
                                             {attention_.output_gradient, buffers_.attended.data()},
                                             {attention_.statistics, given(forward_.statistics())},
                                             {attention_.dq, buffers_.queries.data()},
                                             {attention_.dk, buffers_.keys.data()},
                                             {attention_.dv, buffers_.values.data()},
                                             {attention_.row_sums, row_sums_.data()},
                                             {attention_.dq_sums, query_sums_.data()}}));
  zeroes_query_sums_ = dnn::adds_to_found_sums(attention_call_->run, query_sums_, buffers_.queries,
                                               attention_.operations[attention_.dq].type, stream_);
}

void decoder_gradients::enqueue_norm(const void* x, const void* scale, const device_buffer& gradient,
                                     const void* residual, const device_buffer& result, void* scale_gradient) {
  kernels::rms_norm_backward_arguments with;
  with.x = x;
  with.scale = scale;
  with.gradient = gradient.data();
  with.residual = residual;
  with.input_gradient = result.data();
  with.scale_gradient = scale_gradient;
  with.scale_parts = norm_sums_.as<float>();
  with.rows = shape_.rows();
  with.hidden = shape_.hidden;
  with.parts = norm_parts_;
  with.epsilon = models::llama3_norm_epsilon;
  kernels::launch_rms_norm_backward(type_, with, stream_);
}

/// cuDNN adds parts of the queries' gradient up in memory.
void decoder_gradients::enqueue_attention() const {
  if (zeroes_query_sums_) {
    GPUBENCH_CUDA(cudaMemsetAsync(query_sums_.data(), 0, query_sums_.bytes(), stream_));
  }
  attention_call_->run.enqueue();
}

void decoder_gradients::enqueue(const decoder_weights& weights, const decoder_weight_gradients& gradients,
                                const void* input, const void* output_gradient) {
  const auto& b = buffers_;
  const auto linear = [](linear_gradients& of, const void* gradient, const void* x, const void* w,
                         void* weight_gradient, const device_buffer& input_gradient) {
    of.by_weights.enqueue(gradient, x, weight_gradient);
    of.by_input.enqueue(gradient, w, input_gradient.data());
  };
  linear(*products_.down, output_gradient, forward_.activated(), weights.down, gradients.down, b.activated);
  kernels::launch_gated_silu_backward(type_, forward_.gate_up(), b.activated.data(), b.gate_up.data(), shape_.rows(),
                                      shape_.ffn, stream_);
  linear(*products_.gate_up, b.gate_up.data(), forward_.ffn_normed(), weights.gate_up, gradients.gate_up, b.ffn_normed);
  enqueue_norm(forward_.sum(), weights.ffn_norm, b.ffn_normed, output_gradient, b.sum, gradients.ffn_norm);

  linear(*products_.output, b.sum.data(), forward_.attended(), weights.output, gradients.output, b.attended);
  enqueue_attention();
  kernels::rotate_backward_arguments turn;
  turn.queries = b.queries.data();
  turn.keys = b.keys.data();
  turn.values = b.values.data();
  turn.cosines = forward_.cosines();
  turn.sines = forward_.sines();
  turn.projected = b.projected.data();
  turn.layout = decoder_heads(shape_);
  kernels::launch_rotate_backward(type_, turn, stream_);
  linear(*products_.projection, b.projected.data(), forward_.attention_normed(), weights.projection,
         gradients.projection, b.attention_normed);
  enqueue_norm(input, weights.attention_norm, b.attention_normed, b.sum.data(), b.input, gradients.attention_norm);
  GPUBENCH_CUDA(cudaGetLastError());
}

void decoder_gradients::poison() const {
  const auto& b = buffers_;
  for (const auto* one : {&b.activated, &b.gate_up, &b.ffn_normed, &b.sum, &b.attended, &b.queries, &b.keys, &b.values,
                          &b.projected, &b.attention_normed, &b.input, &norm_sums_, &row_sums_}) {
    GPUBENCH_CUDA(cudaMemsetAsync(one->data(), 0xff, one->bytes(), stream_));
  }
}

method_notes decoder_gradients::notes() const {
  return {{"gate_up_weight_gradient_algorithm", products_.gate_up->by_weights.algorithm()},
          {"gate_up_input_gradient_algorithm", products_.gate_up->by_input.algorithm()},
          {"attention_backward", "cuDNN, " + attention_call_->method}};
}

double decoder_gradients::buffer_bytes(const transformer_layer_shape& s, storage type) {
  const auto width =
      static_cast<double>(4 * s.hidden + 3 * s.ffn + s.projected_width() + 2 * s.query_width() + 2 * s.kv_width());
  const auto sums = static_cast<double>(s.query_width() + s.heads);
  // Attention's are two while plans are compared; parts of the norms' sums.
  const double workspaces =
      2.0 * static_cast<double>(workspace_limit_bytes(s)) + decoder_layer::product_workspace_bytes + (64 << 20);
  return static_cast<double>(s.rows()) * (width * kernels::bytes_of(type) + 4 * sums) + workspaces;
}

}  // namespace gpubench::cuda
