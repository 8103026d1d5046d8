#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>

namespace gpubench::cuda {

/// Bytes that are written and read back to empty a cache: twice its size, because caches made of two halves, as on A100
/// and H100, keep lines through one pass of their own size. A multiple of 16.
inline std::size_t flush_bytes(double l2_bytes) {
  constexpr double least = 1 << 20;
  return static_cast<std::size_t>(std::max(least, 2 * l2_bytes)) / 16 * 16;
}

/// Launches in a hot sample of work that takes `time_ns`: enough that the events' resolution of about 0.5 us (CUDA
/// runtime documentation, "cudaEventElapsedTime") stays below 0.25 % of the sample, few enough that the launch queue
/// holds them all behind a blocking kernel.
inline int hot_repetitions(double time_ns) {
  constexpr double wanted_ns = 200e3;
  constexpr double most = 256;
  if (!(time_ns > 0)) return 1;
  return static_cast<int>(std::clamp(std::ceil(wanted_ns / time_ns), 1.0, most));
}

/// Cycles and time between two stamps of one multiprocessor.
struct clock_interval {
  double cycles = 0, ns = 0;
};

/// Clock over an interval; nothing below 100 us, where the device's timer, which ticks in steps of up to 1 us, would
/// make it wrong by more than 1 %.
inline std::optional<double> clock_of(const clock_interval& passed) {
  constexpr double shortest_ns = 100e3;
  if (!(passed.ns >= shortest_ns) || !(passed.cycles > 0)) return std::nullopt;
  return passed.cycles / passed.ns * 1e9;
}

}  // namespace gpubench::cuda
