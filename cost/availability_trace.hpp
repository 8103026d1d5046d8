#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace gpubench::cost {

/// How many spot instances could be held over time, in equal steps.
struct availability_trace {
  std::string name;  ///< of the file
  double step_seconds = 0;
  std::vector<int> available;  ///< at the start of each step

  double duration_seconds() const { return step_seconds * static_cast<double>(available.size()); }
};

/// Reads a CSV file with the columns `time_seconds` and `available` (a count, or 0 and 1), in order of time.
/// @throws error: io, or input at file:line:column for another unit of time, fewer than two rows, times that go back, a
///         gap (a step that is not the first one's, within 1 %), a count that is no whole number, and a trace in which
///         nothing is ever available.
availability_trace load_availability_trace(const std::filesystem::path& file);

/// The trace as stretches in which at least `needed` instances are available, and those in which they are not. It
/// repeats: time past its end goes on at its start.
class availability {
 public:
  availability(const availability_trace& trace, int needed);

  struct stretch {
    bool up = true;
    double until_seconds = 0;  ///< in the trace's own time, of a later round too; infinite where the state never changes
  };
  /// The stretch that holds a point of the trace's own time.   @param at_seconds  at least 0, any number of rounds
  stretch at(double at_seconds) const;
  bool ever_up() const { return ever_up_; }
  /// Mean length of the stretches that are up; the trace repeats. Infinite where nothing is ever lost.
  double mean_up_seconds() const;

 private:
  double duration_;
  std::vector<double> changes_;  ///< starts of stretches, alternating, from 0 on
  bool first_up_ = true;
  bool ever_up_ = false;
};

}  // namespace gpubench::cost
