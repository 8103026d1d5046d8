#include "profiles/detail/huggingface_decoder.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace gpubench::profiles::detail {

using models::activation_function;
using models::transformer;
using models::transformer_family;

activation_function read_activation(const json_reader& config, std::string_view key, const std::string& otherwise) {
  const auto name = config.text_or(key, otherwise);
  constexpr std::pair<std::string_view, activation_function> names[] = {
      {"gelu", activation_function::gelu},           {"gelu_new", activation_function::gelu_tanh},
      {"gelu_fast", activation_function::gelu_tanh}, {"gelu_pytorch_tanh", activation_function::gelu_tanh},
      {"relu", activation_function::relu},           {"silu", activation_function::silu},
      {"swish", activation_function::silu}};
  std::vector<std::string> known;
  for (const auto& [text, function] : names) {
    if (text == name) return function;
    known.emplace_back(text);
  }
  const auto near = suggestion(name, known);
  config.refuse(key, fmt::format("activation '{}' is not known", name), near.empty() ? join(known, ", ") : near);
}

void read_heads(const json_reader& config, transformer& shape, std::int64_t key_value_heads, std::int64_t head_dim) {
  shape.heads = config.integer("num_attention_heads", 1, most_heads);
  shape.kv_heads =
      config.integer_or("num_key_value_heads", 1, most_heads, key_value_heads > 0 ? key_value_heads : shape.heads);
  if (shape.heads % shape.kv_heads != 0)
    config.refuse("num_key_value_heads",
                  fmt::format("{} heads cannot share {} key-value heads", shape.heads, shape.kv_heads),
                  "num_attention_heads must be a multiple of it");
  if (!config.has("head_dim") && head_dim == 0 && shape.hidden % shape.heads != 0)
    config.refuse("num_attention_heads",
                  fmt::format("{} heads do not divide hidden_size {}", shape.heads, shape.hidden),
                  "state head_dim where it is not hidden_size / num_attention_heads");
  shape.head_dim = config.integer_or("head_dim", 1, 65'536, head_dim > 0 ? head_dim : shape.hidden / shape.heads);
}

transformer read_decoder(const json_reader& config, std::int64_t key_value_heads, std::int64_t head_dim) {
  transformer shape;
  shape.family = transformer_family::llama;
  shape.layers = config.integer("num_hidden_layers", 1, most_layers);
  shape.hidden = config.integer("hidden_size", 8, widest);
  read_heads(config, shape, key_value_heads, head_dim);
  shape.ffn = config.integer_or("intermediate_size", 1, widest, 0);
  shape.gated_ffn = true;
  shape.vocabulary = config.integer("vocab_size", 2, most_words);
  shape.tied_embeddings = config.flag_or("tie_word_embeddings", false);
  shape.activation =
      read_activation(config, config.has("hidden_activation") ? "hidden_activation" : "hidden_act", "silu");
  shape.projection_biases = shape.output_bias = config.flag_or("attention_bias", false);
  return shape;
}

std::int64_t full_every(const json_reader& config, std::string_view interval_key, std::int64_t otherwise) {
  const auto kinds = config.texts("layer_types");
  if (kinds.empty()) return config.integer_or(interval_key, 0, most_layers, otherwise);
  const auto full = std::count(kinds.begin(), kinds.end(), "full_attention");
  if (full == 0) return 0;
  // Lists repeat one full layer among a number of others, and a last part may be cut short: the distance of two full
  // ones is the period, or of the only one from the start.
  const auto first = std::find(kinds.begin(), kinds.end(), "full_attention");
  const auto second = std::find(first + 1, kinds.end(), "full_attention");
  return second != kinds.end() ? second - first : first - kinds.begin() + 1;
}

void require_ffn(const json_reader& config, const transformer& shape) {
  if (shape.ffn == 0) config.integer("intermediate_size", 1, widest);
}

}  // namespace gpubench::profiles::detail
