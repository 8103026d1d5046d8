#include "bench/nvml.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace gpubench::bench {
namespace {

/// Sets an environment variable for one test.
class variable {
 public:
  variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~variable() { unsetenv(name_); }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;

 private:
  const char* name_;
};

TEST(nvml, reads_every_gpu_that_can_be_opened) {
  const variable library("GPUBENCH_NVML_LIBRARY", GPUBENCH_FAKE_NVML);
  const auto found = discover_gpus();
  EXPECT_EQ(found.status, "2 GPUs, 1 more cannot be opened");
  EXPECT_EQ(found.driver_version, "550.54.15");
  ASSERT_EQ(found.gpus.size(), 2U);
  const auto& gpu = found.gpus[0];
  EXPECT_EQ(gpu.index, 0);
  EXPECT_EQ(gpu.name, "NVIDIA A100-SXM4-80GB");
  EXPECT_EQ(gpu.uuid, "GPU-0000");
  EXPECT_EQ(gpu.memory_bytes, 85899345920.0);
  EXPECT_EQ(gpu.compute_capability, "8.0");
  EXPECT_EQ(gpu.max_sm_clock_hertz, 1.41e9);
  EXPECT_EQ(gpu.max_memory_clock_hertz, 1.593e9);
  EXPECT_EQ(gpu.power_limit_watts, 400.0);
  EXPECT_EQ(gpu.ecc, true);
  EXPECT_EQ(gpu.mig, false);
  EXPECT_EQ(gpu.pcie_generation, 4);
}

TEST(nvml, reads_links_modes_and_slices) {
  const variable library("GPUBENCH_NVML_LIBRARY", GPUBENCH_FAKE_NVML);
  const variable slices("FAKE_NVML_MIG", "MIG-5");
  const variable virtualization("FAKE_NVML_VIRTUAL", "2");
  const auto found = discover_gpus();
  ASSERT_EQ(found.gpus.size(), 2U);
  const auto& gpu = found.gpus[0];
  EXPECT_EQ(gpu.pcie_current_generation, 3);
  EXPECT_EQ(gpu.pcie_max_width, std::nullopt);
  EXPECT_EQ(gpu.nvlinks, 12);
  EXPECT_EQ(gpu.persistence_mode, true);
  EXPECT_EQ(gpu.virtualization, "vgpu");
  EXPECT_EQ(gpu.mig, true);
  EXPECT_EQ(gpu.mig_devices, std::vector<std::string>{"MIG-5"});
  EXPECT_EQ(found.gpus[1].nvlinks, 0);
  EXPECT_EQ(found.gpus[1].virtualization, "passthrough");
  EXPECT_TRUE(found.gpus[1].mig_devices.empty());
}

TEST(nvml, leaves_absent_what_a_driver_does_not_support) {
  const variable library("GPUBENCH_NVML_LIBRARY", GPUBENCH_FAKE_NVML);
  const auto found = discover_gpus();
  ASSERT_EQ(found.gpus.size(), 2U);
  EXPECT_EQ(found.gpus[1].mig, std::nullopt);
  EXPECT_EQ(found.gpus[1].pcie_width, std::nullopt);
  EXPECT_EQ(found.gpus[1].power_limit_watts, 250.0);
  EXPECT_EQ(found.gpus[1].default_power_limit_watts, 400.0);
}

TEST(nvml, says_that_there_is_no_driver) {
  const variable library("GPUBENCH_NVML_LIBRARY", "libabsent-nvml.so.1");
  const auto found = discover_gpus();
  EXPECT_EQ(found.status, "no NVIDIA driver (libabsent-nvml.so.1 not found)");
  EXPECT_TRUE(found.gpus.empty());
  EXPECT_EQ(found.driver_version, std::nullopt);
}

TEST(nvml, says_that_the_driver_is_not_loaded) {
  const variable library("GPUBENCH_NVML_LIBRARY", GPUBENCH_FAKE_NVML);
  const variable result("FAKE_NVML_INIT", "9");
  EXPECT_EQ(discover_gpus().status, "the NVIDIA driver is installed but not loaded");
}

TEST(nvml, passes_on_why_the_library_does_not_start) {
  const variable library("GPUBENCH_NVML_LIBRARY", GPUBENCH_FAKE_NVML);
  const variable result("FAKE_NVML_INIT", "4");
  EXPECT_EQ(discover_gpus().status, "NVML does not start: Insufficient Permissions");
}

TEST(nvml, refuses_a_library_that_is_no_nvml) {
  const variable library("GPUBENCH_NVML_LIBRARY", "libm.so.6");
  EXPECT_EQ(discover_gpus().status, "libm.so.6 is no NVML: it lacks nvmlInit_v2");
}

}  // namespace
}  // namespace gpubench::bench
