#include "planner/training_search.hpp"

#include "core/units.hpp"
#include "planner/training.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "predictor/device.hpp"
#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

using models::precision;

/// A model of 24 equal layers without ends: a layer takes 1 s forward and 2 s backward for a sequence, and 1 GB of
/// activations; 0.1 G parameters each.
training_costs plain_costs(int per_node = 8, double memory_gib = 80) {
  training_costs costs;
  costs.layers = 24;
  costs.global_batch = 64;
  costs.memory_bytes = memory_gib * gib;
  costs.links.inside = fabric::link::nvlink_switch;
  costs.links.inside_bytes_per_second = 300e9;
  costs.links.devices_per_node = per_node;
  costs.links.network_bytes_per_second = 50e9;
  for (int tensor = 1; tensor <= per_node; tensor *= 2) {
    split_costs split;
    split.weights.tensor = tensor;
    split.weights.layer_parameters = 0.1e9 / tensor;
    split.weights.embedding_parameters = split.weights.head_parameters = 0.05e9 / tensor;
    split.weights.optimizer_seconds_per_parameter = 2e-11;
    for (const std::int64_t n : {4, 2, 1}) {
      micro_batch_costs b;
      b.sequences = n;
      const double size = static_cast<double>(n) / tensor;
      b.layer_forward = 1e-3 * size + 1e-4;
      b.layer_backward = 2e-3 * size + 2e-4;
      b.ends_forward = 1e-3 * size;
      b.ends_backward = 2e-3 * size;
      b.all_reduce = tensor > 1 ? 2e-4 * static_cast<double>(n) : 0;
      b.send_inside = 1e-4;
      b.send_between = 4e-4;
      b.layer_activation_bytes = 1e9 * size;
      b.layer_input_bytes = 0.05e9 * static_cast<double>(n);
      b.ends_activation_bytes = 0.5e9 * size;
      split.micro_batches.push_back(b);
    }
    costs.splits.push_back(split);
  }
  return costs;
}

training_front search(const training_costs& costs, int devices, bool prune = true) {
  training_space space;
  space.devices = devices;
  space.prune = prune;
  return search_training(costs, space);
}

TEST(training_search, bubble_is_stages_less_one_over_chunks_and_micro_batches) {
  training_costs costs = plain_costs();
  for (split_costs& split : costs.splits)
    for (micro_batch_costs& b : split.micro_batches) b.ends_forward = b.ends_backward = 0;
  layout split;
  split.micro_batch = 1;
  split.pipeline_parallel = 4;
  split.accumulation = 16;
  const step_seconds plain = step_seconds_of(costs, split);
  // 24 layers over 4 stages, 16 micro-batches of 3.3 ms a layer.
  EXPECT_NEAR(plain.compute, 16 * 6 * 3.3e-3, 1e-12);
  EXPECT_NEAR(plain.bubble / plain.compute, 3.0 / 16, 1e-12);
  EXPECT_NEAR(plain.sends, 2 * 3 * 1e-4, 1e-15);
  split.pipeline_chunks = 3;
  const step_seconds interleaved = step_seconds_of(costs, split);
  EXPECT_NEAR(interleaved.bubble / interleaved.compute, 3.0 / (3 * 16), 1e-12);
  EXPECT_NEAR(interleaved.sends, 3 * plain.sends, 1e-15);
}

TEST(training_search, zero_stages_divide_what_they_name) {
  const training_costs costs = plain_costs();
  layout split;
  split.data_parallel = 4;
  const weight_costs& weights = costs.splits[0].weights;
  const micro_batch_costs& batch = costs.splits[0].micro_batches.back();
  const double n = 24 * 0.1e9 + 0.1e9;
  const auto need = [&](int zero) {
    split.zero_stage = zero;
    return stage_memory(costs, weights, batch, split);
  };
  EXPECT_NEAR(need(0).total() - need(1).total(), 12 * n * 3 / 4, 1);
  EXPECT_NEAR(need(1).total() - need(2).total(), 2 * n * 3 / 4, 1);
  EXPECT_NEAR(need(2).total() - need(3).total(), 2 * n * 3 / 4, 1);
  EXPECT_NEAR(need(3).weights + need(3).gradients + need(3).optimizer, 16 * n / 4, 1);
}

