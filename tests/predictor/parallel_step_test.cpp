#include "predictor/parallel_step.hpp"

#include <gtest/gtest.h>

#include "predictor/collectives.hpp"

namespace gpubench::predictor {
namespace {

estimate seconds(double s) {
  return {s, 0.9 * s, 1.1 * s, basis::calibrated, bound::compute};
}

fabric node() {
  fabric f;
  f.inside = fabric::link::nvlink_switch;
  f.generation = fabric::tuning::ampere;
  f.inside_bytes_per_second = 300e9;
  f.devices_per_node = 4;
  return f;
}

stage_work stage(double forward, double backward, double layers = 0, double gradients = 0) {
  stage_work s;
  s.forward = seconds(forward);
  s.backward = seconds(backward);
  s.layers = layers;
  s.gradient_bytes = gradients;
  return s;
}

double reduce(double bytes, int ranks) {
  return estimate_collective(collective_kind::all_reduce, bytes, node(), ranks, models::precision::fp32).seconds;
}

TEST(parallel_step, one_device_is_forward_backward_and_optimiser) {
  const parallel_step step = compose_step({stage(1, 2, 24, 1e9)}, 1e6, seconds(0.5), {}, node());
  EXPECT_DOUBLE_EQ(step.total().seconds, 3.5);
  EXPECT_NEAR(step.total().high, 3.85, 1e-12);
  EXPECT_EQ(step.data.seconds + step.tensor.seconds + step.bubble.seconds + step.sends.seconds, 0);
}

TEST(parallel_step, accumulation_repeats_both_passes_and_not_the_optimiser) {
  parallel_layout layout;
  layout.micro_batches = 4;
  EXPECT_DOUBLE_EQ(compose_step({stage(1, 2)}, 1e6, seconds(0.5), layout, node()).total().seconds, 12.5);
}

TEST(parallel_step, pipeline_slots_are_the_micro_batches_and_the_way_through_the_other_stages) {
  EXPECT_DOUBLE_EQ(pipeline_seconds({1, 1, 1, 1}, 1), 4);   // one micro-batch: each stage in turn
  EXPECT_DOUBLE_EQ(pipeline_seconds({1, 1, 1, 1}, 8), 11);  // m + p - 1
  EXPECT_DOUBLE_EQ(pipeline_seconds({1, 2, 1}, 3), 2 * 3 + 2);
  EXPECT_DOUBLE_EQ(pipeline_seconds({1, 1, 1, 1}, 8, 3), 9);  // 8 + 3/3
}

TEST(parallel_step, one_micro_batch_in_a_pipeline_takes_as_long_as_on_one_device_and_the_sends) {
  const std::vector<stage_work> four(4, stage(0.25, 0.5));
  const parallel_step step = compose_step(four, 8e6, seconds(0.1), {}, node());
  EXPECT_NEAR(step.compute.seconds + step.bubble.seconds, 3, 1e-12);
  const double one = estimate_collective(collective_kind::send_recv, 8e6, node(), 2).seconds;
  EXPECT_NEAR(step.sends.seconds, 6 * one, 1e-12);  // three borders, both ways
  EXPECT_NEAR(step.total().seconds, 3 + 6 * one + 0.1, 1e-9);
}

TEST(parallel_step, tensor_parallel_ranks_reduce_four_times_a_layer_and_twice_for_the_vocabulary) {
  parallel_layout layout;
  layout.tensor = 4;
  const parallel_step step = compose_step({stage(1, 2, 24, 1e9)}, 20e6, seconds(0.5), layout, node());
  EXPECT_NEAR(step.tensor.seconds, (4 * 24 + 2) * reduce(20e6, 4), 1e-12);
  layout.recompute = true;
  EXPECT_NEAR(compose_step({stage(1, 2, 24)}, 20e6, seconds(0.5), layout, node()).tensor.seconds,
              (6 * 24 + 2) * reduce(20e6, 4), 1e-12);
}

TEST(parallel_step, buckets_hide_behind_a_long_backward_pass_but_for_the_last) {
  const bucket_policy policy;
  const double mib = 1048576;
  // 101 MiB: buckets of 1, 25, 25, 25 and 25 MiB; only the last is reduced after a pass of a second.
  bucket_policy calm = policy;
  calm.contention = 0;
  EXPECT_NEAR(backward_with_buckets(1, 101 * mib, 0, node(), 4, calm), 1 + reduce(25 * mib, 4), 1e-12);
  // The four others, hidden, hold a fifth of the multiprocessors' time.
  EXPECT_NEAR(backward_with_buckets(1, 101 * mib, 0, node(), 4, policy),
              1 + reduce(25 * mib, 4) + 0.2 * (3 * reduce(25 * mib, 4) + reduce(mib, 4)), 1e-12);
  // Without a pass to hide behind, all of them in turn.
  EXPECT_NEAR(backward_with_buckets(0, 101 * mib, 0, node(), 4, calm), 4 * reduce(25 * mib, 4) + reduce(mib, 4), 1e-12);
  // Embeddings are known at the end.
  EXPECT_NEAR(backward_with_buckets(1, 101 * mib, 101 * mib, node(), 4, calm), 1 + reduce(101 * mib, 4), 1e-12);
}

TEST(parallel_step, data_parallel_exposes_what_the_buckets_leave) {
  parallel_layout layout;
  layout.data = 4;
  const parallel_step step = compose_step({stage(0.1, 0.2, 36, 3.1e9)}, 20e6, seconds(0.03), layout, node());
  EXPECT_NEAR(step.data.seconds, backward_with_buckets(0.2, 3.1e9, 0, node(), 4, {}) - 0.2, 1e-12);
  EXPECT_LT(step.data.seconds, reduce(3.1e9, 4));
}

TEST(parallel_step, zero_divides_the_optimiser_and_gathers_weights) {
  parallel_layout layout;
  layout.data = 4;
  layout.zero_stage = 1;
  const auto first = compose_step({stage(0.1, 0.2, 36, 1e9)}, 20e6, seconds(0.04), layout, node());
  EXPECT_DOUBLE_EQ(first.optimizer.seconds, 0.01);
  const double gather =
      estimate_collective(collective_kind::all_gather, 1e9, node(), 4, models::precision::fp32).seconds;
  EXPECT_GE(first.data.seconds, gather) << "which nothing hides";
  layout.zero_stage = 2;
  EXPECT_DOUBLE_EQ(compose_step({stage(0.1, 0.2, 36, 1e9)}, 20e6, seconds(0.04), layout, node()).data.seconds,
                   first.data.seconds);
  layout.zero_stage = 3;
  const auto third = compose_step({stage(0.1, 0.2, 36, 1e9)}, 20e6, seconds(0.04), layout, node());
  EXPECT_GT(third.data.seconds, 0);
  EXPECT_LT(third.data.seconds, 3 * gather + 0.01);
}

TEST(parallel_step, zero_moves_each_parameter_twice_and_with_divided_weights_three_times) {
  // Rajbhandari et al., section 7: stages 1 and 2 move 2 Psi, as plain data parallelism does, stage 3 moves 3 Psi.
  // Passes of no length hide nothing.
  parallel_layout layout;
  layout.data = 4;
  const auto traffic = [&](int zero) {
    layout.zero_stage = zero;
    return compose_step({stage(1e-9, 1e-9, 1, 100e9)}, 1e3, seconds(0), layout, node()).data.seconds;
  };
  const double volume =
      estimate_collective(collective_kind::all_gather, 100e9, node(), 4, models::precision::fp32).seconds;
  EXPECT_NEAR(traffic(0) / volume, 2, 0.4) << "in buckets, each with its latency";
  EXPECT_NEAR(traffic(1) / volume, 2, 0.02);
  EXPECT_NEAR(traffic(2) / volume, 2, 0.02);
  EXPECT_NEAR(traffic(3) / volume, 3, 0.03);
  layout.micro_batches = 4;
  EXPECT_NEAR(traffic(1) / volume, 2, 0.02) << "gradients are summed up where they are whole";
  EXPECT_NEAR(traffic(2) / volume, 5, 0.05) << "and reduced each time where they are not";
}

TEST(parallel_step, replicas_across_nodes_share_the_network) {
  fabric two = node();
  two.nodes = 2;
  two.network_bytes_per_second = 10e9;
  parallel_layout layout;
  layout.data = 2;
  layout.tensor = 4;
  const auto step = compose_step({stage(0, 1e-9, 1, 1e9)}, 1e3, seconds(0), layout, two);
  // A rank's 1 GB between two nodes, 2 * 1/2 of it, at 85 % of a quarter of 10 GB/s, in 25 MiB buckets.
  EXPECT_NEAR(step.data.seconds, 1e9 / (0.85 * 2.5e9), 0.03);
}

TEST(parallel_step, is_never_shorter_than_its_computing) {
  for (const int data : {1, 2, 4}) {
    for (const int tensor : {1, 2, 4}) {
      for (const int zero : {0, 1, 2, 3}) {
        for (const std::size_t depth : {1u, 2u, 4u}) {
          parallel_layout layout;
          layout.data = data;
          layout.tensor = tensor;
          layout.zero_stage = zero;
          layout.micro_batches = 3;
          fabric links = node();
          links.nodes = 8;
          links.network_bytes_per_second = 50e9;
          const std::vector<stage_work> stages(depth, stage(0.01, 0.02, 6, 1e8));
          const estimate total = compose_step(stages, 1e6, seconds(0.001), layout, links).total();
          EXPECT_GE(total.seconds, 0.03 * (3 + static_cast<double>(depth) - 1));
          EXPECT_LT(total.seconds, 10);
          EXPECT_LT(total.low, total.high);
        }
      }
    }
  }
}

}  // namespace
}  // namespace gpubench::predictor
