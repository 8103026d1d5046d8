#pragma once

#include <cstdint>

namespace gpubench::kernels {

/// The device's own clock, in steps of up to 1 us.
__device__ inline std::uint64_t device_time_ns() {
  std::uint64_t now = 0;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  return now;
}

}  // namespace gpubench::kernels
