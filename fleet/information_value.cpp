#include "fleet/information_value.hpp"

#include "core/error.hpp"
#include "core/statistics.hpp"

#include <algorithm>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>
#include <limits>

namespace gpubench::fleet {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
// Standard deviations beyond which a normal variable is taken to have ended: 1e-18 of it lies further out.
constexpr double tail = 9;

double median_of(const belief& b) {
  return b.mean_usd * std::exp(-b.spread * b.spread / 2);
}

}  // namespace

double belief::spread_of_new_mean() const {
  return std::sqrt(std::max(0.0, spread * spread - residual_spread * residual_spread));
}

double expected_minimum(const std::vector<belief>& of, double at_most) {
  struct normal {
    double mean, deviation;
  };
  std::vector<normal> logarithms;
  double bound = at_most, begin = infinity, end = infinity;
  for (const belief& b : of) {
    if (!(b.spread > 0)) {
      bound = std::min(bound, b.mean_usd);
      continue;
    }
    const double mean = std::log(median_of(b));
    logarithms.push_back({mean, b.spread});
    begin = std::min(begin, mean - tail * b.spread);
    end = std::min(end, mean + tail * b.spread);
  }
  end = std::min(end, std::log(bound));
  if (logarithms.empty() || end <= begin) return bound;
  // With x = e^t: up to e^begin nothing is smaller, from there the integrand is e^t P(all above e^t).
  const auto above = [&](double t) {
    double all = std::exp(t);
    for (const normal& one : logarithms) all *= normal_cdf((one.mean - t) / one.deviation);
    return all;
  };
  // Each X falls within its own spread, which may be a small part of the whole: pieces find it.
  std::vector<double> cuts{begin, end};
  for (const normal& one : logarithms)
    for (const double cut : {one.mean - 3 * one.deviation, one.mean, one.mean + 3 * one.deviation})
      if (cut > begin && cut < end) cuts.push_back(cut);
  std::sort(cuts.begin(), cuts.end());
  double sum = std::exp(begin);
  for (std::size_t i = 1; i < cuts.size(); ++i)
    if (cuts[i] > cuts[i - 1])
      sum += boost::math::quadrature::gauss_kronrod<double, 15>::integrate(above, cuts[i - 1], cuts[i], 8, 1e-9);
  return sum;
}

choice::choice(std::vector<belief> alternatives) : alternatives_(std::move(alternatives)) {
  if (alternatives_.empty()) throw error(error_kind::internal, "a choice without alternatives");
  for (std::size_t i = 0; i < alternatives_.size(); ++i) {
    const belief& b = alternatives_[i];
    if (!(b.mean_usd > 0 && b.mean_usd < infinity && b.spread >= 0 && b.residual_spread >= 0))
      throw error(error_kind::internal, "a belief that is no log-normal distribution");
    if (b.mean_usd < alternatives_[best_].mean_usd) best_ = i;
  }
}

double choice::saving(const std::vector<belief>& known, const std::vector<bool>& is_known) const {
  double fallback = infinity;
  for (std::size_t i = 0; i < alternatives_.size(); ++i)
    if (!is_known[i]) fallback = std::min(fallback, alternatives_[i].mean_usd);
  // What rounding takes below 0 is nothing.
  return std::max(0.0, alternatives_[best_].mean_usd - expected_minimum(known, fallback));
}

double choice::perfect() const {
  if (alternatives_.size() == 1) return 0;
  return saving(alternatives_, std::vector<bool>(alternatives_.size(), true));
}

double choice::perfect_of(std::size_t one) const {
  if (alternatives_.size() == 1) return 0;
  std::vector<bool> is_known(alternatives_.size(), false);
  is_known.at(one) = true;
  return saving({alternatives_[one]}, is_known);
}

double choice::of_measuring(const std::vector<std::size_t>& these) const {
  if (alternatives_.size() == 1) return 0;
  std::vector<belief> known;
  std::vector<bool> is_known(alternatives_.size(), false);
  for (const std::size_t one : these) {
    const belief& b = alternatives_.at(one);
    const double spread = b.spread_of_new_mean();
    if (!(spread > 0) || is_known[one]) continue;
    is_known[one] = true;
    known.push_back({b.mean_usd, spread, 0});
  }
  return known.empty() ? 0 : saving(known, is_known);
}

}  // namespace gpubench::fleet
