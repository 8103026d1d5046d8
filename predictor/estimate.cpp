#include "predictor/estimate.hpp"

#include "core/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace gpubench::predictor {
namespace {

// 95 % quantile of the standard normal distribution: a 90 % interval spans 1.645 standard deviations on each side.
constexpr double z95 = 1.6448536269514722;

}  // namespace

std::string_view to_string(basis b) {
  switch (b) {
    case basis::measured:
      return "measured";
    case basis::interpolated:
      return "interpolated";
    case basis::scaled:
      return "scaled";
    case basis::calibrated:
      return "calibrated";
    case basis::architecture:
      return "architecture";
    case basis::data_sheet:
      return "data sheet";
  }
  return "";
}

std::string_view to_string(bound b) {
  switch (b) {
    case bound::compute:
      return "compute";
    case bound::memory:
      return "memory";
    case bound::interconnect:
      return "interconnect";
    case bound::network:
      return "network";
    case bound::host:
      return "host";
    case bound::overhead:
      return "overhead";
  }
  return "";
}

void estimate_sum::add(const estimate& part, double count) {
  seconds_ += part.seconds * count;
  low_ += part.low * count;
  high_ += part.high * count;
  by_bound_[static_cast<std::size_t>(part.bound_by)] += part.seconds * count;
  by_basis_[static_cast<std::size_t>(part.basis)] += part.seconds * count;
}

estimate estimate_sum::total() const {
  estimate sum;
  sum.seconds = seconds_;
  sum.low = low_;
  sum.high = high_;
  sum.bound_by = static_cast<bound>(std::max_element(std::begin(by_bound_), std::end(by_bound_)) - by_bound_);
  sum.basis = static_cast<basis>(std::max_element(std::begin(by_basis_), std::end(by_basis_)) - by_basis_);
  return sum;
}

double estimate_sum::share(bound b) const {
  return seconds_ > 0 ? by_bound_[static_cast<std::size_t>(b)] / seconds_ : 0;
}

double probability_within(const estimate& duration, double limit_seconds) {
  if (limit_seconds <= 0) return 0;
  if (duration.seconds <= 0) return 1;
  // Each side of the median has its own width, so that an asymmetric interval is met at both ends.
  const bool above = limit_seconds >= duration.seconds;
  const double spread = above ? std::log(duration.high / duration.seconds) : std::log(duration.seconds / duration.low);
  if (!(spread > 0)) return above ? 1 : 0;
  return normal_cdf(z95 * std::log(limit_seconds / duration.seconds) / spread);
}

double duration_at_confidence(const estimate& duration, double confidence) {
  const double target = std::clamp(confidence, 1e-6, 1 - 1e-6);
  // Inverse of the normal distribution by bisection: called a handful of times an answer, and exact enough.
  double low = -6, high = 6;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (normal_cdf(middle) < target ? low : high) = middle;
  }
  const double z = (low + high) / 2;
  const double spread = z >= 0 ? std::log(duration.high / duration.seconds) : std::log(duration.seconds / duration.low);
  return duration.seconds * std::exp(z / z95 * (spread > 0 ? spread : 0));
}

}  // namespace gpubench::predictor
