#pragma once

#include <cuda_runtime_api.h>

namespace gpubench::kernels {

/// What host and device share of one blocking kernel, in host memory that the device maps.
struct blocking_flags {
  volatile unsigned released = 0;   ///< the host sets it
  volatile unsigned timed_out = 0;  ///< the device sets it when it gave up waiting
};

/// Holds a stream until the host sets `released`, so that what is enqueued meanwhile runs back to back and its launch
/// cost is not in the device's time. Gives up after `timeout_ns`: whoever waits for the device while it waits for the
/// host would wait for ever. Nothing that synchronises, and no more than some hundred launches, may be enqueued behind
/// it: the launch queue of a stream is finite.
/// @param flags  device address of the shared flags
void launch_blocking(blocking_flags* flags, unsigned long long timeout_ns, cudaStream_t stream);

}  // namespace gpubench::kernels
