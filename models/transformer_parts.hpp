#pragma once

#include "models/precision.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace gpubench::models {

/// Whose published implementation a transformer follows: it decides which operators a framework runs, in which order.
enum class transformer_family {
  bert,   ///< encoder, normalisation after each block, Devlin et al., arXiv 1810.04805
  gpt2,   ///< decoder, one matrix for query, key and value, Radford et al. 2019
  opt,    ///< decoder, separate matrices and ReLU, Zhang et al., arXiv 2205.01068
  llama,  ///< decoder, RMSNorm, rotary positions, gated feed-forward, Touvron et al., arXiv 2302.13971, and its heirs
};
std::string_view to_string(transformer_family family);

/// Element-wise function of the feed-forward block. gelu_tanh is the approximation by a hyperbolic tangent.
enum class activation_function { gelu, gelu_tanh, relu, silu };
std::string_view to_string(activation_function function);

/// Feed-forward blocks of which each token uses a few. Shazeer et al., arXiv 1701.06538.
struct expert_mixture {
  std::int64_t experts = 0;  ///< 0: no layer has a mixture
  std::int64_t experts_per_token = 0;
  std::int64_t ffn = 0;                 ///< inner width of one expert
  std::int64_t shared_ffn = 0;          ///< inner width of the experts that every token uses, together
  bool shared_gate = false;             ///< the shared experts' output is weighed by a gate of its own
  bool biases = false;                  ///< router and experts have biases
  std::int64_t first_dense_layers = 0;  ///< these have the dense block of width transformer::ffn
  std::int64_t every = 1;               ///< of the layers, each that completes so many has a mixture

  friend bool operator==(const expert_mixture&, const expert_mixture&) = default;
};

/// Keys and values kept as one latent vector a token. DeepSeek-V2, arXiv 2405.04434, section 2.1. With an indexer each
/// query attends only the keys that it rates highest (DeepSeek-V3.2, section 2.1).
struct latent_attention {
  std::int64_t kv_rank = 0;  ///< width of the latent; 0: ordinary attention
  std::int64_t q_rank = 0;   ///< 0: queries are projected directly
  std::int64_t nope_dim = 0, rope_dim = 0, value_dim = 0;
  std::int64_t index_heads = 0, index_dim = 0, index_keys = 0;  ///< index_keys: how many keys a query keeps; 0: all

  std::int64_t query_dim() const { return nope_dim + rope_dim; }
  std::int64_t cached_width() const { return kv_rank + rope_dim + (index_keys > 0 ? index_dim : 0); }

  friend bool operator==(const latent_attention&, const latent_attention&) = default;
};

/// Layers whose queries see the last `window` keys only, or with `chunked` those of their own chunk of that length.
struct local_attention {
  std::int64_t window = 0;      ///< 0: every layer sees all keys
  std::int64_t full_every = 0;  ///< each layer that completes so many sees all keys; 0: none does
  bool chunked = false;

  friend bool operator==(const local_attention&, const local_attention&) = default;
};

/// Layers that keep a state of fixed size in place of keys and values: gated delta rule (Yang et al., arXiv 2412.06464)
/// behind a short convolution. Each layer that completes `full_every` has ordinary attention instead.
struct linear_attention {
  std::int64_t value_heads = 0;  ///< 0: no such layer
  std::int64_t key_heads = 0, key_dim = 0, value_dim = 0;
  std::int64_t kernel = 4;  ///< of the convolution, in tokens
  std::int64_t full_every = 4;

  std::int64_t key_width() const { return key_heads * key_dim; }
  std::int64_t value_width() const { return value_heads * value_dim; }
  /// What passes through the convolution: queries, keys and values.
  std::int64_t mixed_width() const { return 2 * key_width() + value_width(); }

  friend bool operator==(const linear_attention&, const linear_attention&) = default;
};

/// How the weights of a kind of matrix are stored. Without a type: in the precision that the model runs in.
struct weight_storage {
  std::optional<precision> type = std::nullopt;
  double scale_bytes = 0;  ///< of block scales, a weight

  double bytes(precision otherwise) const { return bytes_per_element(type.value_or(otherwise)) + scale_bytes; }

  friend bool operator==(const weight_storage&, const weight_storage&) = default;
};

}  // namespace gpubench::models
