#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/decoder_check.hpp"
#include "bench/cuda/module/image_layout.hpp"
#include "bench/cuda/module/network_convolutions.hpp"
#include "models/resnet50.hpp"
#include "models/transformer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
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
  result.multiprocessors = 132;
  return result;
}
const device_properties h100 = device(9, 0, 80);
const device_properties t4 = device(7, 5, 15);

parameters small_layer(const char* length_name, std::int64_t batch, std::int64_t length) {
  return make_parameters({{"batch", batch},
                          {length_name, length},
                          {"hidden", 64},
                          {"heads", 4},
                          {"kv_heads", 2},
                          {"head_dim", 64},
                          {"ffn", 96}});
}

TEST(networks, a_decoder_layer_counts_every_weight_and_visible_key) {
  const auto prefill = named("transformer_layer_prefill_bf16").work(small_layer("length", 2, 10));
  const double weights = 64 * (256 + 2 * 128) + 64 * 256 + 3 * 64 * 96;
  const double attention = 2 * 4.0 * 4 * (10 * 11 / 2) * 64;
  const double streams = 20 * (64 * (8 + 2) + 3 * (256 + 128) + 5 * 96);
  EXPECT_EQ(prefill.flop, 20 * 2 * weights + attention + streams);
  EXPECT_EQ(prefill.items, 20);
  EXPECT_STREQ(prefill.item, "token");
  const auto decode = named("transformer_layer_decode_fp16").work(small_layer("kv_len", 2, 10));
  EXPECT_EQ(decode.items, 2);
  EXPECT_GT(decode.bytes, 2 * weights + 2 * 2 * 2 * 10 * 128);
}

TEST(networks, a_training_step_counts_three_products_a_weight_and_the_optimiser) {
  const auto step = named("transformer_layer_training_bf16").work(small_layer("length", 2, 10));
  const double weights = 64 * (256 + 2 * 128) + 64 * 256 + 3 * 64 * 96;
  const double attention = 2 * 4.0 * 4 * (10 * 11 / 2) * 64;
  const double forward_streams = 20 * (64 * (8 + 2) + 3 * (256 + 128) + 5 * 96);
  const double backward_streams = 20 * (64 * (20 + 2) + 3 * (256 + 128) + 12 * 96);
  EXPECT_EQ(step.flop,
            3 * 20 * 2 * weights + 3.5 * attention + forward_streams + backward_streams + 16 * (weights + 2 * 64));
  EXPECT_EQ(step.items, 20);
  EXPECT_STREQ(step.item, "token");
  EXPECT_GT(step.bytes, 28 * weights + 3 * 2 * weights);
}

TEST(networks, a_training_step_names_what_it_cannot_take) {
  const auto& step = named("transformer_layer_training_bf16");
  const auto reason = [&](std::int64_t length, std::int64_t hidden, const device_properties& on) {
    auto values = small_layer("length", 1, length);
    values.values[2].value = hidden;
    return step.unavailable(values, on).value_or("");
  };
  EXPECT_THAT(reason(1, 64, h100), HasSubstr("at least 2"));
  EXPECT_THAT(reason(16, 16392, h100), HasSubstr("up to 16384"));
  EXPECT_THAT(reason(16, 60, h100), HasSubstr("multiples of 8"));
  EXPECT_THAT(reason(16, 64, device(7, 5, 80)), HasSubstr("8.0"));
  EXPECT_THAT(reason(1 << 26, 64, h100), HasSubstr("do not fit"));
  // Weights, moments, gradients and copies of Llama-3-8B's layer alone are 3.9 GB.
  const auto llama = step.cases(GPUBENCH_MODULE_STANDARD, h100).at(0);
  EXPECT_THAT(step.unavailable(llama, device(8, 6, 5)).value_or(""), HasSubstr("do not fit"));
}

TEST(networks, a_model_counts_its_layers_and_the_head_for_one_token_a_sequence) {
  const auto& decode = named("llama3_8b_decode_bf16");
  const auto work = decode.work(make_parameters({{"batch", 4}, {"kv_len", 1000}}));
  const double parameters_read = models::matrix_parameter_count(models::llama3_8b_shape);
  EXPECT_EQ(work.items, 4);
  EXPECT_NEAR(work.flop, 4 * (2 * parameters_read + 32 * 4.0 * 32 * 1000 * 128), 0.01 * work.flop);
  EXPECT_NEAR(work.bytes, 2 * parameters_read + 4 * 1000 * 131072.0, 0.01 * work.bytes);
  const auto prefill = named("llama3_8b_prefill_bf16").work(make_parameters({{"batch", 1}, {"length", 2048}}));
  EXPECT_EQ(prefill.items, 2048);
  const double head = 2.0 * 128256 * 4096;
  EXPECT_NEAR(prefill.flop, 2048 * (2 * parameters_read - head) + head + 32 * 4.0 * 32 * (2048.0 * 2049 / 2) * 128,
              0.01 * prefill.flop);
}

TEST(networks, images_are_counted_as_on_the_host) {
  const auto values = make_parameters({{"n", 16}, {"image_size", 224}});
  const auto inference = named("resnet50_inference_fp16").work(values);
  EXPECT_EQ(inference.flop, models::total_work(models::resnet50_inference(16, models::precision::fp16, true)).flop);
  EXPECT_EQ(inference.items, 16);
  EXPECT_STREQ(inference.item, "image");
  EXPECT_EQ(named("resnet50_training_step_tf32").work(values).bytes,
            models::total_work(models::resnet50_training_step(16, models::precision::tf32)).bytes);
}

