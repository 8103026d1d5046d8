#pragma once

#include <optional>
#include <vector>

namespace gpubench {

/// An interval around a central value, in the unit of that value.
struct interval {
  double low = 0;
  double high = 0;

  friend bool operator==(const interval&, const interval&) = default;
};

/// Summary of one sample set; every value has the unit of the samples. A value that the number of samples cannot
/// support is absent, never 0.
struct sample_statistics {
  std::size_t n = 0;
  double median = 0;
  double mean = 0;
  double min = 0;
  double max = 0;
  std::optional<double> stddev;  ///< from 2 samples on (n - 1 in the denominator)
  double p5 = 0;                 ///< linear interpolation between order statistics (Hyndman-Fan type 7)
  double p95 = 0;
  std::optional<interval> median_interval;  ///< 95 %, from 6 samples on

  friend bool operator==(const sample_statistics&, const sample_statistics&) = default;
};

/// @param samples  at least one value, in any order
/// @throws error: internal for an empty set or a value that is not finite.
sample_statistics summarize(const std::vector<double>& samples);

/// Quantile q in [0,1] of an ascending, non-empty set; linear interpolation (Hyndman-Fan type 7).
double sorted_quantile(const std::vector<double>& ascending, double q);

/// Distribution-free interval of the median: the order statistics r and n+1-r with the largest r for which
/// P(Binomial(n, 1/2) < r) <= (1 - confidence)/2. Nothing when n is too small for the confidence.
/// Source: Hahn & Meeker, Statistical Intervals (1991), section 5.2.
std::optional<interval> median_confidence_interval(const std::vector<double>& ascending, double confidence = 0.95);

/// Cumulative distribution of the standard normal distribution.
double normal_cdf(double z);

}  // namespace gpubench
