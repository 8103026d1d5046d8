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

TEST(transformer_layer, streams_count_their_storage) {
  const auto s = llama_layer(1, 10, 10);
  EXPECT_EQ(total_of(transformer_layer_forward(s, precision::bf16), "streaming", "residual").bytes,
            2 * 3 * 2 * 10 * 4096.0);
  EXPECT_EQ(total_of(transformer_layer_forward(s, precision::fp32), "streaming", "residual").bytes,
            2 * 3 * 4 * 10 * 4096.0);
}

}  // namespace
}  // namespace gpubench::models
