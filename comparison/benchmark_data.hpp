#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "comparison/compare.hpp"
#include "comparison/run_location.hpp"
#include "comparison/variance.hpp"

namespace gpubench::comparison {

/// The measurements of one benchmark on one side, one a run.
using measurements = std::vector<const results::measurement*>;

/// Samples of one side, ready for a test.
struct side_data {
  std::vector<double> log_times;  ///< one a run: that quantile of its samples
  std::vector<double> units;      ///< independent ones of all runs
  std::vector<double> sampling_variances;
};
/// @param ok  successful measurements whose times are all above 0
side_data data_of(const measurements& ok, sample_quantile at);

/// Whether the lower quartile of its samples says anything: of a CPU, which other guests of a virtual machine's host
/// interrupt for microseconds, and from 40 samples on.
bool has_lower_quartile(const results::measurement& m);

/// The clock of the device: the samples' own where they were read, else that over the whole; absent where unknown.
std::optional<double> clock_of(const results::measurement& m);
/// The same in cycles in place of nanoseconds; nothing unless the clock of every measurement is known.
std::optional<side_data> cycles_of(const measurements& ok, sample_quantile at);

/// What is known about the spread between runs of one benchmark: the variance of one run's log time.
struct run_variance {
  std::optional<variance_estimate> known;  ///< absent when neither runs nor profile tell
  std::optional<noise_source> source;
  double sampling = 0;  ///< the part that is known from within the runs, and the least that the whole can be
};
/// As a noise profile has it.
struct profiled_variance {
  double deviation = 0;                      ///< between runs
  std::optional<double> sampling_deviation;  ///< the part that sampling within the runs explained
  std::size_t runs = 0;                      ///< at least 2
};
/// @param profiled  absent: no profile knows the benchmark
run_variance run_variance_of(const side_data& base, const side_data& fresh,
                             const std::optional<profiled_variance>& profiled);

/// The change between two sides, before other benchmarks are looked at.
struct change_test {
  double shift = 0;         ///< of log time
  interval shift_interval;  ///< 95 %
  double p = 1;
  variance_estimate error;  ///< of the shift
};
/// @param run    variance of one run's log time
/// @param level  the smallest p that could matter
change_test test_change(const side_data& base, const side_data& fresh, const variance_estimate& run, double level);

}  // namespace gpubench::comparison
