#pragma once

#include "models/transformer_layer.hpp"

#include <cstdint>
#include <vector>

/// A decoder layer in plain double precision, token by token.
namespace gpubench::reference {

/// One sequence of a layer's batch: what the layer was given, as a back-end stores it.
struct transformer_sequence {
  models::transformer_layer_shape shape;
  /// Linear layers as output x input, row-major: query, key, value rows; gate rows, then up rows.
  const float* projection = nullptr;
  const float* output = nullptr;
  const float* gate_up = nullptr;
  const float* down = nullptr;
  const float* attention_norm = nullptr;
  const float* ffn_norm = nullptr;
  const float* input = nullptr;  ///< tokens x hidden
  /// Keys and values of this sequence; distances in elements from one head and one position to the next.
  const float* keys = nullptr;
  const float* values = nullptr;
  std::int64_t head_stride = 0, position_stride = 0;
  std::int64_t stored = 0;  ///< positions below this are read from the cache, the others computed from the input
};

/// Query of a new token, turned by its position: heads x head_dim.
std::vector<double> transformer_query(const transformer_sequence& of, std::int64_t token);
/// Key (turned) and value of a new token, computed from the input whatever is stored: kv_heads x head_dim.
std::vector<double> transformer_key(const transformer_sequence& of, std::int64_t token);
std::vector<double> transformer_value(const transformer_sequence& of, std::int64_t token);

/// A query's attention over positions 0 to `last`: heads x head_dim.
std::vector<double> transformer_attended(const transformer_sequence& of, const std::vector<double>& query,
                                         std::int64_t last);

/// Output of the layer for a new token: hidden values.
std::vector<double> transformer_token(const transformer_sequence& of, std::int64_t token);

/// Every head of `width` features turned by a position; back again by its negative.
void turn_heads(std::vector<double>& heads, std::int64_t width, std::int64_t position);
/// x / rms(x) * scale
std::vector<double> rms_normalized(const std::vector<double>& x, const float* scale);
/// Rows [first, first + rows) of an output x input matrix times x.
std::vector<double> linear(const float* weights, std::int64_t first, std::int64_t rows, const std::vector<double>& x);

}  // namespace gpubench::reference
