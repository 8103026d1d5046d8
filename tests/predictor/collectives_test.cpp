#include "predictor/collectives.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace gpubench::predictor {
namespace {

fabric of(fabric::link inside, double direction_gb_per_second, int per_node, int nodes = 1, double node_gbit = 0) {
  fabric f;
  f.inside = inside;
  f.inside_bytes_per_second = direction_gb_per_second * 1e9;
  f.devices_per_node = per_node;
  f.nodes = nodes;
  f.network_bytes_per_second = node_gbit * 1e9 / 8;
  return f;
}

double busbw_gb(const fabric& links, double bytes) {
  const double seconds = estimate_collective(collective_kind::all_reduce, bytes, links, links.devices()).seconds;
  // nccl-tests doc/PERFORMANCE.md: every rank sends and receives 2(n-1)/n of the buffer.
  return bytes * 2 * (links.devices() - 1) / links.devices() / seconds / 1e9;
}

TEST(collectives, one_device_and_no_bytes_take_no_time) {
  const fabric f = of(fabric::link::nvlink_ampere, 300, 8);
  EXPECT_EQ(estimate_collective(collective_kind::all_reduce, 1e9, f, 1).seconds, 0);
  EXPECT_EQ(estimate_collective(collective_kind::all_reduce, 0, f, 8).seconds, 0);
}

TEST(collectives, a_large_all_reduce_is_latency_plus_wire_bytes_over_the_share_of_the_link) {
  const fabric f = of(fabric::link::nvlink_ampere, 300, 2);
  // Two ranks: wire factor 2 * 1/2 = 1; 36.6 us + 1 GB / (0.627 * 300 GB/s).
  EXPECT_NEAR(estimate_collective(collective_kind::all_reduce, 1e9, f, 2).seconds, 36.6e-6 + 1.0 / 188.1, 1e-9);
  // A small one takes the other line: 10.7 us + 1 KB / (0.19 * 300 GB/s).
  EXPECT_NEAR(estimate_collective(collective_kind::all_reduce, 1e3, f, 2).seconds, 10.7e-6 + 1e3 / 57e9, 1e-9);
}

TEST(collectives, a_gather_moves_half_of_what_a_reduction_moves) {
  const fabric two_nodes = of(fabric::link::none, 0, 1, 2, 80);  // 10 GB/s
  // Between two nodes 2 * 1/2 and 1/2 of the bytes, at 85 % of the rate, and 170 us.
  EXPECT_NEAR(estimate_collective(collective_kind::all_reduce, 8.5e9, two_nodes, 2).seconds, 1 + 170e-6, 1e-9);
  EXPECT_NEAR(estimate_collective(collective_kind::all_gather, 8.5e9, two_nodes, 2).seconds, 0.5 + 170e-6, 1e-9);
}

TEST(collectives, agrees_with_published_bus_bandwidths_inside_a_node) {
  // A100 x8: 231.6 GB/s at 8 GiB (Azure); H100 x8: 478.9 (nccl-tests #212).
  EXPECT_NEAR(busbw_gb(of(fabric::link::nvlink_ampere, 300, 8), 8.6e9), 231.6, 231.6 * 0.05);
  EXPECT_NEAR(busbw_gb(of(fabric::link::nvlink_hopper, 450, 8), 8.6e9), 478.9, 478.9 * 0.05);
  // B200 x8: 838 GB/s at 8 GiB and 723 at 1 GiB (stas00/ml-engineering, 2026-08-22); not fitted on.
  EXPECT_NEAR(busbw_gb(of(fabric::link::nvlink_hopper, 900, 8), 8.6e9), 838, 838 * 0.15);
  EXPECT_NEAR(busbw_gb(of(fabric::link::nvlink_hopper, 900, 8), 1.07e9), 723, 723 * 0.35);
}

TEST(collectives, agrees_with_published_bus_bandwidths_across_nodes) {
  // nccl-tests, awsome-distributed-training, 2025-09-26: 2 x p4de 78.3 at 2 GiB, 2 x p5 479.3 at 8 GiB.
  EXPECT_NEAR(busbw_gb(of(fabric::link::nvlink_ampere, 300, 8, 2, 400), 2.15e9), 78.33, 78.33 * 0.1);
  EXPECT_NEAR(busbw_gb(of(fabric::link::nvlink_hopper, 450, 8, 2, 3200), 8.6e9), 479.3, 479.3 * 0.3);
  // stas00/ml-engineering, 2026-08-22: 4 x p6-b200 381.8 at 16 GiB, 229 at 256 MiB.
  EXPECT_NEAR(busbw_gb(of(fabric::link::nvlink_hopper, 900, 8, 4, 3200), 17.2e9), 381.8, 381.8 * 0.25);
  EXPECT_NEAR(busbw_gb(of(fabric::link::nvlink_hopper, 900, 8, 4, 3200), 2.68e8), 229, 229 * 0.5);
}

TEST(collectives, more_bytes_never_take_less_time) {
  const fabric f = of(fabric::link::nvlink_hopper, 450, 8);
  double last = 0;
  for (double bytes = 256; bytes < 1e10; bytes *= 2) {
    const double seconds = estimate_collective(collective_kind::all_gather, bytes, f, 8).seconds;
    EXPECT_GE(seconds, last);
    last = seconds;
  }
}

TEST(collectives, pcie_is_the_link_of_an_instance_that_states_none) {
  profiles::instance type;
  type.gpu = "T4";
  type.gpu_count = 4;
  profiles::gpu_spec t4;
  t4.vendor = "NVIDIA";
  t4.pcie_generation = 3;
  t4.pcie_lanes = 16;
  const fabric f = fabric_of(type, &t4, 1);
  EXPECT_EQ(f.inside, fabric::link::pcie);
  EXPECT_NEAR(f.inside_bytes_per_second, 15.75e9, 0.01e9);
}

}  // namespace
}  // namespace gpubench::predictor
