#pragma once

#include "bench/cuda/module/decoder_gradient_check.hpp"
#include "kernels/element.hpp"
#include "kernels/training.hpp"
#include "kernels/transformer_gradients.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gpubench::cuda {

/// Row-major values that bf16 holds exactly.
struct host_matrix {
  std::int64_t rows = 0, columns = 0;
  std::vector<float> values;

  host_matrix() = default;
  host_matrix(std::int64_t r, std::int64_t c) : rows(r), columns(c), values(static_cast<std::size_t>(r * c)) {}
  float& at(std::int64_t row, std::int64_t column) { return values[static_cast<std::size_t>(row * columns + column)]; }
  float at(std::int64_t row, std::int64_t column) const {
    return values[static_cast<std::size_t>(row * columns + column)];
  }
  readable_matrix readable() const {
    return {rows, columns, [this](const matrix_block& block) {
              std::vector<float> result;
              for (std::int64_t r = 0; r < block.rows; ++r) {
                for (std::int64_t c = 0; c < block.columns; ++c) {
                  result.push_back(at(block.first_row + r, block.first_column + c));
                }
              }
              return result;
            }};
  }
};

inline float to_bf16(float value) {
  return kernels::to_float(kernels::from_float<kernels::bfloat_element>(value));
}

inline host_matrix random_matrix(std::int64_t rows, std::int64_t columns, const random_fill& how) {
  host_matrix result(rows, columns);
  for (std::size_t i = 0; i < result.values.size(); ++i) {
    result.values[i] = to_bf16(kernels::spread_value(how.operand, i, how.centre, how.spread));
  }
  return result;
}

/// What a test may get wrong on purpose.
enum class defect {
  none,
  norm_without_mean,       ///< the projection of the normalisation's gradient left out
  norm_without_residual,   ///< the gradient that passes the second normalisation by left out
  scale_of_one_row_twice,  ///< one row counted twice in a scale's gradient
  gate_without_curve,      ///< silu' taken for its sigmoid
  turned_forward,          ///< the rotation not undone
  turned_from_one,         ///< positions counted from 1
  unmasked,                ///< gradients of attention see later keys
  unscaled,                ///< 1 / sqrt(head_dim) left out of dS
  row_sum_left_out,        ///< the softmax's correction left out
  one_head_of_group,       ///< keys' gradients of one head of those that share them
  row_left_out,            ///< one row left out of a weight's gradient
  product_left_out,        ///< one product left out of each entry of an input gradient
  stale_input              ///< the second normalisation's gradient taken at the layer's input
};

/// A training step of a small decoder layer as the GPU runs it: fp32 arithmetic of the kernels, each tensor rounded to
/// bf16 where it is stored. Two sequences of seven tokens, two query heads to a key head.
class emulated_decoder {
 public:
  explicit emulated_decoder(defect planted = defect::none);

  decoder_passes passes() const;

  models::transformer_layer_shape shape{2, 7, 7, 64, 4, 2, 16, 96};
  decoder_tensors<host_matrix> weights, weight_gradients;
  host_matrix input, attention_normed, queries, keys, values, attended, statistics, sum, ffn_normed, gate_up, activated;
  host_matrix output_gradient, activated_gradient, gate_up_gradient, ffn_normed_gradient, sum_gradient,
      attended_gradient, query_gradient, key_gradient, value_gradient, projected_gradient, attention_normed_gradient,
      input_gradient;

 private:
  void run_forward();
  void run_backward();
  void run_attention_backward();
  void turn_back();

  defect planted_;
};

}  // namespace gpubench::cuda
