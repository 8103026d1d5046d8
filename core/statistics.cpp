#include "core/statistics.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gpubench {

double sorted_quantile(const std::vector<double>& ascending, double q) {
  const double position = q * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const auto above = std::min(below + 1, ascending.size() - 1);
  return ascending[below] + (position - static_cast<double>(below)) * (ascending[above] - ascending[below]);
}

std::optional<interval> median_confidence_interval(const std::vector<double>& ascending, double confidence) {
  const auto n = ascending.size();
  const double tail = (1 - confidence) / 2;
  // Sum the binomial terms in log space: 2^-n underflows from about 1,000 samples on.
  double cumulative = 0;
  double log_term = -static_cast<double>(n) * std::log(2.0);
  std::size_t rank = 0;
  while (rank < n / 2) {
    cumulative += std::exp(log_term);
    if (cumulative > tail) break;
    log_term += std::log(static_cast<double>(n - rank)) - std::log(static_cast<double>(rank + 1));
    ++rank;
  }
  if (rank == 0) return std::nullopt;
  return interval{ascending[rank - 1], ascending[n - rank]};
}

sample_statistics summarize(const std::vector<double>& samples) {
  if (samples.empty()) throw error(error_kind::internal, "statistics of an empty sample set");
  if (!std::all_of(samples.begin(), samples.end(), [](double x) { return std::isfinite(x); }))
    throw error(error_kind::internal, "statistics of a sample that is not a finite number");
  std::vector<double> ascending = samples;
  std::sort(ascending.begin(), ascending.end());
  sample_statistics s;
  s.n = ascending.size();
  const auto n = static_cast<double>(s.n);
  s.median = sorted_quantile(ascending, 0.5);
  s.mean = std::accumulate(ascending.begin(), ascending.end(), 0.0) / n;
  s.min = ascending.front();
  s.max = ascending.back();
  if (s.n >= 2) {
    const double squares = std::accumulate(ascending.begin(), ascending.end(), 0.0,
                                           [&](double sum, double x) { return sum + (x - s.mean) * (x - s.mean); });
    s.stddev = std::sqrt(squares / (n - 1));
  }
  s.p5 = sorted_quantile(ascending, 0.05);
  s.p95 = sorted_quantile(ascending, 0.95);
  s.median_interval = median_confidence_interval(ascending);
  return s;
}

double normal_cdf(double z) {
  return 0.5 * std::erfc(-z / std::sqrt(2.0));
}

}  // namespace gpubench
