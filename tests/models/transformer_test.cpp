#include "models/transformer.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include "tests/models/network_totals.hpp"

namespace gpubench::models {
namespace {

// The models' own configuration files.
transformer llama3_8b() {
  return {32, 4096, 32, 8, 128, 14336, true, 128256};
}
transformer llama3_70b() {
  return {80, 8192, 64, 8, 128, 28672, true, 128256};
}
transformer bert_large() {
  return {24, 1024, 16, 16, 64, 4096, false, 30522, 512, true, false, true, true};
}

double gemm_flop(const std::vector<network_operator>& operators) {
  return total_of(operators, "gemm").flop;
}

TEST(parameter_count, is_as_published) {
  EXPECT_EQ(parameter_count(llama3_8b()), 8030261248);
  EXPECT_EQ(parameter_count(llama3_70b()), 70553706496);
  // Encoder, embeddings and pooler are 335,141,888; the two pretraining heads add 1,084,220.
  EXPECT_EQ(parameter_count(bert_large()), 336226108);
}

TEST(matrix_parameter_count, leaves_out_the_embedding) {
  // Without 128,256 x 4,096 embeddings and 65 normalisations of 4,096.
  EXPECT_EQ(matrix_parameter_count(llama3_8b()), 8030261248 - 525336576.0 - 65 * 4096);
  // 24 layers of 12 h^2, the tied output head and the transform before it.
  EXPECT_EQ(matrix_parameter_count(bert_large()), 24 * 12 * 1048576.0 + 30522 * 1024.0 + 1048576);
}

TEST(kv_bytes_per_token, counts_key_value_heads) {
  EXPECT_EQ(kv_bytes_per_token(llama3_8b(), precision::bf16), 131072);
  EXPECT_EQ(kv_bytes_per_token(llama3_70b(), precision::fp8), 163840);
}

TEST(transformer_forward, multiplies_every_matrix_parameter_once_a_token) {
  for (const auto& model : {llama3_8b(), llama3_70b(), bert_large()})
    EXPECT_EQ(gemm_flop(transformer_forward(model, 3, 128, precision::bf16)),
              2 * matrix_parameter_count(model) * 3 * 128);
}

TEST(transformer_forward, attends_the_causal_triangle) {
  const auto llama = transformer_forward(llama3_8b(), 2, 512, precision::bf16);
  EXPECT_EQ(total_of(llama, "attention").flop, 32.0 * 2 * 4 * 32 * (512 * 513 / 2) * 128);
  EXPECT_EQ(total_of(llama, "attention").bytes, 32.0 * 2 * 2 * (2 * 32 + 2 * 8) * 512 * 128);
  const auto bert = transformer_forward(bert_large(), 1, 512, precision::bf16);
  EXPECT_EQ(total_of(bert, "attention").flop, 24.0 * 4 * 16 * 512 * 512 * 64);
}

TEST(transformer_forward, needs_the_head_for_the_last_position_only_in_prefill) {
  const auto all = transformer_forward(llama3_8b(), 2, 100, precision::bf16);
  const auto last = transformer_forward(llama3_8b(), 2, 100, precision::bf16, 1, false);
  EXPECT_EQ(gemm_flop(all) - gemm_flop(last), 2 * 525336576.0 * 2 * 99);
}

TEST(transformer_forward, shares_its_work_among_tensor_parallel_devices) {
  for (const std::int64_t devices : {2, 4, 8}) {
    const auto whole = transformer_forward(llama3_70b(), 1, 256, precision::bf16);
    const auto share = transformer_forward(llama3_70b(), 1, 256, precision::bf16, devices);
    EXPECT_EQ(static_cast<double>(devices) * gemm_flop(share), gemm_flop(whole)) << devices;
    EXPECT_EQ(static_cast<double>(devices) * total_of(share, "attention").flop, total_of(whole, "attention").flop);
  }
}

TEST(transformer_forward, replicates_key_value_heads_that_are_too_few) {
  const auto share = transformer_forward(llama3_70b(), 1, 256, precision::bf16, 16);
  EXPECT_EQ(total_of(share, "", "qkv projection").flop, 80 * 2.0 * 256 * 8192 * (4 + 2 * 1) * 128);
  EXPECT_EQ(total_of(share, "attention").bytes, 80 * 2.0 * (2 * 4 + 2 * 1) * 256 * 128);
}

TEST(transformer_decode_step, reads_every_weight_and_the_cache) {
  const auto step = transformer_decode_step(llama3_8b(), 1, 1000, precision::bf16);
  // Inputs and outputs of each product for one token: small beside the weights.
  const double vectors = 32 * ((4096 + 6144) + (4096 + 4096) + (4096 + 28672) + (14336 + 4096)) + 4096 + 128256;
  EXPECT_EQ(total_of(step, "gemm").bytes, 2 * (matrix_parameter_count(llama3_8b()) + vectors));
  EXPECT_EQ(total_of(step, "attention").bytes, 1000 * 131072.0 + 32 * 2 * 32 * 128 * 2);
  EXPECT_EQ(gemm_flop(step), 2 * matrix_parameter_count(llama3_8b()));
}

TEST(transformer_decode_step, keeps_the_cache_in_16_bits_under_narrow_weights) {
  const auto wide = transformer_decode_step(llama3_8b(), 4, 1000, precision::bf16);
  const auto narrow = transformer_decode_step(llama3_8b(), 4, 1000, precision::fp8);
  EXPECT_EQ(total_of(wide, "attention").bytes, total_of(narrow, "attention").bytes);
  // Weights and inputs halve; the products stay 16 bits wide: 6144 + 4096 + 28,672 + 4096 a token and layer, 128,256.
  const double written = 2 * 4 * (32 * 43008 + 128256);
  EXPECT_EQ(total_of(wide, "gemm").bytes - written, 2 * (total_of(narrow, "gemm").bytes - written));
  EXPECT_EQ(activation_precision(precision::fp8), precision::bf16);
  EXPECT_EQ(activation_precision(precision::fp32), precision::fp32);
}

TEST(transformer_forward_backward, is_six_n_d_and_attention) {
  for (const auto& model : {llama3_8b(), bert_large()}) {
    const auto step = transformer_forward_backward(model, 2, 128, precision::bf16, {});
    const double six_n_d = 6 * matrix_parameter_count(model) * 2 * 128;
    EXPECT_EQ(gemm_flop(step), six_n_d);
    EXPECT_NEAR(total_of(step).flop, six_n_d, 0.05 * six_n_d);
    const double forward = total_of(transformer_forward(model, 2, 128, precision::bf16), "attention").flop;
    EXPECT_EQ(total_of(step, "attention").flop, 3.5 * forward);
  }
}

TEST(transformer_forward_backward, recomputes_the_layers_but_not_the_head) {
  const auto model = llama3_8b();
  const auto plain = transformer_forward_backward(model, 1, 128, precision::bf16, {});
  const auto again = transformer_forward_backward(model, 1, 128, precision::bf16, {false, 16, true});
  EXPECT_EQ(gemm_flop(again) - gemm_flop(plain), 2 * (matrix_parameter_count(model) - 525336576.0) * 128);
}

TEST(transformer_forward_backward, under_lora_needs_no_gradient_of_frozen_weights) {
  const auto model = llama3_8b();
  const training_method lora{true, 16, false};
  const auto step = transformer_forward_backward(model, 1, 128, precision::bf16, lora);
  EXPECT_EQ(gemm_flop(step), (4 * matrix_parameter_count(model) + 6 * trainable_parameters(model, lora)) * 128);
}

// Rank 16 beside q (4096 x 4096), k and v (4096 x 1024), o, and three matrices of 4096 x 14336, in 32 layers.
TEST(trainable_parameters, of_lora_are_counted_by_hand) {
  const double layer = 16.0 * (2 * (4096 + 4096) + 2 * (4096 + 1024) + 3 * (4096 + 14336));
  EXPECT_EQ(trainable_parameters(llama3_8b(), {true, 16, false}), 32 * layer);
  EXPECT_EQ(32 * layer, 41943040);
  EXPECT_EQ(trainable_parameters(llama3_8b(), {true, 64, false}), 4 * 41943040.0);
  EXPECT_EQ(trainable_parameters(llama3_8b(), {}), parameter_count(llama3_8b()));
}

TEST(adam_step, moves_28_bytes_a_parameter) {
  const auto op = adam_step(1000);
  EXPECT_EQ(work_of(op.shape, op.precision).bytes, 28000);
}

// Korthikanti et al., table 2: 34 s b h a layer, or s b h (10 + 24/t), without the scores; section 4.3 for the ends.
TEST(activation_bytes, follow_the_published_formula) {
  transformer gpt{48, 1024, 16, 16, 64, 4096, false, 50000, 1024, true, true, true, false};
  const double sbh = 512.0 * 4 * 1024, tokens = 512.0 * 4;
  const double ends = 5 * sbh + 4 * tokens * 50000;
  EXPECT_EQ(activation_bytes(gpt, 4, 512, {}), 48 * 34 * sbh + ends);
  EXPECT_EQ(activation_bytes(gpt, 4, 512, {}, 8), 48 * 13 * sbh + 5 * sbh + 4 * tokens * 6250);
  EXPECT_EQ(activation_bytes(gpt, 4, 512, {false, 16, true}), 48 * 2 * sbh + 34 * sbh + ends);
}

TEST(activation_bytes, of_a_gated_grouped_query_layer_by_hand) {
  // h * 8, queries and output 2 * 2 * 4096, keys and values 4 * 1024, four tensors of 14,336 at 2 bytes.
  const double layer = 8 * 4096 + 4 * 4096 + 4 * 1024 + 8 * 14336;
  EXPECT_EQ(activation_bytes(llama3_8b(), 1, 100, {}), 100 * (32 * layer + 4 * 4096 + 4.0 * 128256));
}

TEST(transformer, refuses_impossible_sizes) {
  auto model = llama3_8b();
  EXPECT_THROW(transformer_forward(model, 0, 128, precision::bf16), error);
  EXPECT_THROW(transformer_forward(model, 1, -1, precision::bf16), error);
  EXPECT_THROW(transformer_forward(model, 1, 128, precision::bf16, 0), error);
  EXPECT_THROW(transformer_forward(model, 1, 128, precision::bf16, 33), error);
  EXPECT_THROW(trainable_parameters(model, {true, 0, false}), error);
  EXPECT_THROW(transformer_decode_step(bert_large(), 1, 128, precision::bf16), error);
  model.kv_heads = 64;
  EXPECT_THROW(parameter_count(model), error);
  model = llama3_8b();
  model.hidden = 0;
  EXPECT_THROW(parameter_count(model), error);
  model = llama3_8b();
  model.positions = -1;
  EXPECT_THROW(parameter_count(model), error);
}

}  // namespace
}  // namespace gpubench::models
