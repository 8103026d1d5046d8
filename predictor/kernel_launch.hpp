#pragma once

#include <cmath>

#include "predictor/operator_family.hpp"

namespace gpubench::predictor {

/// From the end of one kernel to the first useful work of the next, as in a captured graph or a full queue: the blocks'
/// start, the first loads' latency, the last blocks' drain. Small kernels in CUDA graphs take 2 to 4 us in all.
inline constexpr double kernel_start_seconds = 2e-6;

/// The larger of two times, or up to 19 % more where both are alike: they overlap, but not fully. Fourth-power norm.
inline double overlapped(double a, double b) {
  const double a2 = a * a, b2 = b * b;
  return std::sqrt(std::sqrt(a2 * a2 + b2 * b2));
}

/// What two events around one eager call see. The first is recorded before the host prepares the launch; the kernel
/// starts some time later, and the second is recorded after it and no earlier than the host gets to it:
/// max(floor, delay + kernel), with a soft knee (eighth-power norm).
/// @param delay_share  of the floor that passes before the kernel starts
inline double eager_seconds(double kernel_seconds, double floor_seconds, double delay_share) {
  const double a2 = floor_seconds * floor_seconds;
  const double b = delay_share * floor_seconds + kernel_seconds, b2 = b * b;
  const double a4 = a2 * a2, b4 = b2 * b2;
  return std::sqrt(std::sqrt(std::sqrt(a4 * a4 + b4 * b4)));
}

/// Puts together what is seen of a kernel.
/// @param busy_seconds  without its start
inline kernel_time launched(const operator_call& call, double busy_seconds, bound busy_with, double floor_seconds,
                            double delay_share) {
  const double kernel = kernel_start_seconds + busy_seconds;
  const double seen = call.how == launch::eager ? eager_seconds(kernel, floor_seconds, delay_share) : kernel;
  return {seen, busy_seconds < 0.5 * seen ? bound::overhead : busy_with};
}

}  // namespace gpubench::predictor
