#pragma once

#include "bench/cuda/module/cudnn_graph.hpp"

#include <cstdint>

namespace gpubench::cuda::dnn {

/// Scaled dot-product attention: O = softmax(Q K^T / sqrt(head_dim)) V. q and o are batch x heads x q_len x head_dim, k
/// and v batch x kv_heads x kv_len x head_dim, in memory by token (batch, token, head, feature), as projections leave
/// them. kv_heads divides heads. Causal: the last query sees every key, each one before it one key less.
struct attention_shape {
  std::int64_t batch = 1, heads = 1, kv_heads = 1, q_len = 1, kv_len = 1, head_dim = 128;
  bool causal = false;
};

/// The pattern that cuDNN fuses into flash attention: from cuDNN 8.9.3 and compute capability 8.0 on.
struct attention_forward_graph {
  graph operations;
  tensor q, k, v, o;
  tensor statistics;  ///< log of the sum of exponentials, which the gradient needs: fp32, batch x heads x q_len
};
/// @param type  fp16 or bf16
attention_forward_graph attention_forward(const attention_shape& shape, element type);

struct attention_backward_graph {
  graph operations;
  tensor q, k, v, o, output_gradient, statistics;  ///< in
  tensor dq, dk, dv;                               ///< out
  tensor row_sums;                                 ///< scratch: fp32, batch x heads x q_len
  tensor dq_sums;  ///< scratch: fp32, as q; parts are added to it, see adds_to_found_sums()
};
attention_backward_graph attention_backward(const attention_shape& shape, element type);

}  // namespace gpubench::cuda::dnn
