#pragma once

#include "results/measurement.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace gpubench::bench {

/// When a sample was taken, on the steady clock, and the clock that the device itself counted over it.
struct sample_window {
  std::chrono::nanoseconds begin{0}, end{0};
  std::optional<double> clock_hertz;
};

/// The time of one case on a device: from its first work on, and the samples that are kept.
struct timed_window {
  std::chrono::nanoseconds first_work{0};
  std::vector<sample_window> samples;
};

/// Watches a device from construction to finish().
class device_watch {
 public:
  virtual ~device_watch() = default;

  /// Ends the watching and adds what was seen to telemetry and warnings of the measurement. Never fails: what could not
  /// be read stays absent.
  virtual void finish(results::measurement& m, const timed_window& timed) = 0;
};

}  // namespace gpubench::bench
