#include "planner/duration_spread.hpp"

#include "core/statistics.hpp"

#include <cmath>

namespace gpubench::planner {
namespace {

// 95 % quantile of the standard normal distribution.
constexpr double z95 = 1.6448536269514722;

double side(double from, double to) {
  const double spread = std::log(to / from);
  return spread > 0 ? spread : 0;
}

}  // namespace

double mean_duration(const estimate& duration) {
  const double below = side(duration.low, duration.seconds) / z95, above = side(duration.seconds, duration.high) / z95;
  // E[e^(s Z); Z < 0] = e^(s^2/2) Phi(-s), and for Z > 0 with Phi(s).
  return duration.seconds *
         (std::exp(below * below / 2) * normal_cdf(-below) + std::exp(above * above / 2) * normal_cdf(above));
}

double log_spread(double low, double high) {
  return low > 0 ? side(low, high) / (2 * z95) : 0;
}

duration_samples::duration_samples(int count) {
  const estimate unit{1, std::exp(-1.0), std::exp(1.0), basis::measured, bound::compute};
  deviates_.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) deviates_.push_back(std::log(duration_at_confidence(unit, (i + 0.5) / count)));
}

std::vector<double> duration_samples::of(const estimate& duration) const {
  const double below = side(duration.low, duration.seconds), above = side(duration.seconds, duration.high);
  std::vector<double> samples;
  samples.reserve(deviates_.size());
  for (const double z : deviates_) samples.push_back(duration.seconds * std::exp(z * (z < 0 ? below : above)));
  return samples;
}

}  // namespace gpubench::planner
