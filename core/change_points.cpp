#include "core/change_points.hpp"

#include "core/error.hpp"
#include "core/median.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <utility>

namespace gpubench {
namespace {

// Counts and sums of values by rank: what all values up to a rank add to, in O(log n).
class prefix_sums {
 public:
  explicit prefix_sums(std::size_t size) : counts_(size + 1), sums_(size + 1) {}

  void clear() {
    std::fill(counts_.begin(), counts_.end(), 0.0);
    std::fill(sums_.begin(), sums_.end(), 0.0);
  }
  void add(std::size_t rank, double value) {
    for (std::size_t i = rank + 1; i < sums_.size(); i += i & (~i + 1)) {
      counts_[i] += 1;
      sums_[i] += value;
    }
  }
  /// Number and sum of the values of at most this rank.
  std::pair<double, double> up_to(std::size_t rank) const {
    double count = 0, sum = 0;
    for (std::size_t i = rank + 1; i > 0; i -= i & (~i + 1)) {
      count += counts_[i];
      sum += sums_[i];
    }
    return {count, sum};
  }

 private:
  std::vector<double> counts_, sums_;
};

struct split {
  double statistic = 0;
  std::size_t at = 0;  ///< first value of the right side
};

// One segment: finds its best split, and how often shuffles of it look as split.
class segment {
 public:
  segment(const double* first, std::size_t size, std::size_t min_values)
      : values_(first, first + size),
        ranks_(size),
        distances_(size),
        order_(size),
        left_(size),
        min_values_(min_values) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    auto sorted = order_;
    std::sort(sorted.begin(), sorted.end(), [&](auto a, auto b) { return values_[a] < values_[b]; });
    double before = 0;
    const double total = std::accumulate(values_.begin(), values_.end(), 0.0);
    for (std::size_t i = 0; i < size; ++i) {
      const auto at = sorted[i];
      ranks_[at] = i;
      const auto below = static_cast<double>(i), above = static_cast<double>(size - i - 1);
      distances_[at] = values_[at] * below - before + (total - before - values_[at]) - values_[at] * above;
      before += values_[at];
      all_pairs_ += distances_[at] / 2;
    }
  }

  split best_split() {
    left_.clear();
    split best;
    const std::size_t size = values_.size();
    double within_left = 0, within_right = all_pairs_, sum = 0;
    for (std::size_t i = 0; i + min_values_ < size; ++i) {
      const auto at = order_[i];
      const double value = values_[at];
      const auto [below, sum_below] = left_.up_to(ranks_[at]);
      const double above = static_cast<double>(i) - below;
      const double to_left = value * below - sum_below + (sum - sum_below) - value * above;
      within_left += to_left;
      within_right -= distances_[at] - to_left;
      left_.add(ranks_[at], value);
      sum += value;
      if (i + 1 < min_values_) continue;
      const auto n = static_cast<double>(i + 1), m = static_cast<double>(size - i - 1);
      const double between = all_pairs_ - within_left - within_right;
      const double energy = 2 * between / (n * m) - 2 * within_left / (n * (n - 1)) - 2 * within_right / (m * (m - 1));
      const double statistic = n * m / (n + m) * energy;
      if (best.at == 0 || statistic > best.statistic) best = {statistic, i + 1};
    }
    return best;
  }

  /// Nothing unless the p-value is at most `significance`.
  std::optional<double> p_value(const split& found, const change_point_options& options, std::mt19937_64& random) {
    // As many shuffles of a long segment as keep its time, and of any enough to be significant at all.
    const auto least = static_cast<std::size_t>(std::ceil(1 / options.significance)) - 1;
    const std::size_t affordable = options.permutations * options.full_length / values_.size();
    const std::size_t permutations = std::max(least, std::min(options.permutations, affordable));
    const auto all = static_cast<double>(permutations + 1);
    // Rounding in another order of the same sums must not count as smaller.
    const double as_large = found.statistic - 1e-9 * std::abs(found.statistic);
    double extreme = 1;  // the series itself
    for (std::size_t i = 0; i < permutations; ++i) {
      for (std::size_t j = order_.size(); j > 1; --j) std::swap(order_[j - 1], order_[random() % j]);
      if (best_split().statistic >= as_large) extreme += 1;
      if (extreme / all > options.significance) return std::nullopt;
    }
    return extreme / all;
  }

 private:
  std::vector<double> values_;
  std::vector<std::size_t> ranks_;
  std::vector<double> distances_;  ///< of each value to all others together
  std::vector<std::size_t> order_;
  prefix_sums left_;
  std::size_t min_values_;
  double all_pairs_ = 0;
};

struct change {
  std::size_t at = 0;
  double p_value = 0;
};

void find_changes(const std::vector<double>& values, std::size_t begin, std::size_t end,
                  const change_point_options& options, std::mt19937_64& random, std::vector<change>& into) {
  std::vector<std::pair<std::size_t, std::size_t>> open{{begin, end}};
  const std::size_t least = std::max<std::size_t>(options.min_values, 2);
  while (!open.empty()) {
    const auto [from, to] = open.back();
    open.pop_back();
    if (to - from < 2 * least) continue;
    segment part(values.data() + from, to - from, least);
    const auto best = part.best_split();
    if (!(best.statistic > 0)) continue;
    const auto p = part.p_value(best, options, random);
    if (!p) continue;
    into.push_back({from + best.at, *p});
    open.emplace_back(from, from + best.at);
    open.emplace_back(from + best.at, to);
  }
  std::sort(into.begin(), into.end(), [](const change& a, const change& b) { return a.at < b.at; });
}

std::vector<level> between(const std::vector<double>& values, const std::vector<change>& changes) {
  std::vector<level> levels;
  level next{0, values.size(), 0, {}};
  for (const auto& one : changes) {
    next.end = one.at;
    levels.push_back(next);
    next = {one.at, values.size(), 0, one.p_value};
  }
  levels.push_back(next);
  const auto at = [&](std::size_t i) { return values.begin() + static_cast<std::ptrdiff_t>(i); };
  for (auto& one : levels) one.median = median_of({at(one.begin), at(one.end)});
  return levels;
}

}  // namespace

std::vector<level> find_levels(const std::vector<double>& values, double smallest_fraction,
                               const change_point_options& options) {
  if (values.empty()) return {};
  for (const double value : values)
    if (!std::isfinite(value)) throw error(error_kind::internal, "a series holds a value that is not finite");
  std::mt19937_64 random(options.seed);
  std::vector<change> changes;
  find_changes(values, 0, values.size(), options, random, changes);
  while (true) {
    auto levels = between(values, changes);
    std::size_t least = 0;
    double smallest = smallest_fraction;
    for (std::size_t i = 1; i < levels.size(); ++i) {
      const double step = std::abs(levels[i].median - levels[i - 1].median);
      const double scale = std::abs(levels[i - 1].median);
      if (step >= smallest * scale) continue;
      smallest = step / scale;
      least = i;
    }
    if (least == 0) return levels;
    changes.erase(changes.begin() + static_cast<std::ptrdiff_t>(least - 1));
  }
}

}  // namespace gpubench
