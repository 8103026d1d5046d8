#pragma once

#include "bench/runner.hpp"

#include <optional>
#include <string>

namespace gpubench::bench {

/// The outcome of one case.
struct case_outcome {
  results::measurement measurement;
  bool interrupted = false;
  seconds overhead{0};  ///< time spent besides sampling
};

/// What bounds one case in time; nothing without a budget.
struct case_limits {
  std::optional<seconds> share;      ///< for the whole case
  std::optional<seconds> remaining;  ///< of the whole budget; a case that overdrew its share may draw on this
  seconds expected_overhead{0};
  std::string cut_reason;  ///< for a case that leaves no time to sample
};

/// A measurement of the case with its name, work and device filled in and nothing measured yet.
results::measurement unmeasured(const planned_case& planned);

/// Prepares, samples, verifies and frees one case. Whatever goes wrong becomes a failed measurement with its reason.
/// @param clock  monotonic
case_outcome measure_case(const planned_case& planned, const machine& where, const run_request& request,
                          const case_limits& limits, const clock_function& clock);

}  // namespace gpubench::bench
