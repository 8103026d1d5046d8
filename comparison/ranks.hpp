#pragma once

#include <cstddef>
#include <vector>

namespace gpubench::comparison {

/// Twice the rank of each value, from 2 on; equal values share the mean of their ranks, which doubling keeps whole.
struct mid_ranks {
  std::vector<std::size_t> doubled;
  double tie_sum = 0;  ///< sum of t^3 - t over groups of t equal values
};
mid_ranks rank(const std::vector<double>& values);

}  // namespace gpubench::comparison
