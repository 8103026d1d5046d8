#pragma once

#include "bench/cuda/module/decoder_weights.hpp"
#include "bench/cuda/module/readable_matrix.hpp"
#include "bench/cuda/module/step_errors.hpp"
#include "models/transformer_layer.hpp"

namespace gpubench::cuda {

/// What a forward and a backward pass of a decoder layer left, rows x width each. Statistics: batch * heads x tokens.
struct decoder_values {
  readable_matrix input, attention_normed, queries, keys, values, attended, statistics, sum, ffn_normed, gate_up,
      activated;
};
struct decoder_gradient_values {
  readable_matrix output, activated, gate_up, ffn_normed, sum, attended, queries, keys, values, projected,
      attention_normed, input;
};

/// One training step's passes, and the weights that they ran with.
struct decoder_passes {
  models::transformer_layer_shape shape;
  kernels::storage type = kernels::storage::bf16;
  decoder_tensors<readable_matrix> weights, weight_gradients;
  decoder_values forward;
  decoder_gradient_values gradients;
};

/// Every step of the backward pass against double precision, each from what the steps before it left: so that errors do
/// not add up, and each is held to its own rounding. Of the last sequence, four tokens; of each weight's gradient,
/// sixteen entries; of those of the normalisations' scales, all.
step_errors decoder_gradient_errors(const decoder_passes& of);

}  // namespace gpubench::cuda
