#pragma once

#include "models/operators.hpp"
#include "models/transformer_parts.hpp"

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
  bool biases = false;  ///< linear layers and LayerNorm have biases, and training uses dropout (BERT, GPT)
  /// BERT: a hidden x hidden transform before the output head, its output bias, pooler, segment embedding,
  /// next-sentence classifier.
  bool pretraining_head = false;

  // What only some models have.
  transformer_family family = transformer_family::llama;
  std::optional<activation_function> activation = std::nullopt;  ///< without it as activation_of() says
  bool query_key_norm = false;       ///< queries and keys are normalised, each head by itself
  bool wide_query_key_norm = false;  ///< queries and keys are normalised over all heads together
  bool projection_biases = false;    ///< query, key and value have biases though the other matrices have none
  bool output_bias = false;          ///< as has the output projection
  bool output_gate = false;          ///< the attention's output is gated by as many values, projected with the queries
  bool sinks = false;                ///< each head has a learned logit that no key belongs to
  std::int64_t norms_per_layer = 2;  ///< 4: also behind each block (Gemma)
  std::int64_t embedding_width = 0;  ///< where it differs from hidden: projected in and out
  expert_mixture experts = {};
  latent_attention latent = {};
  local_attention local = {};
  linear_attention linear = {};
  weight_storage matrices = {};        ///< of all linear layers but the experts and the output head
  weight_storage expert_weights = {};  ///< of the experts, shared ones included

  friend bool operator==(const transformer&, const transformer&) = default;
};

/// As stated, else SiLU where the feed-forward block is gated and GELU where it is not.
activation_function activation_of(const transformer& model);

/// Llama-3-8B. Source: "The Llama 3 Herd of Models", arXiv 2407.21783, table 3, and its published configuration.
inline constexpr transformer llama3_8b_shape{.layers = 32,
                                             .hidden = 4096,
                                             .heads = 32,
                                             .kv_heads = 8,
                                             .head_dim = 128,
                                             .ffn = 14336,
                                             .gated_ffn = true,
                                             .vocabulary = 128256};

/// All parameters, embeddings included, and what `pretraining_head` lists. Two normalisations a layer and one more:
/// after the embedding (BERT) or before the output head (decoders). Every function here throws error: usage for sizes
/// that are not positive, more key-value heads than heads, or more devices than heads.
double parameter_count(const transformer& model);
/// Parameters that multiply every token: all matrices of layers and output head, without the embedding look-up. The N
/// of "2 N FLOP a token forward, 6 N for training".
double matrix_parameter_count(const transformer& model);
/// Parameters that one token uses: all of a dense model's; of a mixture's experts those it is sent to. The look-up
/// table of the input embedding counts only where the output head shares it.
double active_parameter_count(const transformer& model);
/// Parameters of the experts that tokens are sent to, shared ones left out.
double routed_expert_parameter_count(const transformer& model);

/// Bytes of keys and values that one more token keeps: 2 * kv_heads * head_dim * bytes a layer, or the latent and the
/// rotated part of the key. Layers that see a window count too, though theirs stops growing there: kv_bytes() knows
/// that. Layers with linear attention keep nothing a token.
double kv_bytes_per_token(const transformer& model, precision p);

/// Bytes that a sequence of `length` tokens keeps: keys and values, of windows no more than they see, and the states of
/// linear attention in fp32.
double kv_bytes(const transformer& model, std::int64_t length, precision p);

/// Type of what is not multiplied as a GEMM: activations in memory, attention and its KV cache. The type itself, or
/// bf16 where GEMMs run in 8 or 4 bits.
precision activation_precision(precision p);

/// Forward pass over `batch` sequences of `length` tokens each, split over `tensor_parallel` devices (this device's
/// share). `all_positions` computes the output head for every token (training) or only for the last one (prefill).
/// Heads, feed-forward width and vocabulary are split, rounded up; fewer KV heads than devices are replicated, as is a
/// pretraining head's transform. BERT's pooler works on one token a sequence and is left out.
std::vector<network_operator> transformer_forward(const transformer& model, std::int64_t batch, std::int64_t length,
                                                  precision p, std::int64_t tensor_parallel = 1,
                                                  bool all_positions = true);

/// One decode step: `batch` sequences, one new token each, attending `kv_len` tokens, itself included. Weights are
/// stored in `p`, the KV cache in activation_precision(p).   @throws error: usage for an encoder.
std::vector<network_operator> transformer_decode_step(const transformer& model, std::int64_t batch, std::int64_t kv_len,
                                                      precision p, std::int64_t tensor_parallel = 1);

/// What training updates: every parameter, or low-rank adapters of rank `lora_rank` on all linear
/// layers (Hu et al., arXiv 2106.09685: inputs x rank and rank x outputs beside each matrix; not the output head).
struct training_method {
  bool lora = false;
  std::int64_t lora_rank = 16;
  bool recompute_activations = false;  ///< full recomputation: the layers run forward once more
};

/// Parameters that training updates under a method.
double trainable_parameters(const transformer& model, const training_method& method);

/// Operators of one micro-batch, forward and backward (without the optimiser): GEMM three times the forward work (twice
/// under LoRA, whose frozen weights need no weight gradient, plus the adapters), attention 1 + 2.5. Recomputed layers
/// count as work here; model FLOP utilisation must leave them out.
std::vector<network_operator> transformer_forward_backward(const transformer& model, std::int64_t batch,
                                                           std::int64_t length, precision p,
                                                           const training_method& method,
                                                           std::int64_t tensor_parallel = 1);

/// Adam in mixed precision on `parameters` weights (Micikevicius et al., arXiv 1710.03740): reads 16-bit gradient, two
/// fp32 moments, fp32 master copy; writes 16-bit weight, moments, master copy: 28 bytes a parameter.
network_operator adam_step(double parameters);

/// Bytes of activations kept for the backward pass, for a micro-batch of batch x length tokens on one device.
/// Korthikanti et al., arXiv 2205.05198, in 16 bits: s*b*h*(10 + 24/t) a layer (equation 2 without the attention
/// scores, which fused attention does not keep), or 2*s*b*h a layer plus one layer's worth with full recomputation; its
/// terms adapted to grouped-query attention, gated feed-forward and models without dropout. Section 4.3 adds the output
/// head: s*b*h*4 and the fp32 logits s*b*v*4/t.
double activation_bytes(const transformer& model, std::int64_t batch, std::int64_t length,
                        const training_method& method, std::int64_t tensor_parallel = 1);

}  // namespace gpubench::models
