#include "reference/transformer.hpp"

#include "bench/host/transformer_layer.hpp"
#include "bench/host/transformer_loops.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "host_case.hpp"

namespace gpubench::bench::host {
namespace {

using testing_support::definition_of;
using testing_support::machine_with;

results::parameters small(const char* length_name, std::int64_t batch, std::int64_t length) {
  return {{"batch", batch}, {length_name, length}, {"hidden", 48}, {"heads", 6},
          {"kv_heads", 2},  {"head_dim", 8},       {"ffn", 80}};
}

double worst_token(transformer_layer& layer) {
  layer.run();
  const auto& s = layer.shape();
  double worst = 0;
  for (std::int64_t row = 0; row < s.rows(); ++row) {
    const float* first = layer.output().data() + row * s.hidden;
    const std::vector<double> actual(first, first + s.hidden);
    worst = std::max(worst, relative_deviation(
                                actual, reference::transformer_token(layer.sequence(row / s.tokens), row % s.tokens)));
  }
  return worst;
}

TEST(transformer_layer, every_token_of_a_prefill_agrees_with_the_second_implementation) {
  if (const auto reason = openblas_unavailable()) GTEST_SKIP() << *reason;
  transformer_layer layer(transformer_layer_of(small("length", 2, 9)), 2);
  EXPECT_LT(worst_token(layer), 1e-5);
}

TEST(transformer_layer, decode_agrees_with_the_second_implementation_for_one_and_many_sequences) {
  if (const auto reason = openblas_unavailable()) GTEST_SKIP() << *reason;
  for (const std::int64_t batch : {1, 3}) {
    transformer_layer layer(transformer_layer_of(small("kv_len", batch, 11)), 2);
    EXPECT_LT(worst_token(layer), 1e-5) << batch;
  }
}

TEST(transformer_layer, a_token_does_not_see_those_after_it) {
  if (const auto reason = openblas_unavailable()) GTEST_SKIP() << *reason;
  transformer_layer five(transformer_layer_of(small("length", 1, 5)), 2);
  transformer_layer nine(transformer_layer_of(small("length", 1, 9)), 2);
  five.run();
  nine.run();
  // Inputs depend on their index alone, so the first five tokens are the same.
  for (std::size_t i = 0; i < five.output().size(); ++i) {
    EXPECT_NEAR(five.output()[i], nine.output()[i], 1e-5F) << i;
  }
}

TEST(transformer_layer, work_is_two_flop_a_weight_and_token_and_four_a_score) {
  const auto work = definition_of("transformer_layer_decode_fp32").work(small("kv_len", 1, 10));
  const double weights = 48 * (48 + 2 * 16) + 48 * 48 + 3 * 48 * 80;
  const double attention = 4.0 * 6 * 10 * 8;
  EXPECT_NEAR(*work.flop, 2 * weights + attention, 0.1 * weights);
  EXPECT_GE(*work.flop, 2 * weights + attention);
  EXPECT_GE(*work.bytes, 4 * (weights + 2 * 10 * 16));
  EXPECT_EQ(work.items, 1);
  EXPECT_EQ(definition_of("transformer_layer_prefill_fp32").work(small("length", 2, 9)).items, 18);
}

TEST(transformer_layer, a_layer_that_does_not_fit_memory_is_refused) {
  const auto definition = definition_of("transformer_layer_decode_fp32");
  auto shape = small("kv_len", 1, 10);
  shape[2].second = std::int64_t{40'000'000};
  EXPECT_TRUE(definition.unavailable(shape, machine_with({}).view()).has_value());
}

TEST(transformer_loops, by_hand) {
  const float x[] = {3, 4}, ones[] = {1, 1};
  float y[2] = {};
  rms_norm(x, ones, 2, 0, y);  // rms = sqrt(12.5)
  EXPECT_FLOAT_EQ(y[0], 3 / std::sqrt(12.5F));
  float turned[] = {1, 0};
  const float cosine = 0, sine = 1;
  rotate(turned, &cosine, &sine, 2);  // a quarter turn
  EXPECT_FLOAT_EQ(turned[0], 0);
  EXPECT_FLOAT_EQ(turned[1], 1);
  float scores[] = {1, 1, 100};
  softmax(scores, 2, 3);  // the third is masked
  EXPECT_FLOAT_EQ(scores[0], 0.5F);
  EXPECT_FLOAT_EQ(scores[2], 0);
}

}  // namespace
}  // namespace gpubench::bench::host
