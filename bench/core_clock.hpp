#pragma once

#include <chrono>
#include <optional>
#include <vector>

namespace gpubench::bench {

/// A clock, and for how long it stands.
struct clock_reading {
  double hertz = 0;
  std::chrono::nanoseconds lasted{0};
};

/// The clock below which a core was for half of the time; nothing of no readings.
std::optional<double> median_clock_hertz(std::vector<clock_reading> readings);

/// Of the core that this thread runs on, while it measures: virtual machines do not tell when the clock changes, and
/// time changes with it, often by a step to the next of a few clocks. So it is read before, between and after samples;
/// each reading stands for the time since the one before, and their median goes with that of the samples.
class core_clock {
 public:
  /// Lets the core leave its idle clock.
  core_clock();
  /// Takes half a millisecond.
  void read();
  /// To be called before each sample: reads every 5 ms, of long sampling every fiftieth of the time so far.
  void read_when_due();
  /// Nothing where the processor's architecture is unknown (measured_clock_hertz()).
  std::optional<double> hertz() const { return median_clock_hertz(readings_); }

 private:
  std::vector<clock_reading> readings_;
  std::chrono::nanoseconds start_, last_, due_;
};

}  // namespace gpubench::bench
