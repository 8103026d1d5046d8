#include "bench/cuda/module/failure.hpp"

#include <cstring>

namespace gpubench::cuda {

namespace {

/// "sample.cpp:42": the folders before it are those of the build machine.
std::string position(const call_site& where) {
  const char* slash = std::strrchr(where.file, '/');
  return std::string(slash != nullptr ? slash + 1 : where.file) + ":" + std::to_string(where.line);
}

}  // namespace

bool device_is_lost() noexcept {
  cudaGetLastError();
  return cudaDeviceSynchronize() != cudaSuccess;
}

void throw_out_of_memory(const std::string& call, const std::string& status_name) {
  throw failure(GPUBENCH_MODULE_OUT_OF_DEVICE_MEMORY, "out of device memory in " + call + ": " + status_name,
                "free memory on this device (nvidia-smi shows who holds it)");
}

void require(cudaError_t status, const call_site& where) {
  if (status == cudaSuccess) return;
  const std::string name = cudaGetErrorName(status);
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    throw_out_of_memory(where.call, name);
  }
  const bool lost = device_is_lost();
  throw failure(
      lost ? GPUBENCH_MODULE_DEVICE_LOST : GPUBENCH_MODULE_DEVICE_ERROR,
      std::string(where.call) + " at " + position(where) + ": " + name + " (" + cudaGetErrorString(status) + ")",
      lost ? "look for Xid messages in dmesg; nothing more runs on this device" : "");
}

}  // namespace gpubench::cuda
