#include "cli/collective_pairs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace gpubench::cli {

void note_pair_times(collective::collective_result& result, int round, int ranks,
                     std::vector<collective::pair_time>& times) {
  if (result.measurement.status != results::measurement_status::ok) return;
  const auto& medians = result.rank_median_ns;
  for (int rank = 0; rank < static_cast<int>(medians.size()); ++rank) {
    const int partner = kernels::pair_partner(rank, ranks, round);
    if (partner <= rank) continue;
    const double slower = std::max(medians[static_cast<std::size_t>(rank)], medians[static_cast<std::size_t>(partner)]);
    times.push_back({rank, partner, slower});
    if (slower > 0) result.measurement.pairs.push_back({rank, partner, slower});
  }
}

std::vector<std::string> describe_pairs(const std::vector<collective::pair_time>& times, const collective_ranks& ranks,
                                        results::measurement* last) {
  std::vector<std::string> sentences;
  const auto found = collective::compare_pairs(times, ranks.ranks());
  for (const int rank : found.slow_ranks)
    sentences.push_back(
        fmt::format("{} is slower towards most of its peers than they are among each other", ranks.name_of(rank)));
  for (const auto& pair : found.slow_pairs)
    sentences.push_back(fmt::format("{} and {} exchange data in {:.3g} times the median time of all pairs",
                                    ranks.name_of(pair.first), ranks.name_of(pair.second), pair.ns / found.median_ns));
  if (last == nullptr || !found.slowest) return sentences;
  last->method["pairs_compared"] = std::to_string(times.size());
  last->method["slowest_pair"] =
      fmt::format("ranks {} and {}, {:.3g} times the median of all pairs", found.slowest->first, found.slowest->second,
                  found.slowest->ns / found.median_ns);
  last->warnings.insert(last->warnings.end(), sentences.begin(), sentences.end());
  return sentences;
}

}  // namespace gpubench::cli