TEST(networks, are_skipped_where_a_part_of_them_would_be_no_figure) {
  EXPECT_THAT(named("llama3_8b_decode_bf16")
                  .unavailable(make_parameters({{"batch", 1}, {"kv_len", 2048}}), device(8, 6, 16))
                  .value_or(""),
              HasSubstr("all 32 layers"));
  EXPECT_THAT(named("transformer_layer_decode_bf16").unavailable(small_layer("kv_len", 1, 10), t4).value_or(""),
              HasSubstr("8.0"));
  EXPECT_THAT(named("resnet50_training_step_bf16")
                  .unavailable(make_parameters({{"n", 32}, {"image_size", 224}}), device(7, 5, 80))
                  .value_or(""),
              HasSubstr("8.0"));
  EXPECT_THAT(named("resnet50_training_step_fp16")
                  .unavailable(make_parameters({{"n", 4096}, {"image_size", 224}}), h100)
                  .value_or(""),
              HasSubstr("do not fit"));
}

TEST(networks, decode_names_the_shapes_that_its_kernel_takes) {
  auto values = small_layer("kv_len", 1, 10);
  values.values[5].value = 80;  // head_dim
  EXPECT_THAT(named("transformer_layer_decode_bf16").unavailable(values, h100).value_or(""),
              HasSubstr("64, 128 or 256"));
}

TEST(networks, only_decoder_layers_are_quick) {
  EXPECT_EQ(named("transformer_layer_prefill_bf16").cases(GPUBENCH_MODULE_QUICK, h100).size(), 1u);
  EXPECT_EQ(named("transformer_layer_decode_bf16").cases(GPUBENCH_MODULE_QUICK, h100).size(), 1u);
  for (const char* name : {"llama3_8b_decode_bf16", "resnet50_inference_fp16", "resnet50_training_step_fp16",
                           "transformer_layer_training_bf16"}) {
    EXPECT_TRUE(named(name).cases(GPUBENCH_MODULE_QUICK, h100).empty());
    EXPECT_FALSE(named(name).cases(GPUBENCH_MODULE_STANDARD, h100).empty());
  }
}

TEST(networks, one_list_of_tensors_serves_sizes_fills_and_weights) {
  models::transformer_layer_shape s{1, 1, 1, 64, 4, 2, 16, 96};
  const auto sizes = decoder_sizes(s);
  double elements = 0;
  for_each_tensor(
      [&](const matrix_size& size) {
        elements += static_cast<double>(size.elements());
        return 0;
      },
      sizes);
  EXPECT_EQ(elements, models::parameter_count(s));
  std::set<std::uint64_t> operands;
  for (const std::uint64_t layer : {0, 1}) {
    for_each_tensor([&](const random_fill& how) { return operands.insert(how.operand).second; },
                    decoder_fills(s, layer));
  }
  EXPECT_EQ(operands.size(), 12u);
  EXPECT_FLOAT_EQ(decoder_fills(s, 0).down.spread, std::sqrt(3.0F / 96));
}

TEST(networks, rounding_is_allowed_for_by_the_type) {
  EXPECT_EQ(rounding_allowance(kernels::storage::bf16, 10), 10.0 / 256);
  EXPECT_EQ(rounding_allowance(kernels::storage::fp16, 10), 10.0 / 2048);
}

TEST(image_layout, channels_go_to_the_end_and_back) {
  // Two images of three channels and two pixels.
  const std::vector<float> images{1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16};
  const auto stored = channels_to_the_end(images.data(), 2, 3, 2, 4);
  EXPECT_THAT(stored, ElementsAre(1, 3, 5, 0, 2, 4, 6, 0, 11, 13, 15, 0, 12, 14, 16, 0));
  EXPECT_EQ(channels_to_the_front(stored, 2, 3, 2, 4), images);
}

TEST(network_convolutions, equal_layers_share_a_key_and_others_do_not) {
  const auto layers = models::resnet50_layers(8);
  std::set<std::string> keys;
  for (const auto& layer : layers) keys.insert(convolution_key(layer.shape, "forward"));
  EXPECT_EQ(keys.size(), models::resnet50_distinct_convolutions(8).size());
  EXPECT_NE(convolution_key(layers[1].shape, "data"), convolution_key(layers[1].shape, "weights"));
}

TEST(network_convolutions, images_have_a_fourth_channel_and_sums_stay_out_of_memory) {
  const auto layers = models::resnet50_layers(8);
  const auto graph = fused_convolution(layers.front().shape, kernels::storage::fp16, false, true);
  EXPECT_THAT(graph.operations[graph.x].shape.sizes, ElementsAre(8, 4, 224, 224));
  EXPECT_THAT(graph.operations[graph.w].shape.sizes, ElementsAre(64, 4, 7, 7));
  std::size_t in_memory = 0;
  for (const auto& one : graph.operations.tensors()) in_memory += one.where == dnn::residence::memory ? 1 : 0;
  EXPECT_EQ(in_memory, 4u);  // x, w, bias, y
  const auto with_sum = fused_convolution(layers[4].shape, kernels::storage::fp16, true, true);
  EXPECT_TRUE(with_sum.added.has_value());
  EXPECT_EQ(with_sum.operations.operations().size(), 4u);  // convolution, two additions, ReLU
}

}  // namespace
}  // namespace gpubench::cuda
