#include "models/transformer_layer.hpp"

#include "models/transformer.hpp"

#include <gtest/gtest.h>

#include "tests/models/network_totals.hpp"

namespace gpubench::models {
namespace {

transformer_layer_shape llama_layer(std::int64_t batch, std::int64_t tokens, std::int64_t kv_len) {
  return {batch, tokens, kv_len, 4096, 32, 8, 128, 14336};
}

TEST(transformer_layer, has_a_thirty_second_of_the_models_parameters) {
  // The model has 2 x 128,256 x 4,096 embeddings and a last normalisation on top of its 32 layers.
  EXPECT_EQ(parameter_count(llama_layer(1, 1, 1)),
            (parameter_count(llama3_8b_shape) - 2 * 128256.0 * 4096 - 4096) / 32);
}

TEST(transformer_layer, multiplies_as_a_layer_of_the_model_does) {
  const auto model = transformer_forward(llama3_8b_shape, 2, 512, precision::bf16);
  const auto layer = transformer_layer_forward(llama_layer(2, 512, 512), precision::bf16);
  const double head = 2.0 * 1024 * 128256 * 4096;
  EXPECT_EQ(total_of(layer, "gemm").flop, (total_of(model, "gemm").flop - head) / 32);
  EXPECT_EQ(total_of(layer, "attention").flop, total_of(model, "attention").flop / 32);
  EXPECT_EQ(total_of(layer, "attention").bytes, total_of(model, "attention").bytes / 32);
}

TEST(transformer_layer, gates_with_five_flop_an_element_as_the_model_does) {
  const auto model = transformer_forward(llama3_8b_shape, 1, 10, precision::bf16);
  const auto layer = transformer_layer_forward(llama_layer(1, 10, 10), precision::bf16);
  EXPECT_EQ(total_of(layer, "streaming", "activation").flop, 5.0 * 10 * 14336);
  EXPECT_EQ(total_of(model, "streaming", "activation").flop, 32 * 5.0 * 10 * 14336);
}

TEST(transformer_layer, decoding_moves_each_weight_and_the_cache_once) {
  const auto s = llama_layer(1, 1, 1000);
  const auto work = total_work(transformer_layer_forward(s, precision::bf16));
  const double weights = 2 * parameter_count(s), cache = 2 * 2 * 1000 * 1024.0;
  EXPECT_GT(work.bytes, weights + cache);
  EXPECT_LT(work.bytes, 1.01 * (weights + cache));
}

TEST(transformer_layer, a_training_step_is_that_of_a_layer_of_the_model) {
  const auto one = [](std::int64_t layers) {
    transformer model = llama3_8b_shape;
    model.layers = layers;
    return transformer_forward_backward(model, 2, 512, precision::bf16, {});
  };
  // Two layers less one: without embedding and output head.
  const auto step = transformer_layer_training_step(llama_layer(2, 512, 512), precision::bf16);
  for (const char* kind : {"gemm", "attention"}) {
    EXPECT_EQ(total_of(step, kind).flop, total_of(one(2), kind).flop - total_of(one(1), kind).flop) << kind;
    EXPECT_EQ(total_of(step, kind).bytes, total_of(one(2), kind).bytes - total_of(one(1), kind).bytes) << kind;
  }
  for (const char* name :
       {"normalization backward", "residual backward", "rotary embedding backward", "activation backward"}) {
    EXPECT_EQ(total_of(step, "streaming", name).bytes,
              total_of(one(2), "streaming", name).bytes - total_of(one(1), "streaming", name).bytes)
        << name;
  }
}

TEST(transformer_layer, a_training_step_by_hand) {
  // One sequence of two tokens: hidden 4, two query heads and one key head of 2 features, ffn 6.
  const transformer_layer_shape s{1, 2, 2, 4, 2, 1, 2, 6};
  const auto step = transformer_layer_training_step(s, precision::bf16);
  const double weights = 8 * 4 + 4 * 4 + 12 * 4 + 4 * 6;
  EXPECT_EQ(total_of(step, "gemm").flop, 3 * 2 * 2 * weights);
  // Three pairs of a query and a key that it sees, for each of two heads; four FLOP a feature, and 2.5 times as many.
  EXPECT_EQ(total_of(step, "attention").flop, 3.5 * 4 * 2 * 3 * 2);
  EXPECT_EQ(total_of(step, "streaming", "optimizer").bytes, 28 * (weights + 2 * 4));
  EXPECT_EQ(total_of(step, "streaming", "activation backward").bytes, 5 * 2 * 2 * 6.0);
}

TEST(transformer_layer, streams_count_their_storage) {
  const auto s = llama_layer(1, 10, 10);
  EXPECT_EQ(total_of(transformer_layer_forward(s, precision::bf16), "streaming", "residual").bytes,
            2 * 3 * 2 * 10 * 4096.0);
  EXPECT_EQ(total_of(transformer_layer_forward(s, precision::fp32), "streaming", "residual").bytes,
            2 * 3 * 4 * 10 * 4096.0);
}

}  // namespace
}  // namespace gpubench::models
