#include "profiles/detail/huggingface_decoder.hpp"

namespace gpubench::profiles::detail {

using models::transformer;

transformer read_mixtral(const json_reader& config) {
  auto shape = read_decoder(config, 8);
  require_ffn(config, shape);
  shape.local.window = config.integer_or("sliding_window", 1, most_words, 0);
  shape.experts.experts = config.integer("num_local_experts", 1, most_heads);
  shape.experts.experts_per_token = config.integer("num_experts_per_tok", 1, shape.experts.experts);
  shape.experts.ffn = shape.ffn;
  return shape;
}

namespace {

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

}  // namespace

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

namespace {

void read_routed_experts(const json_reader& config, transformer& shape) {
  auto& experts = shape.experts;
  experts.experts = config.integer("n_routed_experts", 1, most_heads);
  experts.experts_per_token = config.integer("num_experts_per_tok", 1, experts.experts);
  experts.ffn = config.integer("moe_intermediate_size", 1, widest);
  experts.shared_ffn = experts.ffn * config.integer_or("n_shared_experts", 0, most_heads, 0);
  experts.first_dense_layers = config.integer_or("first_k_dense_replace", 0, shape.layers, 0);
  experts.every = config.integer_or("moe_layer_freq", 1, most_layers, 1);
}

}  // namespace

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

}  // namespace gpubench::profiles::detail
