#include "predictor/copies.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace gpubench::predictor {
namespace {

profiles::gpu_spec a100() {
  profiles::gpu_spec gpu;
  gpu.name = "A100-SXM4-80GB";
  gpu.vendor = "NVIDIA";
  gpu.architecture = "Ampere";
  gpu.memory_bandwidth_bytes_per_second = 2039e9;
  gpu.nvlink_bytes_per_second = 600e9;
  gpu.pcie_generation = 4;
  gpu.pcie_lanes = 16;
  return gpu;
}

double rate_gb(copy_kind kind, const profiles::gpu_spec& gpu, const fabric& links,
               host_memory memory = host_memory::pinned) {
  return 1e9 / estimate_copy(kind, 1e9, gpu, links, memory).seconds / 1e9;
}

TEST(copies, time_is_latency_lost_bytes_and_bytes_over_the_rate) {
  const copy_path path{10e9, 2e-6, 1e6};
  EXPECT_NEAR(copy_seconds(1e6, path), 2e-6 + 1.5e6 / 10e9, 1e-15);  // half of the million is lost
  EXPECT_NEAR(copy_seconds(1e12, path), 2e-6 + (1e12 + 1e6) / 10e9, 1e-6);
  EXPECT_NEAR(copy_seconds(1, path), 2e-6 + 2 / 10e9, 1e-12);
  EXPECT_EQ(copy_seconds(0, path), 0);
}

TEST(copies, agree_with_nvbandwidth_s_example) {
  const fabric links = node_fabric(a100(), profiles::interconnect::nvswitch, 8);
  EXPECT_NEAR(rate_gb(copy_kind::host_to_device, a100(), links), 26.0, 0.3);
  EXPECT_NEAR(rate_gb(copy_kind::peer, a100(), links), 276.3, 3);
  EXPECT_NEAR(rate_gb(copy_kind::device_to_device, a100(), links), 0.88 * 2039 / 2, 10);
}

TEST(copies, follow_pcie_generation_and_lanes) {
  auto gpu = a100();
  const fabric links = node_fabric(gpu, profiles::interconnect::nvswitch, 8);
  const double fourth = path_of(copy_kind::host_to_device, gpu, links).bytes_per_second;
  gpu.pcie_generation = 5;
  EXPECT_NEAR(path_of(copy_kind::host_to_device, gpu, links).bytes_per_second, 2 * fourth, 1);
  gpu.pcie_lanes = 8;
  EXPECT_NEAR(path_of(copy_kind::host_to_device, gpu, links).bytes_per_second, fourth, 1);
}

TEST(copies, pageable_memory_is_staged_except_on_grace) {
  auto gpu = a100();
  const fabric links;
  EXPECT_NEAR(rate_gb(copy_kind::host_to_device, gpu, links, host_memory::pageable), 11, 0.5);
  gpu.architecture = "Grace Hopper";
  EXPECT_NEAR(rate_gb(copy_kind::host_to_device, gpu, links, host_memory::pageable), 396, 5);
}

TEST(copies, peers_without_access_go_through_the_host) {
  auto gpu = a100();
  gpu.nvlink_bytes_per_second.reset();
  fabric links = node_fabric(gpu, profiles::interconnect::pcie, 4);
  const double direct = rate_gb(copy_kind::peer, gpu, links);
  links.peer_access = false;
  EXPECT_LT(rate_gb(copy_kind::peer, gpu, links), direct);
}

TEST(copies, larger_ones_take_longer_and_never_beat_the_link) {
  const fabric links = node_fabric(a100(), profiles::interconnect::nvswitch, 8);
  for (const auto kind :
       {copy_kind::host_to_device, copy_kind::device_to_host, copy_kind::device_to_device, copy_kind::peer}) {
    double last = 0;
    for (double bytes = 1; bytes < 1e13; bytes *= 3) {
      const estimate e = estimate_copy(kind, bytes, a100(), links);
      EXPECT_GT(e.seconds, last);
      EXPECT_GT(e.seconds, bytes / 2039e9);
      EXPECT_LT(e.low, e.high);
      last = e.seconds;
    }
  }
}

}  // namespace
}  // namespace gpubench::predictor
