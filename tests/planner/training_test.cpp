#include "planner/training.hpp"

#include <gtest/gtest.h>

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
  system_under_plan system;

  plain_system(int per_node, int nodes, double operator_seconds) {
    on.name = "GPU";
    on.memory_bytes = 1125899906842624.0;
    system.device = &on;
    for (auto& kind : system.rates.cells) {
      for (device_rates::cell& cell : kind) {
        cell.compute_flop_per_second = 1e300;
        cell.memory_bytes_per_second = 1e300;
        cell.overhead_seconds = operator_seconds;
      }
    }
    system.links.inside = fabric::link::nvlink_ampere;
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
  profiles::workload what = fine_tune();
  what.transformer.heads = what.transformer.kv_heads = 7;  // not divided: data parallel alone
  const plain_system machines(8, 7, 1e-3);
  const auto plan = [&](std::int64_t batch) {
    what.global_batch_sequences = batch;
    step_library steps(what);
    return plan_transformer_training(machines.system, steps, precision::bf16).best.value();
  };
  const performance partly = plan(64), full = plan(112);
  EXPECT_EQ(partly.split.data_parallel, 56);
  EXPECT_EQ(partly.split.accumulation, 2);
  EXPECT_EQ(full.split.accumulation, 2);
  EXPECT_DOUBLE_EQ(partly.step.seconds, full.step.seconds);
  EXPECT_DOUBLE_EQ(partly.units_per_second, 64 * 2048 / full.step.seconds);
  EXPECT_DOUBLE_EQ(full.units_per_second, 112 * 2048 / full.step.seconds);
}

}  // namespace
}  // namespace gpubench::planner
