#pragma once

#include "bench/cuda/module/failure.hpp"

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>

namespace gpubench::cuda {

/// Deleter of a unique_ptr whose pointer is the handle itself: no allocation, one template for every kind of handle.
/// A destructor can do nothing about an error. Where work hangs the handle is left alone, for destroying would wait.
template <class Handle, auto Destroy>
struct destroyer {
  using pointer = Handle;
  void operator()(Handle handle) const noexcept {
    if (!device_work_hangs()) static_cast<void>(Destroy(handle));
  }
};

using stream_owner = std::unique_ptr<cudaStream_t, destroyer<cudaStream_t, cudaStreamDestroy>>;
using event_owner = std::unique_ptr<cudaEvent_t, destroyer<cudaEvent_t, cudaEventDestroy>>;
using memory_owner = std::unique_ptr<void, destroyer<void*, cudaFree>>;
using host_memory_owner = std::unique_ptr<void, destroyer<void*, cudaFreeHost>>;
using graph_owner = std::unique_ptr<cudaGraph_t, destroyer<cudaGraph_t, cudaGraphDestroy>>;
using executable_graph_owner = std::unique_ptr<cudaGraphExec_t, destroyer<cudaGraphExec_t, cudaGraphExecDestroy>>;

stream_owner make_stream();
/// An event with timing on.
event_owner make_timing_event();

/// Device memory of a known size, on the device that was current when it was made.
class device_buffer {
 public:
  device_buffer() = default;
  /// @throws failure: out of device memory, naming the bytes.
  explicit device_buffer(std::size_t bytes);

  void* data() const noexcept { return memory_.get(); }
  template <class T>
  T* as() const noexcept {
    return static_cast<T*>(memory_.get());
  }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  memory_owner memory_;
  std::size_t bytes_ = 0;
};

/// Page-locked host memory that every device can reach.
class pinned_buffer {
 public:
  pinned_buffer() = default;
  /// @throws failure: device error, naming the bytes.
  explicit pinned_buffer(std::size_t bytes);

  void* host() const noexcept { return memory_.get(); }
  /// Its address on the device that was current when it was made.
  void* device() const noexcept { return device_; }
  template <class T>
  T* as() const noexcept {
    return static_cast<T*>(memory_.get());
  }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  host_memory_owner memory_;
  void* device_ = nullptr;
  std::size_t bytes_ = 0;
};

/// Makes a device current and the former one again at the end.
class device_guard {
 public:
  explicit device_guard(int device);
  device_guard(const device_guard&) = delete;
  device_guard& operator=(const device_guard&) = delete;
  ~device_guard();

 private:
  int former_ = 0;
};

}  // namespace gpubench::cuda
