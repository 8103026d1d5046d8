#pragma once

#include "bench/sampler.hpp"

#include <cstddef>
#include <functional>
#include <vector>

namespace gpubench::bench {

/// Whether a device under load has settled: the medians of the last three windows lie within 1 % of each other.
class settling_rule {
 public:
  static constexpr std::size_t windows = 3;
  static constexpr double agreement = 0.01;

  /// @return true once settled.
  bool add(double median);

 private:
  std::vector<double> medians_;
};

/// How soaking ended.
struct soak_outcome {
  bool settled = false, interrupted = false;
  seconds lasted{0};
};

/// Takes samples back to back, in windows of a few seconds, until the device has settled or `duration` is over. The
/// samples are not kept.
soak_outcome soak(const std::function<std::chrono::duration<double, std::nano>()>& sample, seconds duration,
                  const clock_function& clock, const std::function<bool()>& interrupted);

}  // namespace gpubench::bench
