#include "bench/collective/peers.hpp"

#include "core/median.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::collective {

namespace {

bool contains(const std::vector<int>& values, int value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

}  // namespace

std::vector<outlier> slow_peers(const std::vector<double>& times, double least_share) {
  if (times.size() < 3) return {};
  const double median = median_of(times);
  std::vector<double> deviations;
  deviations.reserve(times.size());
  for (const double time : times) deviations.push_back(std::abs(time - median));
  const double spread = 1.4826 * median_of(deviations);
  const double limit = median + std::max(3.5 * spread, least_share * median);
  std::vector<outlier> found;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (times[i] > limit) found.push_back({i, times[i], times[i] / median});
  }
  std::sort(found.begin(), found.end(), [](const outlier& a, const outlier& b) { return a.value > b.value; });
  return found;
}

pair_comparison compare_pairs(const std::vector<pair_time>& times, int ranks) {
  pair_comparison result;
  if (times.empty()) return result;
  std::vector<double> all;
  all.reserve(times.size());
  for (const auto& pair : times) all.push_back(pair.ns);
  result.median_ns = median_of(all);
  result.slowest =
      *std::max_element(times.begin(), times.end(), [](const pair_time& a, const pair_time& b) { return a.ns < b.ns; });

  const auto slow = slow_peers(all);
  // A rank's pairs, and those of them that are slow.
  std::vector<int> met(static_cast<std::size_t>(ranks), 0);
  std::vector<int> slow_meetings(static_cast<std::size_t>(ranks), 0);
  for (const auto& pair : times) {
    ++met[static_cast<std::size_t>(pair.first)];
    ++met[static_cast<std::size_t>(pair.second)];
  }
  for (const auto& one : slow) {
    ++slow_meetings[static_cast<std::size_t>(times[one.index].first)];
    ++slow_meetings[static_cast<std::size_t>(times[one.index].second)];
  }
  for (int rank = 0; rank < ranks; ++rank) {
    const auto at = static_cast<std::size_t>(rank);
    if (slow_meetings[at] >= 2 && 2 * slow_meetings[at] > met[at]) result.slow_ranks.push_back(rank);
  }
  for (const auto& one : slow) {
    const auto& pair = times[one.index];
    if (!contains(result.slow_ranks, pair.first) && !contains(result.slow_ranks, pair.second))
      result.slow_pairs.push_back(pair);
  }
  return result;
}

}  // namespace gpubench::collective
