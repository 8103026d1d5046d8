#pragma once

#include "bench/host/openblas.hpp"
#include "bench/host/operands.hpp"
#include "models/operators.hpp"

#include <cstdint>
#include <vector>

namespace gpubench::bench::host {

/// One layer of a Llama-like decoder, and what it is given: `tokens` new ones a sequence, of which the last stands at
/// position kv_len - 1. Prefill: tokens = kv_len. Decode: tokens = 1.
struct transformer_layer_shape {
  std::int64_t batch = 1, tokens = 1, kv_len = 1;
  std::int64_t hidden = 0, heads = 0, kv_heads = 0, head_dim = 0, ffn = 0;

  std::int64_t rows() const { return batch * tokens; }
  std::int64_t query_width() const { return heads * head_dim; }
  std::int64_t kv_width() const { return kv_heads * head_dim; }
  std::int64_t projected_width() const { return query_width() + 2 * kv_width(); }
};

/// Parameters batch, hidden, heads, kv_heads, head_dim, ffn, and length (prefill) or kv_len (decode).
transformer_layer_shape transformer_layer_of(const results::parameters& values);

/// Operators of the layer; the gate and up projections are one matrix, as are query, key and value.
std::vector<models::network_operator> operators_of(const transformer_layer_shape& s);

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

/// Rotary embedding's base of Llama 3 and its RMSNorm epsilon. Source: "The Llama 3 Herd of Models", arXiv 2407.21783,
/// table 3, and the model's published configuration.
inline constexpr double rotary_base = 500000;
inline constexpr float norm_epsilon = 1e-5F;

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
