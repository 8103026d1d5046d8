#include "comparison/rank_test.hpp"

#include "core/statistics.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <numeric>

#include "comparison/ranks.hpp"

namespace gpubench::comparison {
namespace {

/// Probability of each sum of `count` of the values, over all equally likely choices.
std::vector<double> sum_distribution(const std::vector<std::size_t>& values, std::size_t count) {
  const std::size_t total = std::accumulate(values.begin(), values.end(), std::size_t{0});
  std::vector<std::vector<double>> ways(count + 1, std::vector<double>(total + 1, 0.0));
  ways[0][0] = 1;
  std::size_t reached = 0;
  for (const auto value : values) {
    reached += value;
    for (std::size_t k = count; k >= 1; --k)
      for (std::size_t sum = reached; sum >= value; --sum) ways[k][sum] += ways[k - 1][sum - value];
  }
  auto chances = std::move(ways[count]);
  const double all = std::accumulate(chances.begin(), chances.end(), 0.0);
  for (auto& chance : chances) chance /= all;
  return chances;
}

double normal_deviation(double m, double n, double tie_sum) {
  const double all = m + n;
  return std::sqrt(m * n / 12 * (all + 1 - tie_sum / (all * (all - 1))));
}

double exact_p(const mid_ranks& ranks, std::size_t count) {
  const auto chances = sum_distribution(ranks.doubled, count);
  const auto end = ranks.doubled.begin() + static_cast<std::ptrdiff_t>(count);
  const auto observed = std::accumulate(ranks.doubled.begin(), end, std::size_t{0});
  const auto place = chances.begin() + static_cast<std::ptrdiff_t>(observed);
  const double below = std::accumulate(chances.begin(), place + 1, 0.0);
  const double above = std::accumulate(place, chances.end(), 0.0);
  return std::min(1.0, 2 * std::min(below, above));
}

double approximate_p(double u, double m, double n, double tie_sum) {
  const double deviation = normal_deviation(m, n, tie_sum);
  if (!(deviation > 0)) return 1;
  const double z = std::max(0.0, std::abs(u - m * n / 2) - 0.5) / deviation;
  return std::erfc(z / std::sqrt(2.0));
}

/// How many of the smallest (and largest) differences lie outside the interval.
std::size_t outside(std::size_t m, std::size_t n, double confidence) {
  const double tail = (1 - confidence) / 2;
  if (m + n > largest_exact) {
    const auto pairs = static_cast<double>(m * n);
    const double z = boost::math::quantile(boost::math::normal(), 1 - tail);
    const double k = std::floor(pairs / 2 - z * normal_deviation(static_cast<double>(m), static_cast<double>(n), 0));
    return k > 0 ? static_cast<std::size_t>(k) : 0;
  }
  std::vector<std::size_t> ranks(m + n);
  std::iota(ranks.begin(), ranks.end(), std::size_t{1});
  const auto chances = sum_distribution(ranks, m);
  const std::size_t smallest = m * (m + 1) / 2;
  double below = 0;
  std::size_t k = 0;
  while (below + chances[smallest + k] <= tail) below += chances[smallest + k++];
  return k;
}

}  // namespace

rank_test mann_whitney(const std::vector<double>& first, const std::vector<double>& second) {
  if (first.empty() || second.empty()) return {};
  std::vector<double> all = first;
  all.insert(all.end(), second.begin(), second.end());
  const auto ranks = rank(all);
  const auto m = static_cast<double>(first.size()), n = static_cast<double>(second.size());
  const auto end = ranks.doubled.begin() + static_cast<std::ptrdiff_t>(first.size());
  const double rank_sum = static_cast<double>(std::accumulate(ranks.doubled.begin(), end, std::size_t{0})) / 2;
  rank_test outcome;
  outcome.u = rank_sum - m * (m + 1) / 2;
  outcome.exact = ranks.doubled.size() <= largest_exact;
  outcome.p = outcome.exact ? exact_p(ranks, first.size()) : approximate_p(outcome.u, m, n, ranks.tie_sum);
  return outcome;
}

double smallest_rank_p(std::size_t m, std::size_t n) {
  const auto all = static_cast<double>(m + n);
  const double log_ways =
      std::lgamma(all + 1) - std::lgamma(static_cast<double>(m) + 1) - std::lgamma(static_cast<double>(n) + 1);
  return std::min(1.0, 2 * std::exp(-log_ways));
}

shift_estimate hodges_lehmann(const std::vector<double>& first, const std::vector<double>& second, double confidence) {
  std::vector<double> differences;
  differences.reserve(first.size() * second.size());
  for (const double a : first)
    for (const double b : second) differences.push_back(b - a);
  std::sort(differences.begin(), differences.end());
  shift_estimate estimate;
  estimate.shift = sorted_quantile(differences, 0.5);
  const auto k = outside(first.size(), second.size(), confidence);
  if (k == 0) return estimate;
  estimate.has_interval = true;
  estimate.low = differences[k - 1];
  estimate.high = differences[differences.size() - k];
  return estimate;
}

}  // namespace gpubench::comparison
