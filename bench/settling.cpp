#include "bench/settling.hpp"

#include "core/statistics.hpp"

#include <algorithm>

namespace gpubench::bench {

bool settling_rule::add(double median) {
  medians_.push_back(median);
  if (medians_.size() < windows) return false;
  const auto [low, high] = std::minmax_element(medians_.end() - windows, medians_.end());
  return *high <= *low * (1 + agreement);
}

soak_outcome soak(const std::function<std::chrono::duration<double, std::nano>()>& sample, seconds duration,
                  const clock_function& clock, const std::function<bool()>& interrupted) {
  // A window of five seconds sees through the driver's power regulation; a short soak still needs a few windows.
  const seconds window = std::min(seconds(5), duration / (settling_rule::windows + 1.0));
  const auto start = clock();
  settling_rule rule;
  soak_outcome outcome;
  while (!outcome.settled && outcome.lasted < duration) {
    const seconds window_end = outcome.lasted + window;
    std::vector<double> samples;
    while (samples.empty() || outcome.lasted < window_end) {
      if (interrupted && interrupted()) {
        outcome.interrupted = true;
        return outcome;
      }
      samples.push_back(sample().count());
      outcome.lasted = clock() - start;
    }
    std::sort(samples.begin(), samples.end());
    outcome.settled = rule.add(sorted_quantile(samples, 0.5));
  }
  return outcome;
}

}  // namespace gpubench::bench
