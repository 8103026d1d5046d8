#include "planner/training.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

using models::precision;

profiles::workload fine_tune() {
  profiles::workload w;
  w.kind = profiles::workload_kind::transformer_train;
  w.unit = "token";
  w.precision = precision::bf16;
  w.transformer = testing::llama_8b();
  w.sequence_length = 2048;
  return w;
}

/// A device of 1 PiB on which every operator takes the same time whatever its work.
struct plain_system {
  device on;
  std::unique_ptr<device_model> model;
  system_under_plan system;

  plain_system(int per_node, int nodes, double operator_seconds) {
    on.name = "GPU";
    on.memory_bytes = 1125899906842624.0;
    system.device = &on;
    device_rates rates;
    for (auto& kind : rates.cells) {
      for (device_rates::cell& cell : kind) {
        cell.compute_flop_per_second = 1e300;
        cell.memory_bytes_per_second = 1e300;
        cell.overhead_seconds = operator_seconds;
      }
    }
    model = std::make_unique<device_model>(rates);
    system.model = model.get();
    system.links.inside = fabric::link::nvlink_switch;
    system.links.inside_bytes_per_second = 300e9;
    system.links.devices_per_node = per_node;
    system.links.nodes = nodes;
    system.links.network_bytes_per_second = 10e9;
  }
};

TEST(training, ranks_round_their_share_of_the_global_batch_up) {
  profiles::workload what = fine_tune();
  what.global_batch_sequences = 64;
  layout split;
  split.data_parallel = 56;
  set_batches(split, what, 1);  // 64 / 56 = 1.14 sequences a rank: two rounds of one
  EXPECT_EQ(split.micro_batch, 1);
  EXPECT_EQ(split.accumulation, 2);
  set_batches(split, what, 8);  // or one round of two
  EXPECT_EQ(split.micro_batch, 2);
  EXPECT_EQ(split.accumulation, 1);
  EXPECT_EQ(units_per_step(what, split), 64 * 2048) << "not the 112 that there is room for";
  what.unit = "sequence";
  EXPECT_EQ(units_per_step(what, split), 64);
  what.global_batch_sequences = 0;
  EXPECT_EQ(units_per_step(what, split), 112);
}

TEST(training, a_partly_idle_last_round_takes_its_whole_time) {
  const auto seconds = [](std::int64_t batch) {
    const plain_system machines(8, 7, 1e-3);
    profiles::workload what = fine_tune();
    what.global_batch_sequences = batch;
    step_library steps(what);
    layout split;
    split.data_parallel = 56;
    set_batches(split, what, 1);
    EXPECT_EQ(split.accumulation, 2) << batch;
    return estimate_training(machines.system, steps, split).time.seconds;
  };
  EXPECT_DOUBLE_EQ(seconds(64), seconds(112));
}

constexpr double weight_bytes = 2 * 8030261248.0;    // Llama 3.1 8B in bf16
constexpr double network_rate = 0.85 * 10e9;         // of a node
constexpr double hop = 85e-6;                        // a message between two nodes
constexpr double table_bytes = 2 * 128256.0 * 4096;  // of the embedding, whose gradient comes last

/// All-reduces of one device's gradients: a first bucket of 1 MiB, of 25 MiB, what is left, and the embedding's.
double buckets(double gradients, double table) {
  return 3 + std::floor((gradients - table - 1048576) / (25 * 1048576.0));
}

/// Two nodes of eight devices that compute in no time.
estimate communication(const layout& split) {
  const plain_system machines(8, 2, 0);
  step_library steps(fine_tune());
  return estimate_training(machines.system, steps, split).time;
}

TEST(training, gradients_over_two_nodes_cross_the_network_once_a_direction) {
  layout split;
  split.data_parallel = 16;
  // All-reduce between two nodes: 2 * 1/2 of the bytes, there and back.
  EXPECT_NEAR(communication(split).seconds, weight_bytes / network_rate + buckets(weight_bytes, table_bytes) * 2 * hop,
              2e-3);
  EXPECT_EQ(communication(split).bound_by, bound::network);
}

TEST(training, rings_of_tensor_parallel_ranks_share_the_network_of_their_node) {
  layout split;
  split.tensor_parallel = 4;
  split.data_parallel = 4;
  const plain_system machines(8, 2, 0);
  step_library steps(fine_tune());
  // Four rings, each of a quarter of the gradients on a quarter of the network.
  const double gradients = weight_bytes / 4 / (network_rate / 4) + buckets(weight_bytes / 4, table_bytes / 4) * 2 * hop;
  // 4 all-reduces in each of 32 layers and 2 at the ends: 2048 tokens x 4096 x 2 bytes, over four devices of one node.
  const double activations =
      130 * estimate_collective(collective_kind::all_reduce, 2048 * 4096 * 2.0, machines.system.links, 4).seconds;
  EXPECT_NEAR(communication(split).seconds, gradients + activations, 2e-3);
}

TEST(training, tensor_parallel_ranks_move_the_same_gradients_between_nodes_no_faster) {
  for (const int tp : {1, 2, 4, 8}) {
    layout split;
    split.tensor_parallel = tp;
    split.data_parallel = 16 / tp;
    EXPECT_GE(communication(split).seconds, weight_bytes / network_rate) << tp;
  }
}

TEST(training, divided_weights_are_gathered_twice_and_gradients_scattered_once_a_round) {
  layout split;
  split.data_parallel = 16;
  split.zero_stage = 3;
  split.accumulation = 4;
  // Each moves 1/2 of the bytes between two nodes: (2 + 1) collectives in each of 4 rounds, the weights layer by layer.
  EXPECT_NEAR(communication(split).seconds, 12 * weight_bytes / 2 / network_rate + 4 * (2 * 32 + 1) * hop, 2e-3);
}

TEST(training, buckets_of_gradients_hide_the_backward_pass_where_they_take_longer) {
  step_library steps(fine_tune());
  layout split;
  const plain_system machines(8, 2, 1e-3);
  const double computing = estimate_training(machines.system, steps, split).time.seconds;
  const double forward =
      machines.system.model->time(steps.micro_batch_forward(1, split.precision, 1, 32, 1)).total().seconds;
  const double update = 1e-12 * weight_bytes / 2;  // an operator of 1 ms for each 10^9 parameters
  const double backward = computing - forward - update;
  EXPECT_GT(backward, 0.1);
  split.data_parallel = 16;
  const double both = estimate_training(machines.system, steps, split).time.seconds;
  const double traffic = communication(split).seconds;
  ASSERT_GT(traffic, backward);
  // The channels take a fifth of the pass that they run beside; the embedding's gradient waits for its end.
  EXPECT_NEAR(both, forward + traffic + 0.2 * backward + update, 2e-3);
}

}  // namespace
}  // namespace gpubench::planner
