#pragma once

#include "bench/cuda/module/decoder_weights.hpp"
#include "bench/cuda/module/parameter_arena.hpp"
#include "bench/cuda/module/readable_matrix.hpp"
#include "models/transformer_layer.hpp"

#include <string>
#include <utility>
#include <vector>

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

/// Largest error of each step, in units of what rounding explains: right up to 1. NaN once, NaN for good.
class step_errors {
 public:
  void add(const std::string& step, double error);
  void add(const step_errors& others);
  double worst() const;
  /// Those above 1, the worst first: "gating's gradient (7.5), ..."; empty where there is none.
  std::string wrong() const;
  std::size_t size() const noexcept { return errors_.size(); }

 private:
  std::vector<std::pair<std::string, double>> errors_;
};

/// Every step of the backward pass against double precision, each from what the steps before it left: so that errors do
/// not add up, and each is held to its own rounding. Of the last sequence, four tokens; of each weight's gradient,
/// sixteen entries; of those of the normalisations' scales, all.
step_errors decoder_gradient_errors(const decoder_passes& of);

/// One update of an arena by AdamW: moments and weights against double precision, the copies exactly.
step_errors adamw_errors(kernels::storage type, const arena_sample& before, const arena_sample& after,
                         const kernels::adamw_rates& rates);

}  // namespace gpubench::cuda
