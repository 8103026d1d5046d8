#pragma once

#include "planner/prediction.hpp"

#include <vector>

namespace gpubench::planner {

/// Mean of a log-normal duration with this median and 90 % interval, each side with its own width.
double mean_duration(const estimate& duration);

/// Standard deviation of the logarithm of a positive quantity with this 90 % interval, both sides taken together.
double log_spread(double low, double high);

/// Samples of equal weight: the quantiles (i + 1/2) / n of a duration, ascending. The same deviates serve every
/// duration, so that two that differ in scale alone have samples that do too.
class duration_samples {
 public:
  explicit duration_samples(int count);
  std::vector<double> of(const estimate& duration) const;

 private:
  std::vector<double> deviates_;  ///< standard normal, in units of the 90 % interval's half width
};

}  // namespace gpubench::planner