TEST(training_search, the_first_stage_holds_the_activations_of_all_layers) {
  training_costs costs = plain_costs();
  const weight_costs& weights = costs.splits[0].weights;
  const micro_batch_costs& batch = costs.splits[0].micro_batches.back();  // 1 GB a layer
  layout split;
  split.pipeline_parallel = 4;
  split.accumulation = 16;
  EXPECT_NEAR(stage_memory(costs, weights, batch, split).activations, 24e9, 1);
  split.accumulation = 2;  // fewer micro-batches than stages: no more than these are under way
  EXPECT_NEAR(stage_memory(costs, weights, batch, split).activations, 12e9, 1);
  split.accumulation = 16;
  split.pipeline_chunks = 3;
  EXPECT_NEAR(stage_memory(costs, weights, batch, split).activations, 24e9 * (1 + 3.0 / 12), 1);
  split.pipeline_chunks = 1;
  split.recompute = true;  // inputs of all layers, and one layer
  EXPECT_NEAR(stage_memory(costs, weights, batch, split).activations, 24 * 0.05e9 + 1e9, 1);
}

TEST(training_search, activations_of_gpt_3_s_layers_are_those_of_the_paper) {
  // Korthikanti et al., arXiv 2205.05198, table 2: s b h (10 + 24/t) without the scores, for GPT-3's 2048, 1, 12288.
  profiles::workload what;
  what.kind = profiles::workload_kind::transformer_train;
  what.sequence_length = 2048;
  what.transformer.layers = 96;
  what.transformer.hidden = 12288;
  what.transformer.heads = what.transformer.kv_heads = 96;
  what.transformer.head_dim = 128;
  what.transformer.ffn = 4 * 12288;
  what.transformer.vocabulary = 51200;
  what.transformer.biases = true;
  micro_batch_costs batch;
  set_activations(batch, what, 8, 2);
  EXPECT_NEAR(batch.layer_activation_bytes, 2048.0 * 12288 * (10 + 24.0 / 8), 1);
  EXPECT_NEAR(batch.layer_input_bytes, 2 * 2048.0 * 12288, 1);
  // 175 billion parameters, 96 layers of 12 h^2.
  const weight_costs weights = weights_of(what, 1, 1);
  EXPECT_NEAR(weights.layer_parameters, 12 * 12288.0 * 12288, 0.001 * 12 * 12288.0 * 12288);
  EXPECT_NEAR(96 * weights.layer_parameters + weights.embedding_parameters, 175e9, 1e9);
}

TEST(training_search, pruning_changes_nothing) {
  for (const double memory_gib : {20.0, 34.0, 48.0, 80.0, 640.0}) {
    for (const std::int64_t batch : {0, 7, 64}) {
      training_costs costs = plain_costs(8, memory_gib);
      costs.global_batch = batch;
      const training_front pruned = search(costs, 48), all = search(costs, 48, false);
      ASSERT_EQ(pruned.choices.size(), all.choices.size()) << memory_gib << " " << batch;
      for (std::size_t i = 0; i < all.choices.size(); ++i) {
        EXPECT_EQ(pruned.choices[i].split.devices(), all.choices[i].split.devices());
        EXPECT_DOUBLE_EQ(pruned.choices[i].sequences_per_second, all.choices[i].sequences_per_second);
      }
      if (all.choices.empty()) continue;
      EXPECT_LT(pruned.splits, all.splits);
    }
  }
}

TEST(training_search, every_choice_fits_and_more_devices_or_memory_never_slow_the_best) {
  double slower = 0;
  for (const double memory_gib : {20.0, 34.0, 48.0, 80.0, 640.0}) {
    const training_costs costs = plain_costs(8, memory_gib);
    double last = 0;
    const training_front front = search(costs, 64);
    ASSERT_FALSE(front.choices.empty()) << memory_gib;
    for (const training_choice& choice : front.choices) {
      EXPECT_LE(choice.memory_bytes, costs.memory_bytes);
      EXPECT_GT(choice.sequences_per_second, last);
      last = choice.sequences_per_second;
      EXPECT_EQ(choice.split.data_parallel % choice.split.expert_parallel, 0);
      EXPECT_NEAR(step_seconds_of(costs, choice.split).total(), choice.seconds, 1e-12);
    }
    // A search over fewer devices finds the front's beginning.
    const training_front half = search(costs, 32);
    EXPECT_LE(half.choices.back().sequences_per_second, last);
    EXPECT_GE(last, slower) << "less memory was faster";
    slower = last;
  }
}

TEST(training_search, says_what_the_smallest_split_needs_where_none_fits) {
  const training_front front = search(plain_costs(8, 2), 8);
  EXPECT_TRUE(front.choices.empty());
  EXPECT_GT(front.least_memory_bytes, 2 * gib);
}

