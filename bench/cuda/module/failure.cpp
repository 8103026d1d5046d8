#include "bench/cuda/module/failure.hpp"

#include <atomic>
#include <cstring>

namespace gpubench::cuda {

namespace {

/// "sample.cpp:42": the folders before it are those of the build machine.
std::string position(const call_site& where) {
  const char* slash = std::strrchr(where.file, '/');
  return std::string(slash != nullptr ? slash + 1 : where.file) + ":" + std::to_string(where.line);
}

std::atomic<bool> work_hangs{false};

}  // namespace

bool device_work_hangs() noexcept {
  return work_hangs;
}

void note_hanging_work() noexcept {
  work_hangs = true;
}

void throw_hung(const std::string& what, const std::string& hint) {
  note_hanging_work();
  throw failure(GPUBENCH_MODULE_HUNG, what, hint);
}

bool is_sticky(cudaError_t status) noexcept {
  // By number where older toolkits lack the name.
  constexpr int contained = 226, tensor_memory_leak = 721;
  switch (static_cast<int>(status)) {
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case contained:
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
    case tensor_memory_leak:
      return true;
    default:
      return false;
  }
}

bool device_is_lost() noexcept {
  const cudaError_t noted = cudaGetLastError();
  // Says of what is enqueued only whether it has ended, and refuses during a capture: neither is sticky. An unknown
  // error that was cleared and comes again is there to stay.
  const cudaError_t found = cudaStreamQuery(cudaStreamLegacy);
  cudaGetLastError();
  return is_sticky(noted) || is_sticky(found) || found == cudaErrorUnknown;
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
  // Asked in any case, since it clears the error.
  const bool lost = device_is_lost() || is_sticky(status);
  throw failure(
      lost ? GPUBENCH_MODULE_DEVICE_LOST : GPUBENCH_MODULE_DEVICE_ERROR,
      std::string(where.call) + " at " + position(where) + ": " + name + " (" + cudaGetErrorString(status) + ")",
      lost ? "look for Xid messages in dmesg; nothing more runs on this device" : "");
}

}  // namespace gpubench::cuda
