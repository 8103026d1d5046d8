#include "bench/cuda/module/device.hpp"

#include "bench/cuda/module/failure.hpp"

#include <cuda_runtime_api.h>

#include <array>
#include <cstdio>

namespace gpubench::cuda {

namespace {

/// As NVML and nvidia-smi write it: GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx.
std::string uuid_text(const cudaUUID_t& uuid) {
  std::string text = "GPU-";
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x",
                  static_cast<unsigned>(static_cast<unsigned char>(uuid.bytes[i])));
    text += digits.data();
  }
  return text;
}

device_properties describe(int index) {
  cudaDeviceProp found{};
  GPUBENCH_CUDA(cudaGetDeviceProperties(&found, index));
  device_properties result;
  result.index = index;
  result.name = found.name;
  result.uuid = uuid_text(found.uuid);
  result.major = found.major;
  result.minor = found.minor;
  result.compute_capability = std::to_string(found.major) + "." + std::to_string(found.minor);
  result.memory_bytes = static_cast<double>(found.totalGlobalMem);
  result.l2_bytes = found.l2CacheSize;
  result.multiprocessors = found.multiProcessorCount;
  return result;
}

}  // namespace

std::string cuda_version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

device_search find_devices() {
  int driver = 0;
  int runtime = 0;
  // 0: no driver is installed (CUDA runtime documentation, "cudaDriverGetVersion").
  if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0) {
    return {GPUBENCH_MODULE_NO_DRIVER, "libcuda.so.1 not found", {}};
  }
  GPUBENCH_CUDA(cudaRuntimeGetVersion(&runtime));
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status == cudaErrorInsufficientDriver) {
    return {GPUBENCH_MODULE_DRIVER_TOO_OLD,
            "it knows CUDA " + cuda_version_text(driver) + ", this build needs CUDA " + cuda_version_text(runtime),
            {}};
  }
  if (status == cudaErrorNoDevice || (status == cudaSuccess && count == 0)) {
    return {GPUBENCH_MODULE_NO_DEVICE, "the driver is there and lists none", {}};
  }
  if (status != cudaSuccess) {
    return {
        GPUBENCH_MODULE_FAILED, std::string(cudaGetErrorName(status)) + " (" + cudaGetErrorString(status) + ")", {}};
  }
  device_search result{GPUBENCH_MODULE_READY, {}, {}};
  for (int i = 0; i < count; ++i) result.devices.push_back(describe(i));
  return result;
}

}  // namespace gpubench::cuda
