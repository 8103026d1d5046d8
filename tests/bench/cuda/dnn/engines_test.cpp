// Whether cuDNN takes every graph that the benchmarks build, finds an engine that follows the rules, and compiles it.
#include "bench/cuda/module/cudnn_attention.hpp"
#include "bench/cuda/module/cudnn_layers.hpp"
#include "bench/cuda/module/cudnn_plan.hpp"
#include "bench/cuda/module/failure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "described_devices.hpp"

namespace gpubench::cuda::dnn {
namespace {

using kernels::convolution_product;
using kernels::image_order;
using kernels::storage;
using ::testing::HasSubstr;
using ::testing::Not;

kernels::convolution_shape layer(storage type, convolution_product product, image_order order) {
  return {type, product, order, 64, 128, 28, 28, 128, 3, 1, 1};
}

TEST_F(engines, convolutions_have_direct_ones_with_and_without_tensor_cores) {
  for (const auto& device : {a100, h100}) {
    for (const auto product :
         {convolution_product::forward, convolution_product::backward_data, convolution_product::backward_weights}) {
      const auto order =
          product == convolution_product::backward_weights ? image_order::channels_last : image_order::channels_first;
      const auto fp32 = engine_of(device, convolution_of(layer(storage::fp32, product, order)).operations, plain);
      EXPECT_THAT(fp32, HasSubstr("engine "));
      EXPECT_THAT(fp32, Not(HasSubstr("tensor cores")));
      for (const auto type : {storage::tf32, storage::fp16, storage::bf16}) {
        const auto shape = layer(type, product, image_order::channels_last);
        const auto engine = engine_of(device, convolution_of(shape).operations, on_tensor_cores);
        EXPECT_THAT(engine, HasSubstr("tensor cores"));
        EXPECT_THAT(engine, Not(HasSubstr("Winograd")));
        EXPECT_THAT(engine, Not(HasSubstr("reduced-precision")));
      }
    }
  }
}

TEST_F(engines, a_first_layer_of_three_channels_runs_in_every_type) {
  for (const auto product : {convolution_product::forward, convolution_product::backward_weights}) {
    for (const auto type : {storage::tf32, storage::fp16, storage::bf16}) {
      const kernels::convolution_shape shape{type, product, image_order::channels_last, 64, 3, 224, 224, 64, 7, 2, 3};
      engine_of(h100, convolution_of(shape).operations, on_tensor_cores);
    }
  }
}

TEST_F(engines, attention_is_fused_with_and_without_mask) {
  engine_of(h100, attention_forward({4, 32, 8, 4096, 4096, 128, true}, element::bf16).operations, on_tensor_cores);
  engine_of(h100, attention_forward({16, 16, 16, 512, 512, 64, false}, element::fp16).operations, on_tensor_cores);
  engine_of(h100, attention_forward({4, 32, 8, 512, 8192, 128, true}, element::bf16).operations, on_tensor_cores);
}

TEST_F(engines, attention_decodes_one_token) {
  engine_of(h100, attention_forward({64, 32, 8, 1, 4096, 128, false}, element::bf16).operations, on_tensor_cores);
  engine_of(a100, attention_forward({64, 32, 8, 1, 4096, 128, false}, element::fp16).operations, on_tensor_cores);
}

TEST_F(engines, attention_has_gradients) {
  engine_of(h100, attention_backward({4, 32, 8, 4096, 4096, 128, true}, element::bf16).operations, on_tensor_cores);
  engine_of(a100, attention_backward({16, 16, 16, 512, 512, 64, false}, element::fp16).operations, on_tensor_cores);
}

// Each is compiled, which takes seconds: every kind and every type, not every pair of them.
TEST_F(engines, normalisations_run_forward) {
  engine_of(h100, norm_forward_of(norm::layer, element::fp32, {16384, 4096, 1, 1}).operations);
  engine_of(h100, norm_forward_of(norm::rms, element::bf16, {16384, 4096, 1, 1}).operations);
  engine_of(h100, norm_forward_of(norm::batch, element::fp16, {64, 256, 56, 56}).operations);
}

TEST_F(engines, normalisations_have_gradients) {
  engine_of(h100, norm_backward_of(norm::layer, element::bf16, {16384, 4096, 1, 1}).operations);
  engine_of(h100, norm_backward_of(norm::rms, element::fp16, {16384, 4096, 1, 1}).operations);
  engine_of(h100, norm_backward_of(norm::batch, element::fp32, {64, 256, 56, 56}).operations);
}

TEST_F(engines, pooling_gives_maxima_and_their_places) {
  engine_of(h100, max_pooling_of({storage::bf16, 64, 64, 112, 112, 3, 2, 1}).operations);
  engine_of(a100, max_pooling_of({storage::fp32, 64, 64, 112, 112, 3, 2, 1}).operations);
}

TEST_F(engines, a_defective_graph_is_refused_with_cudnns_words) {
  graph g;
  const auto x = g.memory(element::fp16, channels_last(8, 64, 28, 28));
  const auto w = g.memory(element::fp16, channels_last(64, 64, 3, 3));
  const auto y = g.memory(element::fp16, channels_last(8, 64, 27, 28));  // one row short
  g.add(convolution_operation{convolution_pass::forward, x, w, y, {3, 1, 1}});
  try {
    plans_for_described_device(h100, g, {}, 1);
    FAIL() << "it was taken";
  } catch (const failure& f) {
    EXPECT_THAT(f.what(), HasSubstr("CUDNN_STATUS"));
  }
}

TEST_F(engines, rules_that_none_follows_are_unsupported) {
  try {
    plans_for_described_device(h100, attention_forward({1, 8, 8, 512, 512, 64, false}, element::bf16).operations, plain,
                               1);
    FAIL() << "fused attention without tensor cores";
  } catch (const failure& f) {
    EXPECT_EQ(f.status(), GPUBENCH_MODULE_UNSUPPORTED);
  }
}

}  // namespace
}  // namespace gpubench::cuda::dnn
