#pragma once

#include "models/operators.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gpubench::models {

/// Shape of a transformer, encoder (BERT) or decoder (Llama).
struct transformer {
  std::int64_t layers = 0, hidden = 0, heads = 0, kv_heads = 0, head_dim = 0;
  std::int64_t ffn = 0;    ///< inner width of the feed-forward block
  bool gated_ffn = false;  ///< SwiGLU: three matrices instead of two
  std::int64_t vocabulary = 0;
  std::int64_t positions = 0;    ///< learned position embeddings; 0 for rotary
  bool tied_embeddings = false;  ///< the output head shares the token embedding
  bool causal = true;
  bool biases = false;  ///< linear layers and LayerNorm have biases (BERT)
  bool pretraining_head =
      false;  ///< BERT: a hidden x hidden transform before the output head, pooler and segment embedding
};

/// All parameters, embeddings included.
double parameter_count(const transformer& model);
/// Parameters that multiply every token: all matrices of layers and output head, without the embedding look-up. The N
/// of "2 N FLOP a token forward, 6 N for training".
double matrix_parameter_count(const transformer& model);

/// Bytes of keys and values that one token keeps: 2 * layers * kv_heads * head_dim * bytes.
double kv_bytes_per_token(const transformer& model, precision p);

/// Forward pass over `batch` sequences of `length` tokens each, split over `tensor_parallel` devices (this device's
/// share). `all_positions` computes the output head for every token (training) or only for the last one (prefill).
std::vector<network_operator> transformer_forward(const transformer& model, std::int64_t batch, std::int64_t length,
                                                  precision p, std::int64_t tensor_parallel = 1,
                                                  bool all_positions = true);

/// One decode step: `batch` sequences, one new token each, `kv_len` tokens in the cache. `weights` is the storage type
/// of the weights, which bounds small batches.
std::vector<network_operator> transformer_decode_step(const transformer& model, std::int64_t batch, std::int64_t kv_len,
                                                      precision p, std::int64_t tensor_parallel = 1);

/// What training updates: every parameter, or low-rank adapters of rank `lora_rank` on all linear layers.
struct training_method {
  bool lora = false;
  std::int64_t lora_rank = 16;
  bool recompute_activations = false;  ///< full recomputation: one more forward pass
};

/// Parameters that training updates under a method.
double trainable_parameters(const transformer& model, const training_method& method);

/// Operators of one micro-batch, forward and backward (without the optimiser): GEMM three times the forward work (twice
/// under LoRA, whose frozen weights need no weight gradient, plus the adapters), attention 1 + 2.5.
std::vector<network_operator> transformer_forward_backward(const transformer& model, std::int64_t batch,
                                                           std::int64_t length, precision p,
                                                           const training_method& method,
                                                           std::int64_t tensor_parallel = 1);

/// Adam on `parameters` weights: reads weight, gradient, two moments, master copy; writes weight, moments, master copy.
network_operator adam_step(double parameters);

/// Bytes of activations kept for the backward pass, for a micro-batch of batch x length tokens on one device.
/// Korthikanti et al., arXiv 2205.05198, equations 1-2 (no attention scores: fused attention), or 2*s*b*h a layer plus
/// one layer's worth with full recomputation.
double activation_bytes(const transformer& model, std::int64_t batch, std::int64_t length,
                        const training_method& method, std::int64_t tensor_parallel = 1);

}  // namespace gpubench::models
