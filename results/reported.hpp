#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::results {

/// Statistics of a time as another tool states them, in nanoseconds. Nothing is worked out: what it does not state is
/// absent.
struct reported_time {
  std::optional<std::size_t> n;  ///< repetitions that the figures summarise
  std::optional<double> median, mean, min, max, stddev;

  friend bool operator==(const reported_time&, const reported_time&) = default;
};

/// A figure that is neither a time of the work nor a rate that results::rates has.
struct reported_value {
  std::string name;  ///< as the tool calls it
  double value = 0;
  std::optional<std::string> unit;  ///< absent where the tool states none

  friend bool operator==(const reported_value&, const reported_value&) = default;
};

/// What another tool states of a measurement besides, or in place of, raw samples.
struct reported_figures {
  reported_time time_ns;
  std::vector<reported_value> values;

  friend bool operator==(const reported_figures&, const reported_figures&) = default;
};

/// What makes it unfit for a file, as "reported.FIELD is ...": a time that is negative or not finite, a value that is
/// not finite, a smallest time above the largest. Nothing for sound figures.
std::optional<std::string> defect_of(const reported_figures& figures);

}  // namespace gpubench::results
