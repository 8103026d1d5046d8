#include "predictor/collectives.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace gpubench::predictor {
namespace {

constexpr double mib = 1048576;

fabric switched(fabric::tuning generation, double direction_gb_per_second, int per_node = 8, int nodes = 1,
                double node_gbit = 0) {
  fabric f;
  f.inside = fabric::link::nvlink_switch;
  f.generation = generation;
  f.inside_bytes_per_second = direction_gb_per_second * 1e9;
  f.devices_per_node = per_node;
  f.nodes = nodes;
  f.network_bytes_per_second = node_gbit * 1e9 / 8;
  return f;
}

double formula_us(collective_kind kind, double bytes, const fabric& links, int ranks) {
  return 1e6 * modelled_seconds(kind, bytes, links, ranks, true, collective_constants{});
}

double busbw_gb(const fabric& links, double bytes) {
  const double seconds = estimate_collective(collective_kind::all_reduce, bytes, links, links.devices()).seconds;
  // nccl-tests doc/PERFORMANCE.md: every rank sends and receives 2(n-1)/n of the buffer.
  return bytes * 2 * (links.devices() - 1) / links.devices() / seconds / 1e9;
}

TEST(collectives, one_device_and_no_bytes_take_no_time) {
  const fabric f = switched(fabric::tuning::ampere, 300);
  EXPECT_EQ(estimate_collective(collective_kind::all_reduce, 1e9, f, 1).seconds, 0);
  EXPECT_EQ(estimate_collective(collective_kind::all_reduce, 0, f, 8).seconds, 0);
}

TEST(collectives, the_protocol_is_the_one_that_nccl_reckons_cheapest) {
  const fabric ampere = switched(fabric::tuning::ampere, 300), hopper = switched(fabric::tuning::hopper, 450);
  // Gather over 2: 7.2 us + S/2 / 87.7 GB/s against 11.8 us + S/2 / 240 GB/s cross at 1.27 MB.
  EXPECT_EQ(chosen_protocol(collective_kind::all_gather, 1.2e6, ampere, 2, true), protocol::low_latency);
  EXPECT_EQ(chosen_protocol(collective_kind::all_gather, 1.3e6, ampere, 2, true), protocol::simple);
  // Over 8: 10.8 us + 7/8 S / 87.7 against 27.3 us + 7/8 S / 220.8 cross at 2.74 MB; 32.2 us + 7/8 S / 240 at 13.5 MB.
  EXPECT_EQ(chosen_protocol(collective_kind::all_gather, 2.7e6, ampere, 8, true), protocol::low_latency);
  EXPECT_EQ(chosen_protocol(collective_kind::all_gather, 2.8e6, ampere, 8, true), protocol::low_latency_128);
  EXPECT_EQ(chosen_protocol(collective_kind::all_gather, 16e6, ampere, 8, true), protocol::simple);
  // The switch adds from Hopper on, floating point only, and not for few ranks.
  EXPECT_EQ(chosen_protocol(collective_kind::all_reduce, 1e9, hopper, 8, true), protocol::in_switch);
  EXPECT_EQ(chosen_protocol(collective_kind::all_reduce, 1e9, hopper, 8, false), protocol::simple);
  EXPECT_EQ(chosen_protocol(collective_kind::all_reduce, 1e9, hopper, 4, true), protocol::simple);
  EXPECT_EQ(chosen_protocol(collective_kind::all_reduce, 1e9, ampere, 8, true), protocol::simple);
}

TEST(collectives, a_small_gather_is_launch_hops_and_wire_bytes) {
  const fabric f = switched(fabric::tuning::ampere, 300);
  // 4.37 + 0.803 + 1.70 (the ramp's end) + 524288 B / (0.487 * 240 GB/s) = 4.486 us.
  EXPECT_NEAR(formula_us(collective_kind::all_gather, mib, f, 2), 11.359, 0.002);
}

TEST(collectives, a_larger_gather_fills_a_pipeline) {
  const fabric f = switched(fabric::tuning::ampere, 300);
  // Fill 8.30 + 1.73; bulk 1048576 / (1.005 * 240e9) + 1048576 / (2.67 * 240e9) = 5.984 us; both, the root of their
  // product times 0.453, and the launch.
  EXPECT_NEAR(formula_us(collective_kind::all_gather, 2 * mib, f, 2), 4.37 + 10.03 + 5.984 + 0.453 * 7.747, 0.003);
}

TEST(collectives, a_sum_in_the_switch_moves_the_buffer_and_one_share_of_it) {
  const fabric f = switched(fabric::tuning::hopper, 450);
  // 512 MiB * 9/8 / (0.924 * 370.8 GB/s) = 1762.8 us; fill 8.91.
  const double bulk = 1762.8;
  EXPECT_NEAR(formula_us(collective_kind::all_reduce, 512 * mib, f, 8),
              4.37 + 8.91 + bulk + 2.27 * std::sqrt(8.91 * bulk), 0.5);
}

TEST(collectives, slower_clocks_and_older_hosts_delay_small_messages_only) {
  fabric slow = switched(fabric::tuning::hopper, 450);
  slow.latency_scale = 2;
  slow.step_scale = 1.5;
  const fabric plain = switched(fabric::tuning::hopper, 450);
  EXPECT_NEAR(formula_us(collective_kind::all_gather, 512, slow, 2), 2 * 4.37 + 1.5 * 0.803, 0.02);
  EXPECT_LT(
      formula_us(collective_kind::all_gather, 1e9, slow, 2) / formula_us(collective_kind::all_gather, 1e9, plain, 2),
      1.05);
}

TEST(collectives, agrees_with_the_measurements_behind_the_curves) {
  fabric h100 = switched(fabric::tuning::hopper, 450);
  h100.gpu = "H100-SXM5-80GB";
  h100.architecture = "Hopper";
  // ai-dynamo/aiconfigurator, NCCL 2.29.2: 18.7 us for 64 KiB and 2111 us for 512 MiB over 8, a gather of 16 MiB over
  // 4 65.8 us.
  EXPECT_NEAR(estimate_collective(collective_kind::all_reduce, 65536, h100, 8).seconds, 18.7e-6, 0.5e-6);
  EXPECT_NEAR(estimate_collective(collective_kind::all_reduce, 512 * mib, h100, 8).seconds, 2111e-6, 25e-6);
  EXPECT_NEAR(estimate_collective(collective_kind::all_gather, 16 * mib, h100, 4).seconds, 65.8e-6, 2e-6);
  // 8-bit integers are not added in the switch: 2677 us.
  EXPECT_NEAR(estimate_collective(collective_kind::all_reduce, 512 * mib, h100, 8, models::precision::int8).seconds,
              2677e-6, 320e-6);
}

TEST(collectives, agrees_with_published_bus_bandwidths_inside_a_node) {
  // A100 x8: 231.6 GB/s at 8 GiB (Azure); H100 x8: 478.9 (nccl-tests #212).
  EXPECT_NEAR(busbw_gb(switched(fabric::tuning::ampere, 300), 8.6e9), 231.6, 231.6 * 0.05);
  EXPECT_NEAR(busbw_gb(switched(fabric::tuning::hopper, 450), 8.6e9), 478.9, 478.9 * 0.08);
  // B200 x8: 646 GB/s at 256 MiB, 723 at 1 GiB and 846 at 16 GiB (stas00/ml-engineering, 2026-08-22); 72 x GB300 937 at
  // 16 GiB (Azure, 2026-04-22).
  const fabric b200 = switched(fabric::tuning::blackwell, 900);
  EXPECT_NEAR(busbw_gb(b200, 256 * mib), 646, 646 * 0.08);
  EXPECT_NEAR(busbw_gb(b200, 1024 * mib), 723, 723 * 0.08);
  EXPECT_NEAR(busbw_gb(b200, 16384 * mib), 846, 846 * 0.08);
  fabric rack = switched(fabric::tuning::blackwell, 900, 4, 18);
  rack.switch_domain = 72;
  EXPECT_NEAR(busbw_gb(rack, 16384 * mib), 937, 937 * 0.1);
}

TEST(collectives, agrees_with_published_bus_bandwidths_across_nodes) {
  // nccl-tests, awsome-distributed-training, 2025-09-26: 2 x p4de 78.3 at 2 GiB, 2 x p5 437 at 1 GiB and 487 at 16 GiB.
  EXPECT_NEAR(busbw_gb(switched(fabric::tuning::ampere, 300, 8, 2, 400), 2048 * mib), 78.3, 4);
  EXPECT_NEAR(busbw_gb(switched(fabric::tuning::hopper, 450, 8, 2, 3200), 1024 * mib), 437, 30);
  EXPECT_NEAR(busbw_gb(switched(fabric::tuning::hopper, 450, 8, 2, 3200), 16384 * mib), 487, 40);
  // stas00/ml-engineering, 2026-08-22: 4 x p6-b200 64 at 16 MiB, 362 at 1 GiB, 382 at 16 GiB.
  EXPECT_NEAR(busbw_gb(switched(fabric::tuning::blackwell, 900, 8, 4, 3200), 16 * mib), 64, 20);
  EXPECT_NEAR(busbw_gb(switched(fabric::tuning::blackwell, 900, 8, 4, 3200), 1024 * mib), 362, 50);
  EXPECT_NEAR(busbw_gb(switched(fabric::tuning::blackwell, 900, 8, 4, 3200), 16384 * mib), 382, 50);
}

TEST(collectives, a_gather_across_nodes_moves_half_of_what_a_reduction_moves) {
  fabric two_nodes = switched(fabric::tuning::ampere, 0, 1, 2, 80);  // 10 GB/s
  two_nodes.inside = fabric::link::none;
  // Between two nodes 2 * 1/2 and 1/2 of the bytes, at 85 % of the rate, and two hops or one of 85 us.
  EXPECT_NEAR(estimate_collective(collective_kind::all_reduce, 8.5e9, two_nodes, 2).seconds, 1 + 170e-6, 1e-9);
  EXPECT_NEAR(estimate_collective(collective_kind::all_gather, 8.5e9, two_nodes, 2).seconds, 0.5 + 85e-6, 1e-9);
  EXPECT_EQ(estimate_collective(collective_kind::all_gather, 8.5e9, two_nodes, 2).bound_by, bound::network);
}

TEST(collectives, never_beat_the_links_and_take_longer_for_four_times_the_bytes) {
  for (const auto inside : {fabric::link::nvlink_switch, fabric::link::nvlink_mesh, fabric::link::nvlink_pairs,
                            fabric::link::pcie, fabric::link::infinity_fabric}) {
    for (const auto kind : {collective_kind::all_reduce, collective_kind::all_gather, collective_kind::reduce_scatter,
                            collective_kind::all_to_all, collective_kind::broadcast, collective_kind::send_recv}) {
      for (const int ranks : {2, 3, 4, 6, 8}) {
        fabric f = switched(fabric::tuning::blackwell, 900);
        f.inside = inside;
        f.pcie_bytes_per_second = 63e9;
        double last = 0;
        for (double bytes = 1; bytes < 1e13; bytes *= 4) {
          const estimate e = estimate_collective(kind, bytes, f, ranks);
          ASSERT_TRUE(std::isfinite(e.seconds));
          EXPECT_LT(e.low, e.seconds);
          EXPECT_GT(e.high, e.seconds);
          EXPECT_GE(e.seconds, 0.97 * last) << to_string(kind) << ' ' << ranks << ' ' << bytes;
          EXPECT_GE(e.seconds, bytes / ranks / 900e9);
          last = e.seconds;
        }
      }
    }
  }
}

TEST(collectives, more_ranks_over_pcie_stop_in_host_memory) {
  profiles::gpu_spec l40s;
  l40s.name = "L40S";
  l40s.vendor = "NVIDIA";
  l40s.architecture = "Ada Lovelace";
  l40s.pcie_generation = 4;
  l40s.pcie_lanes = 16;
  const fabric f = node_fabric(l40s, profiles::interconnect::pcie, 8);
  EXPECT_TRUE(f.peer_access);
  const auto gb = [&](int ranks) {
    return 1e9 * 2 * (ranks - 1) / ranks / estimate_collective(collective_kind::all_reduce, 1e9, f, ranks).seconds /
           1e9;
  };
  // NCCL reckons with 24 GB/s of PCIe 4; 92 % of it within a socket, 55 % through the hosts' memory.
  EXPECT_NEAR(gb(4), 22, 1.5);
  EXPECT_NEAR(gb(8), 13, 1.5);
}

}  // namespace
}  // namespace gpubench::predictor
