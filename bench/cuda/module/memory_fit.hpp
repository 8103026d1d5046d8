#pragma once

#include "bench/cuda/module/benchmark.hpp"

namespace gpubench::cuda {

/// Whether a case that takes `bytes` of a device's memory may run: the timer's flush buffer, twice the L2 cache, comes
/// on top, and the two must stay within usable_memory_fraction.
inline bool fits_device(double bytes, const device_properties& device) {
  return bytes + 2 * device.l2_bytes <= usable_memory_fraction * device.memory_bytes;
}

}  // namespace gpubench::cuda
