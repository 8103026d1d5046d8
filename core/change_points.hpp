#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace gpubench {

struct change_point_options {
  double significance = 0.01;      ///< a split stays if so few shuffles of the values look as changed, above 0, below 1
  std::size_t min_values = 3;      ///< on each side of a split, at least 2
  std::size_t permutations = 499;  ///< more where significance cannot be reached by so many
  std::size_t full_length = 2000;  ///< longer segments are shuffled less often, in proportion, as significance allows
  std::uint64_t seed = 1;          ///< the same values always give the same answer
};

/// A stretch of a series between two changes.
struct level {
  std::size_t begin = 0, end = 0;  ///< values [begin, end)
  double median = 0;
  std::optional<double> p_value;  ///< that it differs from the level before by chance; absent for the first
};

/// Splits a series, in the order of time, where its distribution changes. At least one level for a series that is not
/// empty; O(n log n) a permutation.
///
/// Method: E-divisive, Matteson and James, "A nonparametric approach for multiple change point analysis of multivariate
/// data", JASA 109 (2014), with Euclidean distance (alpha = 1), as Daly et al., "The use of change point detection to
/// identify software performance regressions in a continuous integration system", ICPE 2020, use it on benchmarks. Each
/// segment is split where n m / (n + m) times the energy distance of its two sides is largest, and the split stays if a
/// permutation test within the segment calls it significant; then both sides are split again. The test needs no model
/// of the noise, which timings rarely fit, and no penalty that would have to be tuned to it. A permutation test ends
/// early once it cannot become significant (Besag and Clifford, "Sequential Monte Carlo p-values", Biometrika 78,
/// 1991).
///
/// @param smallest_fraction  neighbouring levels whose medians differ by less are made one again, 0.01 is 1 %
/// @throws error: internal for a value that is not finite.
std::vector<level> find_levels(const std::vector<double>& values, double smallest_fraction = 0,
                               const change_point_options& options = {});

}  // namespace gpubench
