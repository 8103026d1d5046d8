#include "bench/cuda/module/decoder_layer.hpp"

#include "bench/cuda/module/cudnn_case.hpp"
#include "bench/cuda/module/cudnn_layers.hpp"
#include "bench/cuda/module/matmul_choice.hpp"
#include "kernels/decode_attention.cuh"
#include "kernels/transformer.cuh"

#include <cmath>
#include <utility>
#include <vector>

namespace gpubench::cuda {

namespace {

using kernels::storage;
using models::transformer_layer_shape;

constexpr int poison_byte = 0xff;  // NaN in every type

device_buffer buffer(storage type, std::int64_t rows, std::int64_t width) {
  return device_buffer(values_bytes(type, rows * width));
}

kernels::decode_attention_shape decode_shape(const transformer_layer_shape& s) {
  return {s.batch, s.kv_len, s.heads, s.kv_heads, s.head_dim};
}

void fill(storage type, const device_buffer& values, std::uint64_t operand, cudaStream_t stream) {
  enqueue_fill(type, values.data(), static_cast<std::int64_t>(values.bytes()) / kernels::bytes_of(type),
               {operand, 0, 1}, stream);
}

}  // namespace

decoder_cache::decoder_cache(const transformer_layer_shape& s, storage type, std::uint64_t layer, cudaStream_t stream)
    : keys(random_values(type, s.batch * s.kv_len * s.kv_width(), 100 * (layer + 1) + 10, stream)),
      values(random_values(type, s.batch * s.kv_len * s.kv_width(), 100 * (layer + 1) + 11, stream)) {}

decoder_layer::decoder_layer(const transformer_layer_shape& s, storage type, const device_properties& device,
                             timer& clock, const decoder_weights& weights, decoder_cache& cache, decoder_use use)
    : shape_(s),
      type_(type),
      stream_(clock.stream()),
      kept_normed_(use == decoder_use::training ? buffer(type, s.rows(), s.hidden) : device_buffer()),
      normed_(buffer(type, s.rows(), s.hidden)),
      projected_(buffer(type, s.rows(), s.projected_width())),
      queries_(buffer(type, s.rows(), s.query_width())),
      attended_(buffer(type, s.rows(), s.query_width())),
      sum_(buffer(type, s.rows(), s.hidden)),
      gate_up_(buffer(type, s.rows(), 2 * s.ffn)),
      activated_(buffer(type, s.rows(), s.ffn)),
      delta_(buffer(type, s.rows(), s.hidden)),
      context_(device, stream_),
      projection_(product(s.projected_width(), s.hidden)),
      output_(product(s.hidden, s.query_width())),
      gate_up_product_(product(2 * s.ffn, s.hidden)),
      down_(product(s.hidden, s.ffn)) {
  fill_rotation();
  choose_algorithms(clock, weights);
  if (s.tokens == 1) {
    parts_ = kernels::decode_parts(decode_shape(s), device.multiprocessors);
    parts_workspace_ =
        device_buffer(static_cast<std::size_t>(kernels::decode_workspace_bytes(decode_shape(s), parts_)));
  } else {
    choose_attention(cache);
  }
}

void decoder_layer::poison() const {
  for (const auto* one :
       {&first_normed(), &normed_, &projected_, &queries_, &attended_, &sum_, &gate_up_, &activated_, &delta_}) {
    GPUBENCH_CUDA(cudaMemsetAsync(one->data(), poison_byte, one->bytes(), stream_));
  }
  if (tuned_attention_) {
    GPUBENCH_CUDA(cudaMemsetAsync(attention_statistics_.data(), poison_byte, attention_statistics_.bytes(), stream_));
  }
}

/// y = x W' with W as output x input.
matmul decoder_layer::product(std::int64_t out, std::int64_t in) {
  matmul_problem problem;
  problem.m = shape_.rows();
  problem.n = out;
  problem.k = in;
  problem.a = problem.b = problem.c = type_;
  problem.b_transposed = true;
  return matmul(context_, problem);
}

void decoder_layer::fill_rotation() {
  std::vector<float> cosines, sines;
  for (std::int64_t t = 0; t < shape_.tokens; ++t) {
    for (std::int64_t i = 0; i < shape_.head_dim / 2; ++i) {
      const double exponent = -2 * static_cast<double>(i) / static_cast<double>(shape_.head_dim);
      const double position = static_cast<double>(shape_.kv_len - shape_.tokens + t);
      const double angle = position * std::pow(models::llama3_rotary_base, exponent);
      cosines.push_back(static_cast<float>(std::cos(angle)));
      sines.push_back(static_cast<float>(std::sin(angle)));
    }
  }
  const std::size_t bytes = cosines.size() * sizeof(float);
  cosines_ = uploaded(cosines.data(), bytes, stream_);
  sines_ = uploaded(sines.data(), bytes, stream_);
}

void decoder_layer::choose_algorithms(timer& clock, const decoder_weights& weights) {
  constexpr auto budget = std::chrono::milliseconds(250);
  std::uint64_t operand = 20;
  for (const auto* one : {&normed_, &attended_, &activated_}) fill(type_, *one, operand++, stream_);
  choose_fastest(clock, {&projection_}, {normed_.data(), weights.projection, projected_.data()}, budget);
  choose_fastest(clock, {&output_}, {attended_.data(), weights.output, delta_.data()}, budget);
  choose_fastest(clock, {&gate_up_product_}, {normed_.data(), weights.gate_up, gate_up_.data()}, budget);
  choose_fastest(clock, {&down_}, {activated_.data(), weights.down, delta_.data()}, budget);
}

void decoder_layer::choose_attention(decoder_cache& cache) {
  fill(type_, queries_, 19, stream_);
  handle_ = std::make_unique<dnn::handle>(stream_);
  attention_ = dnn::attention_forward(decoder_attention(shape_), dnn::element_of(type_));
  attention_statistics_ = device_buffer(attention_.operations.bytes(attention_.statistics));
  dnn::plan_rules rules;
  rules.tensor_cores = dnn::tensor_cores::required;
  rules.workspace_limit_bytes = attention_workspace_limit_bytes;
  tuned_attention_.emplace(dnn::fastest_call(*handle_, attention_.operations, rules,
                                             {{attention_.q, queries_.data()},
                                              {attention_.k, cache.keys.data()},
                                              {attention_.v, cache.values.data()},
                                              {attention_.o, attended_.data()},
                                              {attention_.statistics, attention_statistics_.data()}}));
  bind(cache);
}

void decoder_layer::bind(decoder_cache& cache) {
  if (!tuned_attention_) return;
  const dnn::addresses where{{attention_.q, queries_.data()},
                             {attention_.k, cache.keys.data()},
                             {attention_.v, cache.values.data()},
                             {attention_.o, attended_.data()},
                             {attention_.statistics, attention_statistics_.data()}};
  cache.attention = attention_calls_.size();
  attention_calls_.emplace_back(*handle_, tuned_attention_->run.chosen(), where, tuned_attention_->workspace.data());
}

void decoder_layer::normalize(const void* x, const void* delta, const void* scale, const device_buffer& normed) {
  kernels::rms_norm_arguments with;
  with.x = x;
  with.delta = delta;
  with.sum = sum_.data();
  with.scale = scale;
  with.normed = normed.data();
  with.rows = {shape_.rows(), 0, 1};
  with.hidden = shape_.hidden;
  with.epsilon = models::llama3_norm_epsilon;
  kernels::launch_rms_norm(type_, with, stream_);
}

void decoder_layer::enqueue(const decoder_weights& weights, const decoder_cache& cache, const void* x,
                            const void* delta) {
  const transformer_layer_shape& s = shape_;
  normalize(x, delta, weights.attention_norm, first_normed());
  projection_.enqueue(first_normed().data(), weights.projection, projected_.data());

  kernels::rotate_arguments turn;
  turn.projected = projected_.data();
  turn.cosines = cosines_.as<float>();
  turn.sines = sines_.as<float>();
  turn.queries = queries_.data();
  turn.keys = cache.keys.data();
  turn.values = cache.values.data();
  turn.layout = decoder_heads(s);
  kernels::launch_rotate(type_, turn, stream_);

  if (!attention_calls_.empty()) {
    attention_calls_[cache.attention].enqueue();
  } else {
    kernels::decode_attention_arguments with;
    with.shape = decode_shape(s);
    with.parts = parts_;
    with.queries = queries_.data();
    with.keys = cache.keys.data();
    with.values = cache.values.data();
    with.attended = attended_.data();
    with.workspace = parts_workspace_.data();
    kernels::launch_decode_attention(type_, with, stream_);
  }

  output_.enqueue(attended_.data(), weights.output, delta_.data());
  // Where the first normalisation had no delta, sum() is not written yet and x is still the sum.
  normalize(delta != nullptr ? sum_.data() : x, delta_.data(), weights.ffn_norm, normed_);
  gate_up_product_.enqueue(normed_.data(), weights.gate_up, gate_up_.data());
  kernels::launch_gated_silu(type_, gate_up_.data(), activated_.data(), s.rows(), s.ffn, stream_);
  down_.enqueue(activated_.data(), weights.down, delta_.data());
  GPUBENCH_CUDA(cudaGetLastError());
}

method_notes decoder_layer::notes() const {
  method_notes result{{"operands", "uniform in [-1, 1), weights scaled to keep the variance"},
                      {"gate_up_algorithm", gate_up_product_.algorithm()}};
  result.emplace_back("attention", tuned_attention_ ? "cuDNN, " + tuned_attention_->method
                                                    : "own kernel, each cache in " + std::to_string(parts_) + " parts");
  return result;
}

double decoder_layer::buffer_bytes(const transformer_layer_shape& s, storage type) {
  const auto width = static_cast<double>(3 * s.hidden + s.projected_width() + 2 * s.query_width() + 3 * s.ffn);
  constexpr double workspaces = 2.0 * attention_workspace_limit_bytes + product_workspace_bytes;
  return static_cast<double>(s.rows()) * width * kernels::bytes_of(type) + workspaces;
}

dnn::attention_shape decoder_attention(const transformer_layer_shape& s) {
  return {s.batch, s.heads, s.kv_heads, s.tokens, s.kv_len, s.head_dim, true};
}

kernels::head_layout decoder_heads(const transformer_layer_shape& s) {
  return {s.rows(), s.tokens, s.heads, s.kv_heads, s.head_dim, s.kv_len};
}

std::optional<std::string> decoder_unavailable(const transformer_layer_shape& s, storage type,
                                               const device_properties& device) {
  if (type == storage::bf16 && !device.at_least(8, 0)) {
    return "bf16 tensor cores come with compute capability 8.0; this device has " + device.compute_capability;
  }
  if (type == storage::fp16 && !device.at_least(7, 0)) {
    return "fp16 tensor cores come with compute capability 7.0; this device has " + device.compute_capability;
  }
  if (s.hidden % 8 != 0 || s.ffn % 8 != 0 || s.head_dim % 16 != 0 || s.heads % s.kv_heads != 0) {
    return "hidden and ffn must be multiples of 8, head_dim of 16, heads of kv_heads";
  }
  if (s.tokens == 1) {
    constexpr std::int64_t most_sequences = 65535;  // third size of a grid
    if (!kernels::decode_attention_fits(decode_shape(s)) || s.batch > most_sequences || s.kv_heads > most_sequences) {
      return "decode attention takes a head_dim of 64, 128 or 256 and 1, 2, 4 or 8 heads to a kv_head";
    }
  } else {
    if (!device.at_least(8, 0)) return "cuDNN fuses attention from compute capability 8.0 on";
    if (auto reason = cudnn_cannot(type, true, device)) return reason;
  }
  if (auto reason = cublaslt_unavailable()) return reason;
  return no_code_for(device);
}

}  // namespace gpubench::cuda
