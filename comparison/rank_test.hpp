#pragma once

#include <cstddef>
#include <vector>

namespace gpubench::comparison {

/// Outcome of a two-sided Mann-Whitney U test.
struct rank_test {
  double u = 0;        ///< of the first sample: pairs in which it is larger, equal ones count one half
  double p = 1;        ///< probability of a U at least as far out where both samples have one distribution
  bool exact = false;  ///< from the permutation distribution, ties included, rather than from the normal one
};

/// Whether two samples come from one distribution. Exact while both together have at most `largest_exact` values: the
/// distribution of the sum of mid-ranks over all ways to draw the first sample; p is twice the smaller tail. Above: the
/// normal approximation with corrections for continuity and ties. Either sample empty: p = 1.
/// Source: Mann & Whitney, "On a test of whether one of two random variables is stochastically larger than the other",
/// Annals of Mathematical Statistics 18 (1947); ties: Lehmann, Nonparametrics (1975), section 1.4.
rank_test mann_whitney(const std::vector<double>& first, const std::vector<double>& second);
inline constexpr std::size_t largest_exact = 40;

/// The smallest p that samples of these sizes can give (two-sided, without ties): 2 / binomial(m + n, m).
double smallest_rank_p(std::size_t m, std::size_t n);

/// The Hodges-Lehmann shift: the median of all differences second - first, with the interval that belongs to the rank
/// test. Absent interval: too few values for the confidence.
struct shift_estimate {
  double shift = 0;
  bool has_interval = false;
  double low = 0, high = 0;
};

/// @param first, second  not empty
/// Source: Hodges & Lehmann, "Estimates of location based on rank tests", Annals of Mathematical Statistics 34 (1963);
/// interval: Hollander & Wolfe, Nonparametric Statistical Methods, section 4.3.
shift_estimate hodges_lehmann(const std::vector<double>& first, const std::vector<double>& second,
                              double confidence = 0.95);

}  // namespace gpubench::comparison
