#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace gpubench::collective {

/// One value that lies off those of its peers.
struct outlier {
  std::size_t index = 0;
  double value = 0;
  double ratio = 1;  ///< to the median of all
};

/// Values above the median by more than 3.5 robust standard deviations (1.4826 times the median absolute deviation;
/// Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993) and by more than `least_share` of it: a spread of
/// nearly zero must not make an alarm of a trifle. The worst first. Nothing for fewer than three values.
std::vector<outlier> slow_peers(const std::vector<double>& times, double least_share = 0.1);

/// Times of exchanges between pairs of ranks.
struct pair_time {
  int first = 0, second = 0;
  double ns = 0;
};

/// What comparing all pairs came to. A rank that is slow towards most of its peers is named instead of its pairs.
struct pair_comparison {
  double median_ns = 0;
  std::vector<int> slow_ranks;
  std::vector<pair_time> slow_pairs;  ///< of ranks that are not slow as a whole
  std::optional<pair_time> slowest;
};
pair_comparison compare_pairs(const std::vector<pair_time>& times, int ranks);

}  // namespace gpubench::collective
