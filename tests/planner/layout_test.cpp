#include "planner/layout.hpp"

#include "core/units.hpp"
#include "models/resnet50.hpp"
#include "planner/performance.hpp"

#include <gtest/gtest.h>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

using models::precision;

device gpu_of(double memory_gib) {
  device d;
  d.name = "GPU";
  d.architecture = "Ampere";
  d.memory_bytes = memory_gib * gib;
  return d;
}

profiles::workload fine_tune() {
  profiles::workload w;
  w.kind = profiles::workload_kind::transformer_train;
  w.transformer = testing::llama_8b();
  w.sequence_length = 2048;
  w.precision = precision::bf16;
  return w;
}

TEST(layout, full_fine_tuning_of_8_billion_parameters_takes_16_bytes_each) {
  const memory_need need = training_memory(fine_tune(), layout{}, gpu_of(80));
  const double parameters = 8030261248;  // Llama 3.1 8B
  EXPECT_NEAR(need.weights + need.gradients + need.optimizer, 16 * parameters, 1e7);
  EXPECT_GT(need.activations, 0);
}

TEST(layout, zero_stages_divide_optimizer_then_gradients_then_weights) {
  layout split;
  split.data_parallel = 8;
  const double n = 8030261248;
  const auto state = [&](int stage) {
    split.zero_stage = stage;
    const memory_need need = training_memory(fine_tune(), split, gpu_of(80));
    return need.weights + need.gradients + need.optimizer;
  };
  EXPECT_NEAR(state(0), 16 * n, 1e7);
  EXPECT_NEAR(state(1), (4 + 12.0 / 8) * n, 1e7);
  EXPECT_NEAR(state(2), (2 + 14.0 / 8) * n, 1e7);
  EXPECT_NEAR(state(3), 16.0 / 8 * n, 1e7);
}

TEST(layout, adapters_leave_the_frozen_weights_at_two_bytes) {
  profiles::workload lora = fine_tune();
  lora.training.lora = true;
  lora.training.lora_rank = 16;
  const double trained = models::trainable_parameters(lora.transformer, lora.training);
  const memory_need need = training_memory(lora, layout{}, gpu_of(80));
  EXPECT_NEAR(need.weights, 2 * (8030261248 + trained), 1e7);
  EXPECT_NEAR(need.optimizer, 12 * trained, 1);
}

TEST(layout, recomputation_needs_less_than_keeping_activations) {
  layout kept, again;
  again.recompute = true;
  EXPECT_LT(training_memory(fine_tune(), again, gpu_of(80)).activations,
            training_memory(fine_tune(), kept, gpu_of(80)).activations / 3);
}

TEST(layout, resnet_50_in_fp32_keeps_three_copies_of_its_weights) {
  profiles::workload w = testing::resnet_training();
  layout split;
  split.precision = precision::fp32;
  split.micro_batch = 2;
  const memory_need need = training_memory(w, split, gpu_of(16));
  EXPECT_NEAR(need.weights + need.gradients + need.optimizer, 12 * 25557032.0, 1);
  EXPECT_DOUBLE_EQ(need.activations, models::resnet50_activation_bytes(2, precision::fp32));
}

TEST(layout, serving_70_billion_parameters_needs_two_80_gib_gpus) {
  profiles::workload w;
  w.kind = profiles::workload_kind::llm_serve;
  w.transformer = testing::llama_70b();
  w.prompt_tokens = 1024;
  w.output_tokens = 512;
  layout split;
  split.micro_batch = 16;
  split.precision = precision::bf16;
  const memory_need one = inference_memory(w, split, gpu_of(80));
  EXPECT_NEAR(one.weights, 2 * 70.55e9, 0.1e9);
  EXPECT_GT(one.total(), 80 * gib);
  split.tensor_parallel = 2;
  const memory_need two = inference_memory(w, split, gpu_of(80));
  // Half of 2 x 80 layers x 8 heads x 128 x 2 bytes a token; 1024 + 256 tokens of 16 requests.
  EXPECT_DOUBLE_EQ(two.kv_cache, 327680.0 / 2 * 1280 * 16);
  EXPECT_LE(two.total(), 80 * gib);
}

TEST(layout, a_shortage_names_what_is_needed_and_what_there_is) {
  EXPECT_EQ(memory_shortage(141 * gib, gpu_of(80)), "needs 141 GiB per GPU, has 80 GiB");
}

TEST(layout, describes_itself) {
  layout split;
  EXPECT_EQ(split.describe(profiles::workload_kind::cnn_train), "one device");
  split.data_parallel = 8;
  EXPECT_EQ(split.describe(profiles::workload_kind::cnn_train), "data parallel 8");
  split.tensor_parallel = 4;
  split.data_parallel = 2;
  split.zero_stage = 3;
  split.recompute = true;
  EXPECT_EQ(split.describe(profiles::workload_kind::transformer_train),
            "tensor parallel 4 x data parallel 2, ZeRO-3, recomputation");
}

}  // namespace
}  // namespace gpubench::planner
