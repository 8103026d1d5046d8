#include "predictor/fabric.hpp"

#include <gtest/gtest.h>

namespace gpubench::predictor {
namespace {

using profiles::interconnect;

profiles::gpu_spec part(const char* name, const char* architecture, double nvlink_gb, int pcie) {
  profiles::gpu_spec gpu;
  gpu.name = name;
  gpu.vendor = "NVIDIA";
  gpu.architecture = architecture;
  if (nvlink_gb > 0) gpu.nvlink_bytes_per_second = nvlink_gb * 1e9;
  gpu.pcie_generation = pcie;
  gpu.pcie_lanes = 16;
  return gpu;
}

TEST(fabric, pcie_is_the_link_of_an_instance_that_states_none) {
  profiles::instance type;
  type.gpu = "T4";
  type.gpu_count = 4;
  const auto t4 = part("T4", "Turing", 0, 3);
  const fabric f = fabric_of(type, &t4, 1);
  EXPECT_EQ(f.inside, fabric::link::pcie);
  EXPECT_NEAR(f.inside_bytes_per_second, 15.75e9, 0.01e9);
  EXPECT_FALSE(f.peer_access);
}

TEST(fabric, a_data_sheet_s_nvlink_counts_both_directions) {
  const fabric f = node_fabric(part("H100-SXM5-80GB", "Hopper", 900, 5), interconnect::nvswitch, 8);
  EXPECT_EQ(f.inside, fabric::link::nvlink_switch);
  EXPECT_EQ(f.generation, fabric::tuning::hopper);
  EXPECT_DOUBLE_EQ(f.inside_bytes_per_second, 450e9);
}

TEST(fabric, latency_follows_the_clock_and_the_host) {
  auto a100 = part("A100-SXM4-80GB", "Ampere", 600, 4);
  a100.boost_clock_hertz = 1.41e9;
  const fabric f = node_fabric(a100, interconnect::nvswitch, 8);
  EXPECT_NEAR(f.step_scale, 1.98 / 1.41, 1e-9);
  EXPECT_NEAR(f.latency_scale, 1.27 * 1.98 / 1.41, 1e-9);
}

TEST(fabric, knows_how_parts_are_usually_joined) {
  EXPECT_EQ(usual_interconnect(part("L40S", "Ada Lovelace", 0, 4)), interconnect::pcie);
  EXPECT_EQ(usual_interconnect(part("A100-PCIe-80GB", "Ampere", 600, 4)), interconnect::nvlink);
  EXPECT_EQ(usual_interconnect(part("H100-NVL-94GB", "Hopper", 600, 5)), interconnect::nvlink);
  EXPECT_EQ(usual_interconnect(part("V100-SXM2-16GB", "Volta", 300, 3)), interconnect::nvlink);
  EXPECT_EQ(usual_interconnect(part("B200", "Blackwell", 1800, 5)), interconnect::nvswitch);
  EXPECT_EQ(node_fabric(part("V100-SXM2-16GB", "Volta", 300, 3), interconnect::nvlink, 8).inside,
            fabric::link::nvlink_mesh);
  EXPECT_EQ(node_fabric(part("GB200", "Grace Blackwell", 1800, 5), interconnect::nvswitch, 4).switch_domain, 72);
}

}  // namespace
}  // namespace gpubench::predictor
