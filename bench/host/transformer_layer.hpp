#pragma once

#include "bench/host/openblas.hpp"
#include "bench/host/operands.hpp"
#include "models/transformer_layer.hpp"

#include <cstdint>
#include <vector>

#include "reference/transformer.hpp"

namespace gpubench::bench::host {

using models::transformer_layer_shape;

/// Parameters batch, hidden, heads, kv_heads, head_dim, ffn, and length (prefill) or kv_len (decode).
transformer_layer_shape transformer_layer_of(const results::parameters& values);

/// Bytes of weights, key-value cache and activations.
double memory_bytes(const transformer_layer_shape& s);

/// Linear layers as output x input, row-major: uniform, with the variance that keeps that of their input.
struct transformer_layer_weights {
  explicit transformer_layer_weights(const transformer_layer_shape& s);
  aligned_array<float> projection;  ///< query, key, value rows
  aligned_array<float> output;
  aligned_array<float> gate_up;  ///< gate rows, then up rows
  aligned_array<float> down;
  std::vector<float> attention_norm, ffn_norm;
};

/// The layer on OpenBLAS and OpenMP loops: RMSNorm, query/key/value projection, rotary embedding, grouped-query causal
/// attention, output projection, RMSNorm, SwiGLU, both residual additions.
class transformer_layer {
 public:
  transformer_layer(const transformer_layer_shape& shape, int threads);

  void run();

  const transformer_layer_shape& shape() const { return shape_; }
  const transformer_layer_weights& weights() const { return weights_; }
  /// rows x hidden
  const aligned_array<float>& input() const { return input_; }
  const aligned_array<float>& output() const { return output_; }
  /// batch x kv_heads x kv_len x head_dim; positions before the new tokens are random
  const aligned_array<float>& keys() const { return keys_; }
  const aligned_array<float>& values() const { return values_; }

  /// One sequence of the batch as the reference takes it.
  reference::transformer_sequence sequence(std::int64_t index) const;

 private:
  void linear(const float* x, const aligned_array<float>& w, std::int64_t in, std::int64_t out, float* y, bool add);
  void rotate_and_store();
  void attend_many();
  void attend_one();

  transformer_layer_shape shape_;
  const openblas_library& blas_;
  transformer_layer_weights weights_;
  std::vector<float> cosines_, sines_;  ///< of each new token's position: tokens x head_dim/2
  aligned_array<float> input_, output_, normed_, projected_, attended_, middle_, gate_up_, activated_, scores_;
  aligned_array<float> keys_, values_;
};

}  // namespace gpubench::bench::host
