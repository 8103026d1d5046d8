#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/cudnn_attention.hpp"
#include "bench/cuda/module/cudnn_graph.hpp"
#include "bench/cuda/module/failure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

namespace gpubench::cuda {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const benchmark& named(const std::string& name) {
  for (const auto& b : registered_benchmarks()) {
    if (name == b->description().name) return *b;
  }
  throw std::out_of_range(name);
}

device_properties device(int major, int minor, double memory_gib) {
  device_properties result;
  result.major = major;
  result.minor = minor;
  result.compute_capability = std::to_string(major) + "." + std::to_string(minor);
  result.memory_bytes = std::ldexp(memory_gib, 30);
  result.l2_bytes = std::ldexp(50.0, 20);
  return result;
}

parameters attention(std::int64_t q_len, const char* mask) {
  auto values = make_parameters(
      {{"batch", 2}, {"heads", 8}, {"kv_heads", 2}, {"q_len", q_len}, {"kv_len", 100}, {"head_dim", 64}});
  add_text_parameter(values, "mask", mask);
  return values;
}

TEST(cudnn_graph, layouts_are_dense_in_their_order) {
  EXPECT_THAT(dnn::row_major({2, 3, 4}).strides, ElementsAre(12, 4, 1));
  EXPECT_THAT(dnn::channels_last(2, 3, 4, 5).sizes, ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(dnn::channels_last(2, 3, 4, 5).strides, ElementsAre(60, 1, 15, 3));
  EXPECT_EQ(dnn::elements_of(dnn::channels_last(2, 3, 4, 5)), 120);
}

TEST(cudnn_graph, tensors_are_numbered_from_one_and_know_their_bytes) {
  dnn::graph g;
  const auto a = g.memory(dnn::element::bf16, dnn::row_major({2, 3}));
  const auto b = g.between_of(dnn::pointwise::exponential, {a});
  EXPECT_EQ(a.id, 1);
  EXPECT_EQ(b.id, 2);
  EXPECT_EQ(g.bytes(a), 12u);
  EXPECT_EQ(g[b].where, dnn::residence::between);
  EXPECT_EQ(g[b].shape, g[a].shape);
  EXPECT_EQ(g[g.number(dnn::element::int32, 7, 4)].value, 7);
}

TEST(cudnn_graph, refuses_what_no_tensor_can_be) {
  dnn::graph g;
  EXPECT_THROW(g.memory(dnn::element::fp32, dnn::row_major({})), failure);
  EXPECT_THROW(g.memory(dnn::element::fp32, dnn::row_major({2, 0})), failure);
  EXPECT_THROW(g.memory(dnn::element::fp32, {{2, 3}, {1}}), failure);
  EXPECT_THROW(g.number(dnn::element::bf16, 1, 4), failure);
}

TEST(cudnn_graph, attention_lies_token_by_token_and_keys_are_transposed) {
  const auto g = dnn::attention_forward({2, 8, 2, 10, 12, 64, true}, dnn::element::bf16);
  const auto& q = g.operations[g.q].shape;
  EXPECT_THAT(q.sizes, ElementsAre(2, 8, 10, 64));
  EXPECT_THAT(q.strides, ElementsAre(10 * 8 * 64, 64, 8 * 64, 1));
  const auto& k = g.operations[g.k].shape;
  EXPECT_THAT(k.sizes, ElementsAre(2, 2, 64, 12));
  EXPECT_THAT(k.strides, ElementsAre(12 * 2 * 64, 64, 1, 2 * 64));
  EXPECT_EQ(g.operations.bytes(g.k), g.operations.bytes(g.v));
  EXPECT_EQ(g.operations.bytes(g.statistics), 2u * 8 * 10 * 4);
}

TEST(cudnn_graph, masks_add_operations_where_there_is_something_to_hide) {
  const auto count = [](std::int64_t q_len, bool causal) {
    const dnn::attention_shape shape{1, 2, 2, q_len, 16, 64, causal};
    return dnn::attention_forward(shape, dnn::element::fp16).operations.operations().size();
  };
  EXPECT_EQ(count(16, true), count(16, false) + 4);  // two indices, their comparison, the choice
  EXPECT_EQ(count(8, true), count(8, false) + 6);    // and the shift by the difference of the lengths
  EXPECT_EQ(count(1, true), count(1, false));
}

TEST(cudnn_benchmarks, convolutions_count_as_the_planner_does) {
  const auto values = make_parameters(
      {{"n", 2}, {"c_in", 3}, {"height", 8}, {"width", 6}, {"c_out", 5}, {"kernel", 3}, {"stride", 2}, {"padding", 1}});
  // Outputs 4 x 3: 2 * images * pixels * filters' elements.
  const double flop = 2.0 * 2 * 12 * (3 * 5 * 9);
  const double elements = 2 * 3 * 48 + 3 * 5 * 9 + 2 * 5 * 12;
  for (const char* name :
       {"convolution_forward_bf16", "convolution_backward_data_bf16", "convolution_backward_weights_bf16"}) {
    EXPECT_EQ(named(name).work(values).flop, flop);
    EXPECT_EQ(named(name).work(values).bytes, 2 * elements);
  }
  EXPECT_EQ(named("convolution_forward_tf32").work(values).bytes, 4 * elements);
}

TEST(cudnn_benchmarks, attention_counts_what_is_seen) {
  const double full = 4.0 * 2 * 8 * 10 * 100 * 64;
  EXPECT_EQ(named("attention_forward_bf16").work(attention(10, "none")).flop, full);
  // The last of 10 queries sees 100 keys, the first 91.
  const double pairs = (91 + 100) * 10 / 2.0;
  EXPECT_EQ(named("attention_forward_bf16").work(attention(10, "causal")).flop, 4.0 * 2 * 8 * pairs * 64);
  EXPECT_EQ(named("attention_backward_bf16").work(attention(10, "none")).flop, 2.5 * full);
  const double bytes = 2.0 * (2 * 2 * 8 * 10 * 64 + 2 * 2 * 2 * 100 * 64);
  EXPECT_EQ(named("attention_forward_fp16").work(attention(10, "none")).bytes, bytes);
  EXPECT_EQ(named("attention_backward_fp16").work(attention(10, "none")).bytes, 2 * bytes);
}

TEST(cudnn_benchmarks, streams_count_their_passes) {
  const auto images = make_parameters({{"n", 2}, {"c", 3}, {"height", 4}, {"width", 5}});
  EXPECT_EQ(named("batch_norm_forward_bf16").work(images).bytes, 3 * 2 * 120);
  EXPECT_EQ(named("batch_norm_backward_fp32").work(images).bytes, 5 * 4 * 120);
  const auto tokens = make_parameters({{"tokens", 6}, {"hidden", 10}});
  EXPECT_EQ(named("rms_norm_forward_fp16").work(tokens).bytes, 2 * 2 * 60);
  EXPECT_EQ(named("layer_norm_backward_bf16").work(tokens).bytes, 3 * 2 * 60);
  EXPECT_EQ(named("layer_norm_backward_bf16").work(tokens).flop, 600);
  EXPECT_EQ(named("softmax_forward_fp32").work(make_parameters({{"rows", 6}, {"columns", 10}})).bytes, 2 * 4 * 60);
  const auto pooled =
      make_parameters({{"n", 1}, {"c", 2}, {"height", 4}, {"width", 4}, {"window", 3}, {"stride", 2}, {"padding", 1}});
  EXPECT_EQ(named("max_pooling_forward_fp32").work(pooled).bytes, 4 * 2 * (16 + 4) + 2 * 4);
}

TEST(cudnn_benchmarks, no_layer_wants_the_gradient_of_its_images) {
  const auto h100 = device(9, 0, 80);
  for (const auto& values : named("convolution_backward_data_fp16").cases(GPUBENCH_MODULE_FULL, h100)) {
    EXPECT_NE(positive_parameter(values, "c_in"), 3);
  }
  const auto all = named("convolution_forward_fp16").cases(GPUBENCH_MODULE_FULL, h100);
  EXPECT_EQ(all.size(), named("convolution_backward_data_fp16").cases(GPUBENCH_MODULE_FULL, h100).size() + 2);
}

TEST(cudnn_benchmarks, what_cannot_run_says_why) {
  const auto h100 = device(9, 0, 80);
  const auto& forward = named("attention_forward_bf16");
  EXPECT_THAT(forward.unavailable(attention(10, "none"), device(7, 5, 15)).value_or(""), HasSubstr("8.0"));
  EXPECT_THAT(forward.unavailable(attention(10, "diagonal"), h100).value_or(""), HasSubstr("causal or none"));
  EXPECT_THAT(forward.unavailable(attention(101, "causal"), h100).value_or(""), HasSubstr("no more queries"));
  EXPECT_THAT(named("attention_decode_bf16").unavailable(attention(2, "none"), h100).value_or(""),
              HasSubstr("one query"));
  EXPECT_THAT(named("attention_backward_bf16").unavailable(attention(1, "none"), h100).value_or(""),
              HasSubstr("single query"));
  const auto layer = make_parameters({{"n", 64},
                                      {"c_in", 64},
                                      {"height", 56},
                                      {"width", 56},
                                      {"c_out", 64},
                                      {"kernel", 3},
                                      {"stride", 1},
                                      {"padding", 0}});
  EXPECT_THAT(named("convolution_forward_bf16").unavailable(layer, device(7, 5, 15)).value_or(""),
              HasSubstr("bf16 comes with compute capability 8.0"));
  EXPECT_THAT(named("convolution_forward_tf32").unavailable(layer, device(7, 5, 15)).value_or(""), HasSubstr("TF32"));
  EXPECT_THAT(named("convolution_forward_fp16").unavailable(layer, device(9, 0, 1)).value_or(""),
              HasSubstr("do not fit"));
}

}  // namespace
}  // namespace gpubench::cuda
