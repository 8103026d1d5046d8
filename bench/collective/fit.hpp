#pragma once

#include <optional>
#include <vector>

namespace gpubench::collective {

/// One size of a sweep and its median time.
struct timed_size {
  double bytes = 0;
  double ns = 0;
};

/// time = latency + bytes / rate.
struct line {
  double latency_ns = 0;
  double bytes_per_second = 0;

  double ns(double bytes) const { return latency_ns + bytes / bytes_per_second * 1e9; }
};

/// A collective's time over its size: small messages go by a protocol of low latency, large ones by one of high rate,
/// so the time is the lesser of two lines. A single line where a second explains nothing.
struct two_line_fit {
  line small;
  std::optional<line> large;  ///< of the higher latency and the higher rate
  double worst_factor = 1;    ///< of a measured time to the fitted one or the other way round, the largest

  double ns(double bytes) const;
  double latency_ns() const { return small.latency_ns; }
  double bytes_per_second() const { return large ? large->bytes_per_second : small.bytes_per_second; }
  /// Size from which the large line is the faster.
  std::optional<double> crossover_bytes() const;
};

/// Fits by least squares of the time's logarithm, so that 10 % of 5 us counts as much as 10 % of 50 ms; differences
/// beyond 10 % count linearly only (Huber, "Robust Estimation of a Location Parameter", 1964), so that one disturbed
/// size does not bend the line. Every split of the sizes into small and large is tried.
/// @param points  any order; times and sizes above zero
/// @return nothing for fewer than three sizes, and where no latency shows: times so disturbed that the best line would
///         start at or below zero.
std::optional<two_line_fit> fit_two_lines(std::vector<timed_size> points);

}  // namespace gpubench::collective
