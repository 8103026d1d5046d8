#include "comparison/variance.hpp"

#include "core/statistics.hpp"

#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <cmath>
#include <limits>

namespace gpubench::comparison {
namespace {

// From here on Student's t distribution is the normal one for all that matters.
constexpr double normal_from_degrees = 1e6;

/// x with trigamma(x) = y, for y > 0: trigamma falls, convex, from infinity to 0, so Newton's method on 1 / trigamma,
/// which is nearly straight, comes from one side. Source: Smyth (2004), appendix.
double inverse_trigamma(double y) {
  if (y > 1e7) return 1 / std::sqrt(y);
  if (y < 1e-6) return 1 / y;
  double x = 0.5 + 1 / y;
  for (int step = 0; step < 50; ++step) {
    const double value = boost::math::trigamma(x);
    const double h = 1e-4 * x;
    const double slope = (boost::math::trigamma(x + h) - boost::math::trigamma(x - h)) / (2 * h);
    const double change = value * (1 - value / y) / slope;
    x += change;
    if (std::abs(change) < 1e-8 * x) break;
  }
  return x;
}

}  // namespace

std::optional<variance_estimate> variance_of(const std::vector<double>& values) {
  if (values.size() < 2) return std::nullopt;
  const double deviation = *summarize(values).stddev;
  return variance_estimate{deviation * deviation, static_cast<double>(values.size() - 1)};
}

std::optional<variance_estimate> pooled(const std::optional<variance_estimate>& a,
                                        const std::optional<variance_estimate>& b) {
  if (!a) return b;
  if (!b) return a;
  const double degrees = a->degrees + b->degrees;
  if (std::isinf(a->degrees)) return a;
  if (std::isinf(b->degrees)) return b;
  return variance_estimate{(a->variance * a->degrees + b->variance * b->degrees) / degrees, degrees};
}

std::optional<variance_estimate> common_variance(const std::vector<variance_estimate>& estimates) {
  if (estimates.size() < 3) return std::nullopt;
  using boost::math::digamma;
  // log s^2 less what its degrees of freedom alone make of it.
  std::vector<double> logs;
  double explained = 0;
  for (const auto& estimate : estimates) {
    const double half = estimate.degrees / 2;
    logs.push_back(std::log(estimate.variance) - digamma(half) + std::log(half));
    explained += boost::math::trigamma(half) / static_cast<double>(estimates.size());
  }
  const auto summary = summarize(logs);
  const double spread = *summary.stddev * *summary.stddev - explained;
  if (!(spread > 0)) return variance_estimate{std::exp(summary.mean), std::numeric_limits<double>::infinity()};
  const double half = inverse_trigamma(spread);
  return variance_estimate{std::exp(summary.mean + digamma(half) - std::log(half)), 2 * half};
}

double deviation_p(double deviation, const variance_estimate& noise) {
  if (deviation == 0) return 1;
  if (!(noise.variance > 0)) return 0;
  const double t = std::abs(deviation) / std::sqrt(noise.variance);
  if (noise.degrees >= normal_from_degrees) return std::erfc(t / std::sqrt(2.0));
  return 2 * boost::math::cdf(boost::math::complement(boost::math::students_t(noise.degrees), t));
}

double deviation_at(double p, const variance_estimate& noise) {
  const double deviation = std::sqrt(noise.variance);
  if (noise.degrees >= normal_from_degrees)
    return deviation * boost::math::quantile(boost::math::complement(boost::math::normal(), p / 2));
  return deviation * boost::math::quantile(boost::math::complement(boost::math::students_t(noise.degrees), p / 2));
}

}  // namespace gpubench::comparison
