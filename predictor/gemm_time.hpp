#pragma once

#include <algorithm>
#include <cmath>

#include "predictor/operator_family.hpp"

namespace gpubench::predictor {

/// Time of two activities that mostly run at the same time: the longer, and a share of the shorter that fades with the
/// cube of their ratio. `loss` is that share when they are equal.
inline double overlapped(double a, double b, double loss) {
  const double longer = std::max(a, b), ratio = std::min(a, b) / longer;
  return longer * (1 + loss * ratio * ratio * ratio);
}

/// Time to move `bytes` through DRAM. Short transfers do not reach the full rate: what is in flight at first and last,
/// `latency_bytes` = latency * bandwidth, weighs with the square root of its share.
inline double dram_seconds(double bytes, double bytes_per_second, double latency_bytes) {
  return (bytes + std::sqrt(bytes * latency_bytes)) / bytes_per_second;
}

/// Kernels that run for long heat the chip up and are throttled below the clock that short ones see, the more the
/// busier the arithmetic units are.   @param utilisation  share of the dense peak without that loss
inline double throttled(double seconds, double utilisation, double loss, double time_constant_seconds) {
  const double x = seconds / time_constant_seconds;
  return seconds * (1 + loss * std::min(1.0, utilisation) * x / (1 + x));
}

/// Eager calls do not show less than the host needs to issue them.
inline kernel_time with_floor(kernel_time t, launch how, double eager_floor_seconds) {
  return how == launch::eager && t.seconds < eager_floor_seconds ? kernel_time{eager_floor_seconds, bound::overhead}
                                                                 : t;
}

}  // namespace gpubench::predictor
