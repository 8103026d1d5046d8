#pragma once

#include "results/measurement.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace gpubench::bench {

using seconds = std::chrono::duration<double>;

/// When to stop sampling. Whatever rule fires is recorded with the result.
struct sampling_policy {
  int warmup_samples = 1;  ///< at least; warm-up also lasts at least warmup_time
  seconds warmup_time{0.02};
  int min_samples = 10;
  int max_samples = 2000;
  seconds min_time{0.1};
  seconds time_limit{2.0};             ///< this case's share of the budget, warm-up included
  double relative_half_width = 0.005;  ///< of the 95 % interval of the median: the goal
  double noise_change =
      0.05;  ///< noise has settled when n doubled twice and each narrowed the interval by less than this
};

/// A monotonic clock; tests script one.
using clock_function = std::function<std::chrono::nanoseconds()>;

struct sampling_result {
  std::vector<double> samples_ns;
  results::stop_reason stopped_by = results::stop_reason::converged;
  std::vector<std::string> warnings;  ///< which condition was not met, in words
};

/// Takes samples until a rule of the policy says stop. All samples after the warm-up are kept. A sample that would by
/// the length of the one before end after the time limit is not started; when that leaves none, the last warm-up sample
/// is kept instead, with a warning.
/// @param sample       does the work once and returns its time
/// @param interrupted  asked between samples; may be empty
/// @throws error: internal when a sample's time is not a positive number; whatever `sample` throws.
sampling_result take_samples(const std::function<std::chrono::duration<double, std::nano>()>& sample,
                             const sampling_policy& policy, const clock_function& clock,
                             const std::function<bool()>& interrupted);

}  // namespace gpubench::bench
