#pragma once

#include "bench/cuda/module/cudnn_layers.hpp"
#include "bench/cuda/module/cudnn_plan.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/library_search.hpp"

#include <gtest/gtest.h>

#include <dlfcn.h>

#include <string>

namespace gpubench::cuda::dnn {

/// What cuDNN knows of a device. Sizes: CUDA C++ Programming Guide, "Technical Specifications per Compute Capability",
/// and NVIDIA's data sheets.
inline std::string described_device(int capability, int multiprocessors, int shared_bytes, int l2_bytes) {
  return R"({"deviceName": "described", "deviceVer": )" + std::to_string(capability) + R"(, "multiProcessorCount": )" +
         std::to_string(multiprocessors) + R"(, "maxSharedMemoryPerBlockOptin": )" + std::to_string(shared_bytes) +
         R"(, "l2CacheSize": )" + std::to_string(l2_bytes) + R"(, "cudaDeviceId": 0, "driverVer": 13000,
         "maxGridSize": [2147483647, 65535, 65535], "maxBlockSize": [1024, 1024, 64], "regsPerBlock": 65536,
         "smClockRateKHz": 1410000, "memClockRateKHz": 1593000, "warpSize": 32, "maxSharedMemoryPerBlock": 49152,
         "reservedSharedMemoryPerBlock": 1024, "maxRegistersPerSM": 65536, "pciDeviceId": 0, "maxCtasPerSM": 32,
         "maxThreadsPerBlock": 1024, "maxThreadsPerSM": 2048, "isTccDriver": 0, "supportCoopLaunch": 1,
         "totalGlobalMem": 85899345920, "schemaVersion": 4, "version": 91900})";
}
inline const std::string a100 = described_device(800, 108, 166912, 41943040);
inline const std::string h100 = described_device(900, 132, 232448, 52428800);

inline constexpr plan_rules on_tensor_cores{tensor_cores::required, true, std::size_t{1} << 30};
inline constexpr plan_rules plain{tensor_cores::forbidden, true, std::size_t{1} << 30};

/// Asks cuDNN for engines on described devices; skips where it cannot.
class engines : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { dlopen(STAND_IN_DRIVER_FILE, RTLD_NOW | RTLD_GLOBAL); }

  void SetUp() override {
    if (const auto reason = cudnn_unavailable()) GTEST_SKIP() << *reason;
    const auto compiler = open_library("libnvrtc.so." + std::to_string(CUDART_VERSION / 1000));
    if (compiler.handle == nullptr) GTEST_SKIP() << compiler.problem;
    try {
      plain_convolution_plan();
    } catch (const failure& f) {
      GTEST_SKIP() << "this cuDNN compiles for no described device: " << f.what();
    }
  }

  /// Of ready-made code: each test asks for it, and what cuDNN compiles itself takes seconds.
  static void plain_convolution_plan() {
    const kernels::convolution_shape shape{kernels::storage::fp32,
                                           kernels::convolution_product::forward,
                                           kernels::image_order::channels_first,
                                           8,
                                           64,
                                           28,
                                           28,
                                           64,
                                           3,
                                           1,
                                           1};
    plans_for_described_device(h100, convolution_of(shape).operations, plain, 1);
  }

  /// The engine's text, empty when there is none: the reason is in the failure.
  static std::string engine_of(const std::string& device, const graph& described, const plan_rules& rules = {}) {
    try {
      const auto plans = plans_for_described_device(device, described, rules, 1);
      return plans.front().engine();
    } catch (const failure& f) {
      ADD_FAILURE() << f.what();
      return {};
    }
  }
};

}  // namespace gpubench::cuda::dnn
