#include "bench/cuda/module/owners.hpp"

namespace gpubench::cuda {

stream_owner make_stream() {
  cudaStream_t stream = nullptr;
  GPUBENCH_CUDA(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
  return stream_owner(stream);
}

event_owner make_timing_event() {
  cudaEvent_t event = nullptr;
  GPUBENCH_CUDA(cudaEventCreateWithFlags(&event, cudaEventDefault));
  return event_owner(event);
}

device_buffer::device_buffer(std::size_t bytes) : bytes_(bytes) {
  void* memory = nullptr;
  const std::string call = "cudaMalloc(" + std::to_string(bytes) + " bytes)";
  require(cudaMalloc(&memory, bytes), {call.c_str(), __FILE__, __LINE__});
  memory_.reset(memory);
}

pinned_buffer::pinned_buffer(std::size_t bytes) : bytes_(bytes) {
  void* memory = nullptr;
  const std::string call = "cudaHostAlloc(" + std::to_string(bytes) + " bytes)";
  const cudaError_t status = cudaHostAlloc(&memory, bytes, cudaHostAllocMapped | cudaHostAllocPortable);
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    throw failure(GPUBENCH_MODULE_DEVICE_ERROR, "out of page-locked host memory in " + call,
                  "free host memory, or raise what may be locked (ulimit -l, a container's memory limit)");
  }
  require(status, {call.c_str(), __FILE__, __LINE__});
  memory_.reset(memory);
  GPUBENCH_CUDA(cudaHostGetDevicePointer(&device_, memory, 0));
}

device_guard::device_guard(int device) {
  GPUBENCH_CUDA(cudaGetDevice(&former_));
  GPUBENCH_CUDA(cudaSetDevice(device));
}

device_guard::~device_guard() {
  static_cast<void>(cudaSetDevice(former_));
}

}  // namespace gpubench::cuda
