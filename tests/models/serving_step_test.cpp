#include "models/serving_step.hpp"

#include "core/error.hpp"
#include "models/communication.hpp"
#include "models/mixture_of_experts.hpp"

#include <gtest/gtest.h>

#include "tests/models/network_totals.hpp"

namespace gpubench::models {
namespace {

serving_step decode(const transformer& model, std::int64_t sequences, std::int64_t kv_len) {
  serving_step step;
  step.model = model;
  step.sequences = sequences;
  step.kv_len = kv_len;
  return step;
}

serving_step prefill(const transformer& model, std::int64_t tokens) {
  auto step = decode(model, 1, tokens);
  step.tokens = tokens;
  return step;
}

transformer mixture() {
  auto model = llama3_8b_shape;
  model.layers = 4;
  model.experts = {.experts = 8, .experts_per_token = 2, .ffn = 1024, .first_dense_layers = 1};
  return model;
}

// DeepSeek-V3's attention (arXiv 2412.19437, section 4.2) in two dense layers.
transformer latent() {
  transformer model{.layers = 2, .hidden = 7168, .heads = 128, .kv_heads = 128, .head_dim = 192, .ffn = 18432};
  model.gated_ffn = true;
  model.vocabulary = 129280;
  model.latent = {.kv_rank = 512, .q_rank = 1536, .nope_dim = 128, .rope_dim = 64, .value_dim = 128};
  return model;
}

const network_operator& named(const std::vector<network_operator>& operators, std::string_view name) {
  for (const auto& op : operators)
    if (op.name == name) return op;
  throw std::runtime_error("no operator " + std::string(name));
}

TEST(serving_step, reads_every_matrix_once_a_decode_step) {
  const auto step = serving_operators(decode(llama3_8b_shape, 1, 1));
  const double weights = total_of(step, "gemm").bytes;
  EXPECT_NEAR(weights, 2 * matrix_parameter_count(llama3_8b_shape), 0.001 * weights);
  EXPECT_EQ(total_of(step, "gemm").flop, 2 * matrix_parameter_count(llama3_8b_shape));
}

TEST(serving_step, reads_the_cache_once_a_decode_step) {
  const auto step = serving_operators(decode(llama3_8b_shape, 4, 1000));
  const double queries = 32 * 4 * 2 * 32 * 128 * 2;  // and outputs
  EXPECT_EQ(total_of(step, "attention").bytes,
            4 * 1000 * kv_bytes_per_token(llama3_8b_shape, precision::bf16) + queries);
}

TEST(serving_step, is_a_dozen_kernels_a_layer) {
  const auto step = serving_operators(decode(llama3_8b_shape, 1, 1));
  double launches = 0;
  for (const auto& op : step) launches += op.count;
  // Two norms, qkv, rotation, cache, attention, output; gate and up, activation, down. Embedding, norm, head, sampling.
  EXPECT_EQ(launches, 32 * 10 + 4);
}

TEST(serving_step, splits_over_tensor_parallel_devices) {
  auto step = prefill(llama3_8b_shape, 512);
  const double whole = total_of(serving_operators(step), "gemm").flop;
  step.layout.tensor = 8;
  EXPECT_EQ(total_of(serving_operators(step), "gemm").flop, whole / 8);
}

TEST(serving_step, stores_weights_narrow) {
  auto step = decode(llama3_8b_shape, 1, 1);
  step.model.matrices.type = precision::fp8;
  const auto fast = named(serving_operators(step), "qkv projection");
  EXPECT_EQ(fast.precision, precision::fp8);
  step.narrow_arithmetic = false;
  const auto widened = named(serving_operators(step), "qkv projection");
  EXPECT_EQ(widened.precision, precision::bf16);
  EXPECT_EQ(std::get<gemm>(widened.shape).weights, precision::fp8);
  EXPECT_EQ(named(serving_operators(step), "output head").precision, precision::bf16);
}

TEST(serving_step, sends_tokens_to_their_experts) {
  const auto step = serving_operators(decode(mixture(), 1, 10));
  const auto up = named(step, "expert gate and up projection");
  EXPECT_EQ(std::get<gemm>(up.shape), (gemm{1, 2048, 4096, 2, precision::bf16}));
  EXPECT_EQ(up.count, 3);
  EXPECT_EQ(named(step, "gate and up projection").count, 1);  // of the first, dense layer
  EXPECT_EQ(std::get<gemm>(named(step, "router").shape), (gemm{1, 8, 4096, 1, precision::bf16}));
}

TEST(serving_step, splits_experts_over_groups_and_width) {
  auto step = prefill(mixture(), 4096);
  step.layout.tensor = 4;
  step.layout.expert_parallel = 2;
  // Half of the experts, each of half the width, and every token.
  EXPECT_EQ(std::get<gemm>(named(serving_operators(step), "expert gate and up projection").shape),
            (gemm{1024, 1024, 4096, 4, precision::bf16}));
}

TEST(serving_step, attends_different_sequences_under_attention_data_parallelism) {
  auto step = decode(mixture(), 64, 100);
  step.layout.attention_data = 4;
  step.layout.expert_parallel = 4;
  const auto operators = serving_operators(step);
  EXPECT_EQ(std::get<attention>(named(operators, "attention").shape).batch, 16);
  EXPECT_EQ(std::get<gemm>(named(operators, "expert down projection").shape),
            (gemm{16, 4096, 1024, 2, precision::bf16}));  // 64 x 2 rows on 8 experts, 2 of them here
}

TEST(serving_step, keeps_latents_absorbed_for_decode) {
  const auto step = serving_operators(decode(latent(), 8, 1000));
  const auto scores = std::get<attention>(named(step, "latent attention").shape);
  EXPECT_EQ(scores, (attention{8, 1, 1000, 128, 1, 576, true, false, 0, 512, true}));
  EXPECT_EQ(std::get<gemm>(named(step, "absorbed key projection").shape), (gemm{8, 512, 128, 128, precision::bf16}));
  EXPECT_EQ(kv_bytes_per_token(latent(), precision::bf16), 2 * 576 * 2);
}

TEST(serving_step, multiplies_latents_out_for_prefill) {
  const auto step = serving_operators(prefill(latent(), 1000));
  EXPECT_EQ(std::get<attention>(named(step, "attention").shape),
            (attention{1, 1000, 1000, 128, 128, 192, true, false, 0, 128}));
  EXPECT_EQ(std::get<gemm>(named(step, "key and value projection").shape),
            (gemm{1000, 32768, 512, 1, precision::bf16}));
}

TEST(serving_step, sees_windows_and_chunks) {
  auto model = llama3_8b_shape;
  model.local = {.window = 128, .full_every = 2};
  const auto windows = serving_operators(decode(model, 1, 1000));
  EXPECT_EQ(named(windows, "attention").count, 16);
  EXPECT_EQ(std::get<attention>(named(windows, "window attention").shape).window, 128);
  EXPECT_EQ(kv_bytes(model, 1000, precision::bf16), 16 * (1000 + 128) * 2 * 8 * 128 * 2.0);

  model.local = {.window = 100, .full_every = 4, .chunked = true};
  const auto chunks = serving_operators(prefill(model, 250));
  EXPECT_EQ(named(chunks, "chunked attention").count, 24);
  EXPECT_EQ(std::get<attention>(named(chunks, "chunked attention").shape).batch, 2);
  EXPECT_EQ(std::get<attention>(named(serving_operators(decode(model, 1, 250)), "chunked attention").shape).kv_len, 50);
}

TEST(serving_step, keeps_a_state_where_attention_is_linear) {
  auto model = llama3_8b_shape;
  model.linear = {.value_heads = 32, .key_heads = 16, .key_dim = 128, .value_dim = 128};
  const auto step = serving_operators(decode(model, 3, 1000));
  EXPECT_EQ(named(step, "attention").count, 8);
  EXPECT_EQ(named(step, "delta rule").count, 24);
  const double state = 32 * 128 * 128;
  EXPECT_GE(work_of(named(step, "delta rule").shape, precision::bf16).bytes, 3 * state * 8);
  EXPECT_EQ(kv_bytes_per_token(model, precision::bf16), 8 * 2 * 8 * 128 * 2);
}

TEST(serving_step, of_pipeline_stages_adds_up_to_the_model) {
  auto step = prefill(llama3_8b_shape, 64);
  const double whole = total_of(serving_operators(step), "gemm").flop;
  step.layout.pipeline_stages = 3;
  double parts = 0;
  for (step.layout.pipeline_stage = 0; step.layout.pipeline_stage < 3; ++step.layout.pipeline_stage)
    parts += total_of(serving_operators(step), "gemm").flop;
  EXPECT_EQ(parts, whole);
}

TEST(serving_step, weighs_what_a_device_holds) {
  auto step = decode(llama3_8b_shape, 1, 1);
  EXPECT_EQ(device_weight_bytes(step), 2 * parameter_count(llama3_8b_shape));
  step.layout.tensor = 2;
  EXPECT_EQ(device_weight_bytes(step), parameter_count(llama3_8b_shape));
  step = decode(mixture(), 1, 1);
  step.model.expert_weights = {precision::fp4, 1.0 / 32};
  const double experts = 3.0 * 8 * 3 * 4096 * 1024;
  EXPECT_DOUBLE_EQ(device_weight_bytes(step), 2 * (parameter_count(step.model) - experts) + experts * (0.5 + 1.0 / 32));
}

TEST(serving_step, sums_blocks_over_its_group) {
  auto step = decode(llama3_8b_shape, 4, 100);
  EXPECT_TRUE(communications(step).empty());
  step.layout.tensor = 8;
  const auto sums = communications(step);
  ASSERT_EQ(sums.size(), 3U);
  EXPECT_EQ(sums[0].count, 64);
  EXPECT_EQ(sums[0].bytes, 4 * 4096 * 2);
  EXPECT_EQ(sums[2].what, communication::kind::all_gather);
}

TEST(serving_step, refuses_impossible_layouts) {
  const auto refused = [](auto change) {
    auto step = decode(mixture(), 1, 10);
    change(step);
    EXPECT_THROW(serving_operators(step), error);
  };
  refused([](serving_step& s) { s.tokens = 11; });
  refused([](serving_step& s) { s.layout.expert_parallel = 3; });
  refused([](serving_step& s) { s.layout.tensor = 64; });
  refused([](serving_step& s) { s.layout.pipeline_stages = 5; });
  refused([](serving_step& s) { s.layout.pipeline_stage = 1; });
  refused([](serving_step& s) { s.model.experts.experts_per_token = 9; });
  refused([](serving_step& s) { s.model.causal = false; });
}

TEST(training_communication, sums_gradients_in_buckets) {
  network_request r;
  r.shape = llama3_8b_shape;
  r.phase = phase::forward_backward;
  r.sequence = 16;
  const auto sums = communications(r, 4);
  ASSERT_EQ(sums.size(), 1U);
  EXPECT_EQ(sums[0].ranks, 4);
  EXPECT_NEAR(sums[0].bytes * sums[0].count, 4 * (parameter_count(r.shape) - 128256.0 * 4096), 1e3);
}

}  // namespace
}  // namespace gpubench::models
