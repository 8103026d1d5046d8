#include "rightsizing/observed_step.hpp"

#include <algorithm>

namespace gpubench::rightsizing {

void set_span(history& of, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  // A device's lines of one moment can be milliseconds apart.
  constexpr double same_moment_seconds = 0.05;
  std::vector<double> between;
  for (std::size_t i = 1; i < times.size(); ++i)
    if (times[i] - times[i - 1] > same_moment_seconds) between.push_back(times[i] - times[i - 1]);
  constexpr double step_of_one = 60;
  of.step_seconds = step_of_one;
  if (!between.empty()) {
    const auto middle = between.begin() + static_cast<std::ptrdiff_t>(between.size() / 2);
    std::nth_element(between.begin(), middle, between.end());
    of.step_seconds = *middle;
  }
  of.begin_seconds = times.front();
  of.end_seconds = times.back() + of.step_seconds;
}

}  // namespace gpubench::rightsizing
