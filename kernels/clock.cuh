#pragma once

#include <cuda_runtime_api.h>

namespace gpubench::kernels {

/// Cycle counter of multiprocessor 0 and the device's time, read together.
struct clock_stamp {
  unsigned long long cycles = 0;
  unsigned long long time_ns = 0;
};

/// Writes a stamp into device memory; leaves it as it is when no block came to multiprocessor 0. Two stamps give the
/// clock at which the multiprocessors really ran between them.
/// @param multiprocessors  of the device: enough blocks are started for one to land on number 0.
void launch_clock_stamp(clock_stamp* stamp, int multiprocessors, cudaStream_t stream);

}  // namespace gpubench::kernels
