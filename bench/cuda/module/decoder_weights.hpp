#pragma once

#include "bench/cuda/module/device_values.hpp"
#include "bench/cuda/module/random_fill.hpp"
#include "kernels/operands.hpp"
#include "models/transformer_layer.hpp"

#include <cstdint>
#include <vector>

namespace gpubench::cuda {

/// One thing for each learned tensor of a decoder layer. Linear layers are output x input, row-major: query, key, value
/// rows in one matrix, gate rows and then up rows in another.
template <class Thing>
struct decoder_tensors {
  Thing projection{}, output{}, gate_up{}, down{}, attention_norm{}, ffn_norm{};
};

/// Weights on the device, and where their gradients go.
using decoder_weights = decoder_tensors<const void*>;
using decoder_weight_gradients = decoder_tensors<void*>;
using stored_decoder_weights = decoder_tensors<device_buffer>;
using host_decoder_weights = decoder_tensors<std::vector<float>>;

/// Calls `on` with what the given sets have for each tensor, and makes a set of the results.
template <class Function, class First, class... Others>
auto for_each_tensor(const Function& on, const decoder_tensors<First>& first,
                     const decoder_tensors<Others>&... others) {
  return decoder_tensors<decltype(on(first.projection, others.projection...))>{
      on(first.projection, others.projection...),
      on(first.output, others.output...),
      on(first.gate_up, others.gate_up...),
      on(first.down, others.down...),
      on(first.attention_norm, others.attention_norm...),
      on(first.ffn_norm, others.ffn_norm...)};
}

/// Rows and columns of a tensor; a normalisation's scales are one row.
struct matrix_size {
  std::int64_t rows = 0, columns = 0;
  std::int64_t elements() const { return rows * columns; }
};
decoder_tensors<matrix_size> decoder_sizes(const models::transformer_layer_shape& shape);

/// Of a linear layer: uniform, with the variance that keeps that of their input.
random_fill linear_fill(std::int64_t in, std::uint64_t operand);
/// Of a normalisation's scales: scattered around 1.
random_fill norm_fill(std::uint64_t operand);
/// @param layer  number of the layer: others have other weights
decoder_tensors<random_fill> decoder_fills(const models::transformer_layer_shape& shape, std::uint64_t layer);

device_buffer filled(kernels::storage type, std::int64_t elements, const random_fill& how, cudaStream_t stream);
/// Uniform in [-1, 1).
device_buffer random_values(kernels::storage type, std::int64_t elements, std::uint64_t operand, cudaStream_t stream);

stored_decoder_weights random_decoder_weights(const models::transformer_layer_shape& shape, kernels::storage type,
                                              std::uint64_t layer, cudaStream_t stream);
decoder_weights addresses_of(const stored_decoder_weights& weights);

/// The same weights on the host.
host_decoder_weights fetch_weights(const models::transformer_layer_shape& shape, kernels::storage type,
                                   const decoder_weights& weights);

}  // namespace gpubench::cuda
