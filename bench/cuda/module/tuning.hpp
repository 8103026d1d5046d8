#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

namespace gpubench::cuda {

/// What a search among candidates came to.
struct tuning_result {
  std::size_t best = 0;       ///< index of the candidate
  std::size_t measured = 0;   ///< candidates that were measured; fewer than there are when the time was up
  std::size_t finalists = 0;  ///< of these, measured again and again
};

/// Finds the fastest of `candidates`, at least one. Each is measured once; those within 10 % of the fastest, eight at
/// most, take turns for four more rounds, and the lowest median wins. Turns, so that a clock that drifts meanwhile
/// touches all alike. Ends early, with the best so far, when `limit` has passed.
/// @param measure_ns  time of one run of a candidate
/// @param now         time since any fixed point
tuning_result fastest_of(std::size_t candidates, const std::function<double(std::size_t)>& measure_ns,
                         const std::function<std::chrono::nanoseconds()>& now, std::chrono::nanoseconds limit);

/// The same by the steady clock within the time that a benchmark may spend on choosing, 1 s.
tuning_result fastest_of(std::size_t candidates, const std::function<double(std::size_t)>& measure_ns);

}  // namespace gpubench::cuda
