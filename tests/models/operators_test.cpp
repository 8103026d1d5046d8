#include "models/operators.hpp"

#include <gtest/gtest.h>

namespace gpubench::models {
namespace {

void expect_work(const operator_shape& shape, precision p, double flop, double bytes) {
  const auto found = work_of(shape, p);
  EXPECT_EQ(found.flop, flop);
  EXPECT_EQ(found.bytes, bytes);
}

TEST(gemm_work, counts_a_multiply_add_as_two) {
  const gemm g{2, 3, 4, 5};  // A 8, B 12, C 6 elements, five times
  expect_work(g, precision::fp64, 240, 1040);
  expect_work(g, precision::tf32, 240, 520);
  expect_work(g, precision::bf16, 240, 260);
  expect_work(g, precision::fp4, 240, 65);
  expect_work(g, precision::int8, 240, 5 * (20 + 6 * 4));  // sums of int8 products are 4 bytes wide
}

TEST(gemm_work, writes_the_type_that_it_states) {
  expect_work(gemm{2, 3, 4, 5, precision::int8}, precision::int8, 240, 5 * (20 + 6));
  expect_work(gemm{2, 3, 4, 5, precision::bf16}, precision::fp8, 240, 5 * (20 + 6 * 2));
  EXPECT_NE((gemm{2, 3, 4, 5, precision::int8}), (gemm{2, 3, 4, 5}));
}

TEST(gemm_work, reads_weights_as_they_are_stored) {
  // Four-bit weights under bf16 activations: A 8, B 12, C 6 elements.
  expect_work(gemm{2, 3, 4, 5, std::nullopt, precision::fp4}, precision::bf16, 240, 5 * (16 + 6 + 12));
}

TEST(gemm_work, does_not_overflow) {
  const std::int64_t large = std::int64_t{1} << 31;
  EXPECT_EQ(work_of(gemm{large, large, large}, precision::fp32).flop, 2 * 0x1p93);
}

TEST(convolution_work, of_the_first_layer_of_resnet) {
  convolution c{1, 3, 224, 224, 64, 7, 2, 3};
  EXPECT_EQ(c.out_height(), 112);
  EXPECT_EQ(c.out_width(), 112);
  for (const auto p : {pass::forward, pass::backward_data, pass::backward_weights}) {
    c.pass = p;
    // 112 * 112 * 64 outputs of 7 * 7 * 3 products; 150,528 inputs, 802,816 outputs, 9,408 weights.
    expect_work(c, precision::fp32, 236027904, 3851008);
  }
}

TEST(convolution_work, of_int8_writes_sums_unless_it_states_a_narrower_type) {
  convolution c{1, 3, 224, 224, 64, 7, 2, 3};
  expect_work(c, precision::int8, 236027904, 150528 + 9408 + 4 * 802816);
  c.output = precision::int8;
  expect_work(c, precision::int8, 236027904, 150528 + 9408 + 802816);
}

TEST(attention_work, counts_the_causal_triangle) {
  attention a{1, 4, 4, 2, 2, 8, true, false};
  expect_work(a, precision::fp16, 4 * 2 * 10 * 8, (4 * 2 * 4 * 8) * 2);  // 1 + 2 + 3 + 4 pairs a head; Q, K, V, O
  a.causal = false;
  expect_work(a, precision::fp16, 4 * 2 * 16 * 8, 512);
}

TEST(attention_work, of_grouped_queries_reads_fewer_keys) {
  const attention a{1, 4, 4, 2, 1, 8, true, false};
  expect_work(a, precision::fp16, 640, (2 * 2 * 4 * 8 + 2 * 1 * 4 * 8) * 2);
}

TEST(attention_work, of_one_new_token_sees_the_whole_cache) {
  const attention a{3, 1, 100, 2, 2, 8, true, false};
  expect_work(a, precision::fp32, 3 * 4 * 2 * 100 * 8, 3 * (2 * 2 * 8 + 2 * 2 * 100 * 8) * 4);
}

TEST(attention_work, of_more_queries_than_keys_ignores_those_that_see_none) {
  EXPECT_EQ(work_of(attention{1, 4, 2, 1, 1, 1, true, false}, precision::fp32).flop, 4 * (1 + 2));
}

TEST(attention_work, backward_is_two_and_a_half_times_forward) {
  expect_work(attention{1, 4, 4, 2, 1, 8, true, true}, precision::fp16, 1600, 768);
}

TEST(attention_work, of_a_window_counts_the_keys_inside_it) {
  attention a{1, 6, 6, 1, 1, 8, true, false, 3};
  // Queries see 1, 2, 3, 3, 3, 3 keys; all six keys are seen by somebody.
  expect_work(a, precision::fp16, 15 * 4 * 8, (2 * 6 + 2 * 6) * 8 * 2);
  a.q_len = 1;  // a new token sees the last three
  expect_work(a, precision::fp16, 3 * 4 * 8, (2 * 1 + 2 * 3) * 8 * 2);
  a.q_len = 2;  // two new tokens: keys 3 to 5 and 4 to 6
  expect_work(a, precision::fp16, 6 * 4 * 8, (2 * 2 + 2 * 4) * 8 * 2);
  a.q_len = 6;
  a.window = 100;  // wider than the sequence: as without
  EXPECT_EQ(work_of(a, precision::fp16).flop, 21 * 4 * 8);
  a.causal = false;
  a.window = 4;
  EXPECT_EQ(work_of(a, precision::fp16).flop, 6 * 4 * 4 * 8);
}

TEST(attention_work, of_values_narrower_than_keys) {
  attention a{1, 4, 4, 2, 2, 12, true, false, 0, 8};
  expect_work(a, precision::fp16, 2 * 2 * 10 * (12 + 8), 2 * 4 * 2 * (12 + 8) * 2);
  a.backward = true;
  expect_work(a, precision::fp16, 2 * 2 * 10 * (3 * 12 + 2 * 8), 2 * 2 * 4 * 2 * (12 + 8) * 2);
}

TEST(attention_work, of_absorbed_latents_reads_them_once) {
  // 128 heads share one latent of 576, of which 512 are the values: one new token over 100.
  const attention a{1, 1, 100, 128, 1, 576, true, false, 0, 512, true};
  expect_work(a, precision::bf16, 2.0 * 128 * 100 * (576 + 512), (128.0 * (576 + 512) + 100 * 576) * 2);
}

TEST(streaming_work, is_what_it_says) {
  expect_work(streaming{100, 7}, precision::fp64, 7, 100);
}

TEST(operator_kind, is_named) {
  EXPECT_EQ(kind_of(gemm{}), "gemm");
  EXPECT_EQ(kind_of(convolution{}), "convolution");
  EXPECT_EQ(kind_of(attention{}), "attention");
  EXPECT_EQ(kind_of(streaming{}), "streaming");
}

TEST(precision_names, are_read_as_they_are_written) {
  for (const auto p : all_precisions) EXPECT_EQ(parse_precision(to_string(p)), p);
  EXPECT_FALSE(parse_precision("FP32"));
  EXPECT_FALSE(parse_precision(""));
  EXPECT_EQ(bytes_per_element(precision::tf32), 4);
  EXPECT_EQ(bytes_per_element(precision::fp4), 0.5);
}

}  // namespace
}  // namespace gpubench::models
