#include "profiles/detail/huggingface_architectures.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gpubench::profiles::detail {
namespace {

using models::activation_function;
using models::transformer;
using models::transformer_family;

// Beyond these a digit has slipped: the largest models published lie well within.
constexpr std::int64_t widest = 1'000'000, most_layers = 10'000, most_heads = 10'000, most_words = 10'000'000;

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

// What all decoders after Llama state by the same keys.
transformer read_decoder(const json_reader& config, std::int64_t key_value_heads = 0, std::int64_t head_dim = 0) {
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

// Which layers see all keys, by their list of kinds or by how often one comes.
std::int64_t full_every(const json_reader& config, std::string_view interval_key, std::int64_t otherwise) {
  const auto kinds = config.texts("layer_types");
  if (kinds.empty()) return config.integer_or(interval_key, 0, most_layers, otherwise);
  const auto full = std::count(kinds.begin(), kinds.end(), "full_attention");
  if (full == 0) return 0;
  // Lists repeat one full layer behind a number of others, and a last part may be cut short.
  return std::find(kinds.begin(), kinds.end(), "full_attention") - kinds.begin() + 1;
}

void require_ffn(const json_reader& config, const transformer& shape) {
  if (shape.ffn == 0) config.integer("intermediate_size", 1, widest);
}

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

transformer read_mixtral(const json_reader& config) {
  auto shape = read_decoder(config, 8);
  require_ffn(config, shape);
  shape.local.window = config.integer_or("sliding_window", 1, most_words, 0);
  shape.experts.experts = config.integer("num_local_experts", 1, most_heads);
  shape.experts.experts_per_token = config.integer("num_experts_per_tok", 1, shape.experts.experts);
  shape.experts.ffn = shape.ffn;
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

void read_qwen_experts(const json_reader& config, transformer& shape) {
  auto& experts = shape.experts;
  experts.experts = config.integer("num_experts", 1, most_heads);
  experts.experts_per_token = config.integer("num_experts_per_tok", 1, experts.experts);
  experts.ffn = config.integer("moe_intermediate_size", 1, widest);
  experts.every = config.integer_or("decoder_sparse_step", 1, most_layers, 1);
  experts.shared_ffn = config.integer_or("shared_expert_intermediate_size", 0, widest, 0);
  experts.shared_gate = experts.shared_ffn > 0;
  if (shape.ffn == 0) shape.ffn = experts.ffn;  // of dense layers, which these models do not have
}

transformer read_qwen3_moe(const json_reader& config) {
  auto shape = read_decoder(config, 0, 128);
  shape.query_key_norm = true;
  read_qwen_experts(config, shape);
  return shape;
}

// Qwen3-Next and Qwen3.5: three layers of linear attention, then one whose output is gated.
transformer read_qwen3_hybrid(const json_reader& config) {
  auto shape = read_decoder(config, 2, 256);
  shape.query_key_norm = true;
  shape.output_gate = config.flag_or("attn_output_gate", true);
  auto& linear = shape.linear;
  linear.value_heads = config.integer("linear_num_value_heads", 1, most_heads);
  linear.key_heads = config.integer("linear_num_key_heads", 1, most_heads);
  linear.key_dim = config.integer_or("linear_key_head_dim", 1, 65'536, 128);
  linear.value_dim = config.integer_or("linear_value_head_dim", 1, 65'536, 128);
  linear.kernel = config.integer_or("linear_conv_kernel_dim", 1, 1024, 4);
  linear.full_every = full_every(config, "full_attention_interval", 4);
  if (config.has("num_experts")) {
    read_qwen_experts(config, shape);
  } else {
    require_ffn(config, shape);
  }
  return shape;
}

transformer read_gpt_oss(const json_reader& config) {
  auto shape = read_decoder(config, 8, 64);
  require_ffn(config, shape);
  shape.projection_biases = shape.output_bias = config.flag_or("attention_bias", true);
  shape.sinks = true;
  shape.local.window = config.integer_or("sliding_window", 1, most_words, 128);
  shape.local.full_every = full_every(config, "full_attention_interval", 2);
  shape.experts.experts =
      config.integer(config.has("num_local_experts") ? "num_local_experts" : "num_experts", 1, most_heads);
  shape.experts.experts_per_token = config.integer(
      config.has("num_experts_per_tok") ? "num_experts_per_tok" : "experts_per_token", 1, shape.experts.experts);
  shape.experts.ffn = shape.ffn;
  shape.experts.biases = true;
  return shape;
}

void read_routed_experts(const json_reader& config, transformer& shape) {
  auto& experts = shape.experts;
  experts.experts = config.integer("n_routed_experts", 1, most_heads);
  experts.experts_per_token = config.integer("num_experts_per_tok", 1, experts.experts);
  experts.ffn = config.integer("moe_intermediate_size", 1, widest);
  experts.shared_ffn = experts.ffn * config.integer_or("n_shared_experts", 0, most_heads, 0);
  experts.first_dense_layers = config.integer_or("first_k_dense_replace", 0, shape.layers, 0);
  experts.every = config.integer_or("moe_layer_freq", 1, most_layers, 1);
}

// DeepSeek-V3 and its heirs: Kimi-K2, GLM-5.
transformer read_deepseek(const json_reader& config) {
  auto shape = read_decoder(config, 0, 1);
  require_ffn(config, shape);
  auto& latent = shape.latent;
  latent.kv_rank = config.integer("kv_lora_rank", 1, widest);
  latent.q_rank = config.integer_or("q_lora_rank", 0, widest, 0);
  latent.nope_dim = config.integer("qk_nope_head_dim", 1, 65'536);
  latent.rope_dim = config.integer("qk_rope_head_dim", 1, 65'536);
  latent.value_dim = config.integer("v_head_dim", 1, 65'536);
  latent.index_keys = config.integer_or("index_topk", 0, most_words, 0);
  if (latent.index_keys > 0) {
    latent.index_heads = config.integer("index_n_heads", 1, most_heads);
    latent.index_dim = config.integer("index_head_dim", 1, 65'536);
  }
  shape.head_dim = latent.query_dim();
  if (config.has("n_routed_experts")) read_routed_experts(config, shape);
  return shape;
}

transformer read_minimax_m2(const json_reader& config) {
  auto shape = read_decoder(config, 8, 128);
  require_ffn(config, shape);
  shape.wide_query_key_norm = config.flag_or("use_qk_norm", true);
  shape.experts.experts = config.integer("num_local_experts", 1, most_heads);
  shape.experts.experts_per_token = config.integer("num_experts_per_tok", 1, shape.experts.experts);
  shape.experts.ffn = shape.ffn;
  return shape;
}

transformer read_glm4_moe(const json_reader& config) {
  auto shape = read_decoder(config, 8, 128);
  require_ffn(config, shape);
  shape.output_bias = false;
  shape.query_key_norm = config.flag_or("use_qk_norm", false);
  read_routed_experts(config, shape);
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

transformer read_llama4(const json_reader& config) {
  auto shape = read_decoder(config, 8, 128);
  shape.local.window = config.integer_or("attention_chunk_size", 1, most_words, 8192);
  shape.local.chunked = true;
  shape.local.full_every = full_every(config, "no_rope_layer_interval", 4);
  auto& experts = shape.experts;
  experts.experts = config.integer("num_local_experts", 1, most_heads);
  experts.experts_per_token = config.integer_or("num_experts_per_tok", 1, experts.experts, 1);
  experts.ffn = config.integer("intermediate_size", 1, widest);
  experts.shared_ffn = experts.ffn;
  experts.every = config.integer_or("interleave_moe_layer_step", 1, most_layers, 1);
  shape.ffn = config.integer_or("intermediate_size_mlp", 1, widest, experts.ffn);
  return shape;
}

constexpr architecture known[] = {
    {"bert", read_bert},
    {"deepseek_v3", read_deepseek},
    {"deepseek_v32", read_deepseek},
    {"gemma3", read_gemma3},
    {"gemma3_text", read_gemma3},
    {"glm4_moe", read_glm4_moe},
    {"glm_moe_dsa", read_deepseek},
    {"gpt2", read_gpt2},
    {"gpt_oss", read_gpt_oss},
    {"kimi_k2", read_deepseek},
    {"kimi_k25", read_deepseek},
    {"llama", read_llama},
    {"llama4", read_llama4},
    {"llama4_text", read_llama4},
    {"minimax_m2", read_minimax_m2},
    {"mistral", read_mistral},
    {"mixtral", read_mixtral},
    {"opt", read_opt},
    {"qwen2", read_qwen2},
    {"qwen3", read_qwen3},
    {"qwen3_5", read_qwen3_hybrid},
    {"qwen3_5_moe", read_qwen3_hybrid},
    {"qwen3_5_moe_text", read_qwen3_hybrid},
    {"qwen3_5_text", read_qwen3_hybrid},
    {"qwen3_moe", read_qwen3_moe},
    {"qwen3_next", read_qwen3_hybrid},
};

}  // namespace

std::span<const architecture> architectures() {
  return known;
}

}  // namespace gpubench::profiles::detail
