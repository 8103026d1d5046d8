#include "bench/cuda/module/device.hpp"

#include "bench/cuda/module/failure.hpp"

#include <cuda_runtime_api.h>

#include <array>
#include <cstdio>
#include <cstring>

namespace gpubench::cuda {

namespace {

device_properties describe(int index) {
  cudaDeviceProp found{};
  GPUBENCH_CUDA(cudaGetDeviceProperties(&found, index));
  device_properties result;
  result.index = index;
  result.name = found.name;
  std::array<unsigned char, 16> uuid{};
  static_assert(sizeof uuid == sizeof found.uuid.bytes);
  std::memcpy(uuid.data(), found.uuid.bytes, uuid.size());
  result.uuid = uuid_text(uuid, result.name);
  result.major = found.major;
  result.minor = found.minor;
  result.compute_capability = std::to_string(found.major) + "." + std::to_string(found.minor);
  result.memory_bytes = static_cast<double>(found.totalGlobalMem);
  result.l2_bytes = found.l2CacheSize;
  result.multiprocessors = found.multiProcessorCount;
  int kilohertz = 0;
  if (cudaDeviceGetAttribute(&kilohertz, cudaDevAttrClockRate, index) == cudaSuccess && kilohertz > 0) {
    result.max_clock_hertz = kilohertz * 1e3;
  }
  cudaGetLastError();
  return result;
}

}  // namespace

std::string cuda_version_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::optional<std::string> minimum_driver(int runtime_version) {
  switch (runtime_version / 1000) {
    case 11:
      return "450.80.02";
    case 12:
      return "525.60.13";
    case 13:
      return "580.65.06";
    default:
      return std::nullopt;
  }
}

std::string uuid_text(const std::array<unsigned char, 16>& bytes, const std::string& device_name) {
  std::string text = device_name.find(" MIG ") == std::string::npos ? "GPU-" : "MIG-";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", static_cast<unsigned>(bytes[i]));
    text += digits.data();
  }
  return text;
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
    std::string detail =
        "it knows CUDA " + cuda_version_text(driver) + ", this build needs CUDA " + cuda_version_text(runtime);
    if (const auto needed = minimum_driver(runtime)) detail += ", which runs on driver " + *needed + " and later";
    return {GPUBENCH_MODULE_DRIVER_TOO_OLD, detail, {}};
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
