#include "bench/cuda/module/decoder_training.hpp"

#include "bench/cuda/module/adamw_check.hpp"
#include "bench/cuda/module/decoder_check.hpp"
#include "bench/cuda/module/watchdog.hpp"
#include "kernels/transformer.cuh"
#include "kernels/transformer_gradients.hpp"

#include <sstream>
#include <utility>

namespace gpubench::cuda {

namespace {

using kernels::storage;
using models::transformer_layer_shape;

constexpr const char* what = "a training step of a transformer layer";

}  // namespace

parameter_arena decoder_training::filled_arena() {
  parameter_arena arena(type_, optimiser::adamw);
  const decoder_tensors<const char*> names{"projection", "output", "gate_up", "down", "attention_norm", "ffn_norm"};
  numbers_ = for_each_tensor([&](const char* name, const matrix_size& size,
                                 const random_fill& how) { return arena.add(name, size.elements(), how); },
                             names, decoder_sizes(shape_), decoder_fills(shape_, 0));
  arena.allocate(stream_);
  return arena;
}

decoder_training::decoder_training(const transformer_layer_shape& s, storage type, const device_properties& device,
                                   timer& clock)
    : shape_(s),
      type_(type),
      stream_(clock.stream()),
      arena_(filled_arena()),
      weights_(for_each_tensor([&](std::size_t n) -> const void* { return arena_.copy_of(n); }, numbers_)),
      gradients_(for_each_tensor([&](std::size_t n) { return arena_.gradient_of(n); }, numbers_)),
      cache_(s, type, 0, stream_),
      input_(random_values(type, s.rows() * s.hidden, 1, stream_)),
      output_(input_.bytes()),
      output_gradient_(random_values(type, s.rows() * s.hidden, 2, stream_)),
      former_weights_(arena_.copies().bytes()),
      layer_(s, type, device, clock, weights_, cache_, decoder_use::training) {
  // The gradients' algorithms are compared on what a pass leaves.
  layer_.enqueue(weights_, cache_, input_.data(), nullptr);
  wait_for(stream_, what);
  backward_.emplace(layer_, device, clock, weights_, gradients_, cache_);
}

void decoder_training::enqueue() {
  layer_.enqueue(weights_, cache_, input_.data(), nullptr);
  kernels::launch_add(type_, layer_.sum(), layer_.delta(), output_.data(), shape_.rows() * shape_.hidden, stream_);
  backward_->enqueue(weights_, gradients_, input_.data(), output_gradient_.data());
  arena_.enqueue_update(1, stream_);
  GPUBENCH_CUDA(cudaGetLastError());
}

void decoder_training::remember() {
  GPUBENCH_CUDA(cudaMemcpyAsync(former_weights_.data(), arena_.copies().data(), former_weights_.bytes(),
                                cudaMemcpyDeviceToDevice, stream_));
  wait_for(stream_, what);
  before_ = arena_.sample();
}

void decoder_training::poison() const {
  layer_.poison();
  backward_->poison();
  arena_.poison_gradients(stream_);
  GPUBENCH_CUDA(cudaMemsetAsync(output_.data(), 0xff, output_.bytes(), stream_));
}

decoder_weights decoder_training::former_weights() const {
  return for_each_tensor([&](std::size_t n) -> const void* { return former_weights_.as<char>() + arena_.place_of(n); },
                         numbers_);
}

decoder_passes decoder_training::passes() const {
  const auto& s = shape_;
  const auto rows = [&](const void* data, std::int64_t width) { return on_device(type_, data, s.rows(), width); };
  const auto tensor = [&](const void* data, const matrix_size& size) {
    return on_device(type_, data, size.rows, size.columns);
  };
  decoder_passes of;
  of.shape = s;
  of.type = type_;
  of.weights = for_each_tensor(tensor, former_weights(), decoder_sizes(s));
  of.weight_gradients = for_each_tensor(tensor, gradients_, decoder_sizes(s));

  auto& f = of.forward;
  f.input = rows(input_.data(), s.hidden);
  f.attention_normed = rows(layer_.attention_normed(), s.hidden);
  f.queries = rows(layer_.queries(), s.query_width());
  f.keys = rows(cache_.keys.data(), s.kv_width());
  f.values = rows(cache_.values.data(), s.kv_width());
  f.attended = rows(layer_.attended(), s.query_width());
  f.statistics = on_device(storage::fp32, layer_.statistics(), s.batch * s.heads, s.tokens);
  f.sum = rows(layer_.sum(), s.hidden);
  f.ffn_normed = rows(layer_.ffn_normed(), s.hidden);
  f.gate_up = rows(layer_.gate_up(), 2 * s.ffn);
  f.activated = rows(layer_.activated(), s.ffn);

  const auto& b = backward_->buffers();
  auto& g = of.gradients;
  g.output = rows(output_gradient_.data(), s.hidden);
  g.activated = rows(b.activated.data(), s.ffn);
  g.gate_up = rows(b.gate_up.data(), 2 * s.ffn);
  g.ffn_normed = rows(b.ffn_normed.data(), s.hidden);
  g.sum = rows(b.sum.data(), s.hidden);
  g.attended = rows(b.attended.data(), s.query_width());
  g.queries = rows(b.queries.data(), s.query_width());
  g.keys = rows(b.keys.data(), s.kv_width());
  g.values = rows(b.values.data(), s.kv_width());
  g.projected = rows(b.projected.data(), s.projected_width());
  g.attention_normed = rows(b.attention_normed.data(), s.hidden);
  g.input = rows(b.input.data(), s.hidden);
  return of;
}

step_errors decoder_training::errors() const {
  step_errors result;
  result.add("forward pass", decoder_error(layer_, former_weights(), cache_, {input_.data(), output_.data()}));
  result.add(decoder_gradient_errors(passes()));
  result.add(adamw_errors(type_, before_, arena_.sample(), parameter_arena::adamw));
  return result;
}

method_notes decoder_training::notes() const {
  auto result = layer_.notes();
  for (auto& note : backward_->notes()) result.push_back(std::move(note));
  std::ostringstream rates;
  rates << "AdamW, weights and moments in fp32, learning rate " << parameter_arena::adamw.learning_rate;
  result.emplace_back("optimizer", rates.str());
  return result;
}

double decoder_training::memory_bytes(const transformer_layer_shape& s, storage type) {
  const double weights = models::parameter_count(s);
  const double arena = parameter_arena::memory_bytes(type, optimiser::adamw, weights);
  const double former = weights * kernels::bytes_of(type);
  // Input, output and its gradient, and the first normalisation's result, which only training keeps; keys and values.
  const auto width = static_cast<double>(4 * s.hidden + 2 * s.kv_width());
  return arena + former + static_cast<double>(s.rows()) * width * kernels::bytes_of(type) +
         decoder_layer::buffer_bytes(s, type) + decoder_gradients::buffer_bytes(s, type);
}

std::optional<std::string> decoder_training_unavailable(const transformer_layer_shape& s, storage type,
                                                        const device_properties& device) {
  if (s.tokens < 2) return "cuDNN has no gradient of a single query: a training step takes sequences of at least 2";
  if (kernels::norm_packs(s.hidden, 16 / kernels::bytes_of(type)) > kernels::most_norm_packs) {
    return "the normalisation's gradient takes a hidden of up to " +
           std::to_string(kernels::most_norm_packs * kernels::norm_gradient_threads * 16 / kernels::bytes_of(type));
  }
  return decoder_unavailable(s, type, device);
}

}  // namespace gpubench::cuda
