#include "planner/ranking.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <string>
#include <utility>

namespace gpubench::planner {
namespace {

bool comes_before(const candidate& a, const candidate& b) {
  if (a.expected_cost_usd != b.expected_cost_usd) return a.expected_cost_usd < b.expected_cost_usd;
  if (a.job.seconds != b.job.seconds) return a.job.seconds < b.job.seconds;
  if (a.instance->provider != b.instance->provider) return a.instance->provider < b.instance->provider;
  if (a.instance->type != b.instance->type) return a.instance->type < b.instance->type;
  return a.price->region < b.price->region;
}

}  // namespace

bool same_system(const candidate& a, const candidate& b) {
  return a.instance->gpu == b.instance->gpu && a.instance->cpu == b.instance->cpu && a.devices == b.devices &&
         a.nodes == b.nodes && a.instance->gpu_fraction == b.instance->gpu_fraction && a.step.seconds == b.step.seconds;
}

void sort_by_cost(std::vector<candidate>& candidates) {
  // Sorting indices moves each large candidate once.
  std::vector<std::size_t> order(candidates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return comes_before(candidates[a], candidates[b]); });
  std::vector<candidate> sorted;
  sorted.reserve(candidates.size());
  for (const std::size_t index : order) sorted.push_back(std::move(candidates[index]));
  candidates = std::move(sorted);
}

void mark_pareto_front(std::vector<candidate>& sorted) {
  // Sorted by cost: an earlier candidate is as cheap, so that only time and risk are left to beat. The staircase holds
  // for each time the least risk of those that are as fast, falling with time.
  std::map<double, double> least_risk;
  for (candidate& c : sorted) {
    const double time = c.job.seconds, risk = 1 - c.probability_all_limits;
    const auto after = least_risk.upper_bound(time);
    c.on_pareto_front = after == least_risk.begin() || std::prev(after)->second > risk;
    if (!c.on_pareto_front) continue;
    least_risk[time] = risk;
    auto next = std::next(least_risk.find(time));
    while (next != least_risk.end() && next->second >= risk) next = least_risk.erase(next);
  }
}

std::size_t count_not_separable(const std::vector<candidate>& sorted) {
  if (sorted.empty()) return 0;
  std::size_t count = 1;
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (same_system(sorted[i], sorted.front())) continue;
    if (sorted[i].cost_low_usd > sorted.front().cost_high_usd) break;
    count = i + 1;
  }
  return count;
}

}  // namespace gpubench::planner
