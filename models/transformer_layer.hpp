#pragma once

#include "models/operators.hpp"

#include <cstdint>
#include <vector>

namespace gpubench::models {

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

/// Rotary embedding's base of Llama 3 and its RMSNorm epsilon. Source: "The Llama 3 Herd of Models", arXiv 2407.21783,
/// table 3, and the model's published configuration.
inline constexpr double llama3_rotary_base = 500000;
inline constexpr float llama3_norm_epsilon = 1e-5F;

/// FLOP an element of the gated activation g * sigmoid(g) * u: an exponential, an addition and a division for the
/// sigmoid, then two multiplications; a sign costs nothing. Source of the function: Shazeer, arXiv 2002.05202, eq. 5.
inline constexpr double gated_activation_flop = 5;

/// Weights of the layer, its two normalisations included.
double parameter_count(const transformer_layer_shape& s);

/// Operators of the layer with everything stored in `p`; the gate and up projections are one matrix, as are query, key
/// and value.
std::vector<network_operator> transformer_layer_forward(const transformer_layer_shape& s, precision p);

/// The same with gradients and optimiser: each matrix is multiplied three times (output, gradient of its input,
/// gradient of the weights), attention's gradients are 2.5 times its forward FLOP, and AdamW runs as adam_step() has
/// it. The input's gradient is wanted, as by a layer before it.
std::vector<network_operator> transformer_layer_training_step(const transformer_layer_shape& s, precision p);

}  // namespace gpubench::models
