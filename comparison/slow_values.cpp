#include "comparison/slow_values.hpp"

#include "core/median.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numbers>
#include <numeric>

namespace gpubench::comparison {
namespace {

/// Mean and spread of values that are taken away one by one.
class moments {
 public:
  explicit moments(const std::vector<double>& values) {
    for (const double value : values) sum_ += value;
    n_ = static_cast<double>(values.size());
    for (const double value : values) squares_ += (value - sum_ / n_) * (value - sum_ / n_);
  }
  double mean() const { return sum_ / n_; }
  double count() const { return n_; }
  double variance() const { return std::max(0.0, squares_) / (n_ - 1); }
  void remove(double value) {
    const double before = mean();
    sum_ -= value;
    n_ -= 1;
    squares_ -= (value - before) * (value - mean());
  }

 private:
  double sum_ = 0, squares_ = 0, n_ = 0;
};

/// One side, of a value against `others`, which it is none of.
double chance(double value, const moments& others) {
  const double distance = std::abs(value - others.mean());
  const double deviation = std::sqrt(others.variance() * (1 + 1 / others.count()));
  // Times are rounded: what differs by less than that does not differ.
  constexpr double rounding = 1e-12;
  if (distance <= rounding) return 1;
  if (deviation <= rounding) return 0;
  const boost::math::students_t distribution(others.count() - 1);
  return boost::math::cdf(boost::math::complement(distribution, distance / deviation));
}

void test_extremes(const std::vector<double>& values, std::vector<placed_value>& placed) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::size_t low = 0, high = values.size() - 1;
  moments rest(values);
  struct step {
    std::size_t value;
    bool is_high;
    double p;
  };
  std::vector<step> steps;
  for (std::size_t i = 0; i < (values.size() - 1) / 2; ++i) {
    const bool is_high = values[order[high]] - rest.mean() >= rest.mean() - values[order[low]];
    const std::size_t extreme = is_high ? order[high--] : order[low++];
    rest.remove(values[extreme]);
    steps.push_back({extreme, is_high, chance(values[extreme], rest)});
  }
  // Shares of the level, 6 / (pi i)^2 for step i, which sum to one over any number of steps.
  const auto share = [](double number) { return 6 / (std::numbers::pi * std::numbers::pi * number * number); };
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i].p /= share(static_cast<double>(i) + 1);
  double least = 1;
  for (auto one = steps.rbegin(); one != steps.rend(); ++one) {
    least = std::min(least, one->p);
    if (one->is_high) placed[one->value].p = least;
  }
}

}  // namespace

placed_values place(const std::vector<double>& values) {
  placed_values result;
  if (values.empty()) return result;
  result.median = median_of(values);
  std::vector<double> deviations;
  deviations.reserve(values.size());
  for (const double value : values) deviations.push_back(std::abs(value - result.median));
  result.spread = 1.4826 * median_of(deviations);
  for (const double value : values) {
    auto& one = result.values.emplace_back();
    one.excess = value - result.median;
    if (result.spread > 0) one.modified_z = one.excess / result.spread;
  }
  if (values.size() >= fewest_values) test_extremes(values, result.values);
  return result;
}

}  // namespace gpubench::comparison
