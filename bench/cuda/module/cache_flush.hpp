#pragma once

#include "bench/cuda/module/owners.hpp"

#include <cuda_runtime_api.h>

namespace gpubench::cuda {

/// Empties a device's L2 cache of what the work to be timed uses.
class cache_flush {
 public:
  /// Takes flush_bytes() of the device's memory.
  explicit cache_flush(double l2_bytes);

  /// Enqueues the flush: a memset of the filler, and reading it back, which evicts what the memset left modified, so
  /// that the timed work does not pay for writing it back.
  void enqueue(cudaStream_t stream) const;

 private:
  device_buffer filler_, sink_;
};

}  // namespace gpubench::cuda
