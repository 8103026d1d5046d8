#pragma once

#include <optional>
#include <vector>

namespace gpubench::comparison {

/// A variance and the degrees of freedom that it rests on. As a prior, infinite degrees are a variance known exactly.
struct variance_estimate {
  double variance = 0;
  double degrees = 0;
};

/// Of `values`, degrees one less than their number; absent below two.
std::optional<variance_estimate> variance_of(const std::vector<double>& values);

/// Weighted by degrees of freedom; absent when both are.
std::optional<variance_estimate> pooled(const std::optional<variance_estimate>& a,
                                        const std::optional<variance_estimate>& b);

/// What the variances of several benchmarks say about that of any one: each rests on few runs, all together on many. A
/// scaled inverse chi-squared distribution fitted to them; few degrees where benchmarks differ much.
/// @return absent below three estimates.
/// Source: Smyth, "Linear models and empirical Bayes methods for assessing differential expression in microarray
/// experiments", Statistical Applications in Genetics and Molecular Biology 3 (2004), section 6.2.
std::optional<variance_estimate> common_variance(const std::vector<variance_estimate>& estimates);

/// Probability that a value with mean 0 and this variance lies at least `deviation` away from 0, either side.
double deviation_p(double deviation, const variance_estimate& noise);
/// The deviation whose deviation_p() is p.
double deviation_at(double p, const variance_estimate& noise);

}  // namespace gpubench::comparison
