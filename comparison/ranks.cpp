#include "comparison/ranks.hpp"

#include <algorithm>
#include <numeric>

namespace gpubench::comparison {

mid_ranks rank(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  mid_ranks ranks{std::vector<std::size_t>(values.size()), 0};
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (std::size_t i = begin; i < end; ++i) ranks.doubled[order[i]] = begin + end + 1;
    const auto t = static_cast<double>(end - begin);
    ranks.tie_sum += t * t * t - t;
    begin = end;
  }
  return ranks;
}

}  // namespace gpubench::comparison
