#include "profiles/detail/huggingface_decoder.hpp"

#include <fmt/format.h>

#include <utility>

namespace gpubench::profiles::detail {

using models::transformer;
using models::transformer_family;

transformer read_bert(const json_reader& config) {
  transformer shape;
  shape.family = transformer_family::bert;
  shape.layers = config.integer("num_hidden_layers", 1, most_layers);
  shape.hidden = config.integer("hidden_size", 8, widest);
  read_heads(config, shape, 0, 0);
  shape.ffn = config.integer("intermediate_size", 1, widest);
  shape.vocabulary = config.integer("vocab_size", 2, most_words);
  shape.positions = config.integer("max_position_embeddings", 1, most_words);
  shape.activation = read_activation(config, "hidden_act", "gelu");
  shape.tied_embeddings = shape.biases = shape.pretraining_head = true;
  shape.causal = false;
  return shape;
}

transformer read_gpt2(const json_reader& config) {
  transformer shape;
  shape.family = transformer_family::gpt2;
  shape.layers = config.integer("n_layer", 1, most_layers);
  shape.hidden = config.integer("n_embd", 8, widest);
  shape.heads = shape.kv_heads = config.integer("n_head", 1, most_heads);
  if (shape.hidden % shape.heads != 0)
    config.refuse("n_head", fmt::format("{} heads do not divide n_embd {}", shape.heads, shape.hidden));
  shape.head_dim = shape.hidden / shape.heads;
  shape.ffn = config.integer_or("n_inner", 1, widest, 4 * shape.hidden);
  shape.vocabulary = config.integer("vocab_size", 2, most_words);
  shape.positions = config.integer_or("n_positions", 1, most_words, 1024);
  shape.activation = read_activation(config, "activation_function", "gelu_new");
  shape.tied_embeddings = config.flag_or("tie_word_embeddings", true);
  shape.biases = true;
  return shape;
}

transformer read_opt(const json_reader& config) {
  transformer shape;
  shape.family = transformer_family::opt;
  shape.layers = config.integer("num_hidden_layers", 1, most_layers);
  shape.hidden = config.integer("hidden_size", 8, widest);
  read_heads(config, shape, 0, 0);
  shape.ffn = config.integer("ffn_dim", 1, widest);
  shape.vocabulary = config.integer("vocab_size", 2, most_words);
  shape.positions = config.integer("max_position_embeddings", 1, most_words);
  shape.activation = read_activation(config, "activation_function", "relu");
  const auto width = config.integer_or("word_embed_proj_dim", 1, widest, shape.hidden);
  shape.embedding_width = width == shape.hidden ? 0 : width;
  shape.tied_embeddings = config.flag_or("tie_word_embeddings", true);
  shape.biases = true;
  return shape;
}

transformer read_llama(const json_reader& config) {
  auto shape = read_decoder(config);
  require_ffn(config, shape);
  return shape;
}

transformer read_mistral(const json_reader& config) {
  auto shape = read_decoder(config, 8);
  require_ffn(config, shape);
  // Left out it is the class's 4096; null is none.
  const bool stated = config.value().contains("sliding_window");
  shape.local.window = config.integer_or("sliding_window", 1, most_words, stated ? 0 : 4096);
  return shape;
}

transformer read_qwen2(const json_reader& config) {
  auto shape = read_decoder(config);
  require_ffn(config, shape);
  shape.projection_biases = true;
  shape.output_bias = false;
  return shape;
}

transformer read_qwen3(const json_reader& config) {
  auto shape = read_decoder(config, 0, 128);
  require_ffn(config, shape);
  shape.query_key_norm = true;
  return shape;
}

transformer read_gemma3(const json_reader& config) {
  // Published configurations leave out what the class has as its default.
  auto completed = config.value();
  constexpr std::pair<std::string_view, std::int64_t> defaults[] = {
      {"num_attention_heads", 8}, {"num_key_value_heads", 4}, {"head_dim", 256}, {"vocab_size", 262208}};
  for (const auto& [key, value] : defaults)
    if (!config.has(key)) completed[std::string(key)] = value;
  if (!config.has("hidden_activation")) completed["hidden_activation"] = "gelu_pytorch_tanh";
  const json_reader complete(completed, config.file());
  auto shape = read_decoder(complete);
  require_ffn(complete, shape);
  shape.tied_embeddings = complete.flag_or("tie_word_embeddings", true);
  shape.query_key_norm = true;
  shape.norms_per_layer = 4;
  shape.local.window = complete.integer_or("sliding_window", 1, most_words, 4096);
  shape.local.full_every = full_every(complete, "sliding_window_pattern", 6);
  return shape;
}

}  // namespace gpubench::profiles::detail
