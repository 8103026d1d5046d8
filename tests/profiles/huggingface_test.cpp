#include "profiles/huggingface.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/profiles/data_directory.hpp"

namespace gpubench::profiles {
namespace {

using models::activation_function;
using models::precision;
using models::transformer_family;
using testing::HasSubstr;

json small(const std::string& type) {
  return {{"model_type", type},       {"hidden_size", 64},        {"num_hidden_layers", 4},
          {"num_attention_heads", 4}, {"num_key_value_heads", 2}, {"intermediate_size", 256},
          {"vocab_size", 1000},       {"num_experts_per_tok", 2}, {"max_position_embeddings", 128}};
}

models::transformer read(const json& config) {
  return read_huggingface_config(config, "config.json");
}

void expect_refused(const json& config, const std::string& what, const std::string& hint = {}) {
  try {
    read(config);
    FAIL() << "not refused: " << config.dump();
  } catch (const error& refused) {
    EXPECT_EQ(refused.kind(), error_kind::input);
    EXPECT_EQ(refused.where().file, "config.json");
    EXPECT_THAT(refused.what(), HasSubstr(what));
    EXPECT_THAT(refused.hint(), HasSubstr(hint));
  }
}

TEST(huggingface, reads_bert) {
  const auto shape = read(small("bert"));
  EXPECT_EQ(shape.family, transformer_family::bert);
  EXPECT_EQ(shape.head_dim, 16);
  EXPECT_EQ(shape.positions, 128);
  EXPECT_FALSE(shape.causal);
  EXPECT_TRUE(shape.biases && shape.tied_embeddings && shape.pretraining_head);
}

TEST(huggingface, reads_gpt2_in_its_own_keys) {
  const auto shape = read({{"model_type", "gpt2"},
                           {"n_embd", 768},
                           {"n_layer", 12},
                           {"n_head", 12},
                           {"n_inner", nullptr},
                           {"vocab_size", 50257},
                           {"n_positions", 1024}});
  EXPECT_EQ(shape.ffn, 3072);
  EXPECT_EQ(shape.activation, activation_function::gelu_tanh);
  EXPECT_EQ(models::parameter_count(shape), 124439808);  // as published
}

TEST(huggingface, reads_opt_with_narrow_embeddings) {
  auto config = small("opt");
  config["ffn_dim"] = 256;
  config["word_embed_proj_dim"] = 32;
  const auto shape = read(config);
  EXPECT_EQ(shape.embedding_width, 32);
  EXPECT_EQ(shape.activation, activation_function::relu);
}

TEST(huggingface, reads_llama_and_its_heirs) {
  EXPECT_TRUE(read(small("llama")).gated_ffn);
  EXPECT_EQ(read(small("llama")).kv_heads, 2);
  EXPECT_TRUE(read(small("qwen2")).projection_biases);
  EXPECT_FALSE(read(small("qwen2")).output_bias);
  EXPECT_TRUE(read(small("qwen3")).query_key_norm);
  EXPECT_EQ(read(small("qwen3")).head_dim, 128);
  EXPECT_EQ(read(small("mistral")).local.window, 4096);
  auto mistral = small("mistral");
  mistral["sliding_window"] = nullptr;
  EXPECT_EQ(read(mistral).local.window, 0);
}

TEST(huggingface, reads_mixtures) {
  auto config = small("mixtral");
  config["num_local_experts"] = 8;
  EXPECT_EQ(read(config).experts, (models::expert_mixture{8, 2, 256}));
  config = small("qwen3_moe");
  config["num_experts"] = 16;
  config["moe_intermediate_size"] = 32;
  EXPECT_EQ(read(config).experts.ffn, 32);
  config = small("gpt_oss");
  config["num_local_experts"] = 32;
  config["layer_types"] = {"sliding_attention", "full_attention", "sliding_attention", "full_attention"};
  EXPECT_EQ(read(config).local, (models::local_attention{128, 2, false}));
  EXPECT_TRUE(read(config).experts.biases);
}

TEST(huggingface, reads_latent_attention) {
  auto config = small("deepseek_v3");
  config.update({{"kv_lora_rank", 16},
                 {"q_lora_rank", nullptr},
                 {"qk_nope_head_dim", 8},
                 {"qk_rope_head_dim", 4},
                 {"v_head_dim", 8},
                 {"n_routed_experts", 8},
                 {"moe_intermediate_size", 32},
                 {"n_shared_experts", 2},
                 {"first_k_dense_replace", 1}});
  const auto shape = read(config);
  EXPECT_EQ(shape.latent.q_rank, 0);
  EXPECT_EQ(shape.head_dim, 12);
  EXPECT_EQ(shape.experts.shared_ffn, 64);
  EXPECT_EQ(shape.experts.first_dense_layers, 1);
  EXPECT_EQ(models::kv_bytes_per_token(shape, precision::bf16), 4 * 20 * 2);
}

TEST(huggingface, reads_the_text_part_of_models_that_see) {
  json config{{"model_type", "gemma3"}, {"vision_config", json::object()}};
  config["text_config"] = {{"model_type", "gemma3_text"},
                           {"hidden_size", 2560},
                           {"intermediate_size", 10240},
                           {"num_hidden_layers", 34},
                           {"sliding_window", 1024}};
  const auto shape = read(config);
  EXPECT_EQ(shape.heads, 8);  // what published configurations leave out
  EXPECT_EQ(shape.head_dim, 256);
  EXPECT_EQ(shape.local, (models::local_attention{1024, 6, false}));
  EXPECT_EQ(shape.norms_per_layer, 4);
  EXPECT_TRUE(shape.tied_embeddings);
}

TEST(huggingface, reads_chunks_and_interleaved_mixtures) {
  auto config = small("llama4_text");
  config.update({{"num_local_experts", 8}, {"interleave_moe_layer_step", 2}, {"intermediate_size_mlp", 512}});
  const auto shape = read(config);
  EXPECT_EQ(shape.local, (models::local_attention{8192, 4, true}));
  EXPECT_EQ(shape.experts.every, 2);
  EXPECT_EQ(shape.experts.shared_ffn, 256);
  EXPECT_EQ(shape.ffn, 512);
}

TEST(huggingface, reads_how_weights_are_stored) {
  auto config = small("llama");
  config["quantization_config"] = {{"quant_method", "fp8"}, {"weight_block_size", {128, 128}}};
  EXPECT_EQ(read(config).matrices.type, precision::fp8);
  EXPECT_EQ(read(config).matrices.bytes(precision::bf16), 1 + 4.0 / 16384);
  config["quantization_config"] = {{"quant_method", "gptq"}, {"bits", 4}, {"group_size", 128}};
  EXPECT_EQ(read(config).matrices.bytes(precision::bf16), 0.5 + 2.0 / 128);
  config["quantization_config"] = {{"quant_method", "mxfp4"}};
  EXPECT_FALSE(read(config).matrices.type);
  EXPECT_EQ(read(config).expert_weights.bytes(precision::bf16), 0.5 + 1.0 / 32);
  config["quantization_config"] = {{"quant_method", "mxfp5"}};
  expect_refused(config, "quantization_config.quant_method", "mxfp4");
}

TEST(huggingface, refuses_what_it_does_not_know) {
  expect_refused({{"hidden_size", 64}}, "model_type: missing");
  expect_refused({{"model_type", "llama5"}}, "'llama5' is not known", "llama");
  expect_refused({{"model_type", "zzzzzzzz"}}, "not known", "mixtral");
  expect_refused(json::array(), "not a JSON object");
}

TEST(huggingface, names_missing_and_impossible_values) {
  auto config = small("llama");
  config.erase("num_hidden_layers");
  config["num_hidden_layer"] = 4;
  expect_refused(config, "num_hidden_layers: missing", "num_hidden_layer");

  const auto refused = [](const char* key, const json& value, const std::string& what) {
    auto wrong = small("llama");
    wrong[key] = value;
    expect_refused(wrong, std::string(key) + ": " + what);
  };
  refused("hidden_size", -1, "-1 is impossible");
  refused("hidden_size", 1e30, "");
  refused("hidden_size", "64", "\"64\" is not a whole number");
  refused("hidden_size", 18446744073709551615U, "");
  refused("num_key_value_heads", 3, "4 heads cannot share 3");
  refused("tie_word_embeddings", 1, "1 is neither true nor false");
  refused("hidden_act", "tanhh", "activation 'tanhh' is not known");
  refused("vocab_size", 0, "0 is impossible");
  refused("intermediate_size", nullptr, "missing");
}

TEST(huggingface, reads_a_directory) {
  const temporary_folder folder;
  folder.write("config.json", small("llama").dump());
  EXPECT_EQ(load_huggingface_config(folder.path()), read(small("llama")));
  EXPECT_THROW(load_huggingface_config(folder.path() / "none.json"), error);
}

}  // namespace
}  // namespace gpubench::profiles