/// The search's arithmetic beside the predictor's.
TEST(training_search, agrees_with_the_predictor_s_composition) {
  profiles::workload what;
  what.kind = profiles::workload_kind::transformer_train;
  what.unit = "token";
  what.precision = precision::bf16;
  what.transformer = testing::llama_8b();
  what.sequence_length = 2048;
  what.batch_per_device = 2;
  what.global_batch_sequences = 64;
  const profiles::catalogue known = testing::small_catalogue();
  for (const bool lora : {false, true}) {
    what.training.lora = lora;
    step_library steps(what);
    const device on = device_of(known.instances[1], known).found.value();
    device_model model(on, testing::shipped().operators());
    system_under_plan system;
    system.device = &on;
    system.model = &model;
    system.links = predictor::fabric_of(known.instances[1], on.gpu, 4);
    const training_costs costs = timed_costs(system, steps, precision::bf16, 32);
    int compared = 0;
    for (const int tensor : {1, 4, 8}) {
      for (const int stages : {1, 3, 4}) {
        for (int zero = 0; zero <= 3; ++zero) {
          for (const bool recompute : {false, true}) {
            layout split;
            split.tensor_parallel = tensor;
            split.pipeline_parallel = stages;
            split.data_parallel = 32 / tensor / stages;
            if (split.data_parallel < 2) continue;
            split.zero_stage = zero;
            split.recompute = recompute;
            set_batches(split, what, 2);
            if (stages == 4 && split.accumulation % 4 == 0) split.pipeline_chunks = 2;
            const double composed = estimate_training(system, steps, split).time.seconds;
            EXPECT_NEAR(step_seconds_of(costs, split).total(), composed, 1e-9 * composed) << split.describe(what.kind);
            ++compared;
          }
        }
      }
    }
    EXPECT_GT(compared, 40);
  }
}

TEST(training_search, experts_are_divided_and_their_tokens_exchanged) {
  profiles::workload what;
  what.kind = profiles::workload_kind::transformer_train;
  what.precision = precision::bf16;
  what.transformer = testing::llama_8b();
  what.transformer.experts = {.experts = 8, .experts_per_token = 2, .ffn = 14336};
  what.sequence_length = 2048;
  what.global_batch_sequences = 64;
  // Mixtral 8x7B: 8 experts of three 4096 x 14336 matrices in each layer.
  EXPECT_NEAR(weights_of(what, 1, 1).expert_parameters, 8 * 3 * 4096.0 * 14336, 1);
  EXPECT_NEAR(weights_of(what, 1, 4).expert_parameters, 2 * 3 * 4096.0 * 14336, 1);
  step_library steps(what);
  const profiles::catalogue known = testing::small_catalogue();
  const device on = device_of(known.instances[1], known).found.value();
  device_model model(on, testing::shipped().operators());
  system_under_plan system;
  system.device = &on;
  system.model = &model;
  system.links = predictor::fabric_of(known.instances[1], on.gpu, 2);
  const training_costs costs = timed_costs(system, steps, precision::bf16, 16);
  layout split;
  split.data_parallel = 16;
  split.accumulation = 4;
  split.zero_stage = 1;
  const step_seconds apart = step_seconds_of(costs, split);
  EXPECT_EQ(apart.experts, 0);
  split.expert_parallel = 8;
  const step_seconds divided = step_seconds_of(costs, split);
  // Four exchanges a layer and round, of 2048 tokens x 2 experts x 4096 x 2 bytes over 8 devices of a node.
  const double exchange =
      estimate_collective(collective_kind::all_to_all, 2048 * 2 * 4096 * 2.0, system.links, 8, precision::bf16).seconds;
  EXPECT_NEAR(divided.experts, 4 * 32 * 4 * exchange, 1e-9);
  // Even routing: each device computes as many tokens of experts either way, fewer experts of more tokens each.
  EXPECT_LE(divided.compute, apart.compute);
  EXPECT_GT(divided.compute, 0.5 * apart.compute);
  const auto held = [&](int expert) {
    split.expert_parallel = expert;
    const memory_need need = training_memory(what, split, on);
    return need.weights + need.gradients;
  };
  EXPECT_LT(held(8), held(1) / 4);
  // What the step is said to take is what the search found.
  split.expert_parallel = 8;
  EXPECT_NEAR(estimate_training(system, steps, split).time.seconds, divided.total(), 1e-9);
}

}  // namespace
}  // namespace gpubench::planner
