#include "planner/decision.hpp"

#include "core/statistics.hpp"
#include "core/units.hpp"
#include "planner/duration_spread.hpp"
#include "planner/ranking.hpp"

#include <algorithm>
#include <cmath>

#include "cost/billing.hpp"

namespace gpubench::planner {
namespace {

// Boot, image, the quick suite (at most a minute) and a reserve. Assumed.
constexpr double probe_seconds = 1800;

double cost_spread(const candidate& c) {
  return log_spread(c.cost_low_usd, c.cost_high_usd);
}

bool is_measured(const candidate& c) {
  return c.job.basis == basis::measured || c.job.basis == basis::interpolated;
}

}  // namespace

double expected_excess(double mean_a, double spread_a, double mean_b, double spread_b) {
  const double spread = std::hypot(spread_a, spread_b);
  if (!(spread > 0)) return std::max(0.0, mean_a - mean_b);
  const double d1 = std::log(mean_a / mean_b) / spread + spread / 2;
  return mean_a * normal_cdf(d1) - mean_b * normal_cdf(d1 - spread);
}

std::optional<rival> find_rival(const std::vector<candidate>& sorted) {
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    if (same_system(sorted.front(), sorted[i])) continue;
    const candidate &first = sorted.front(), &other = sorted[i];
    rival found;
    found.place = i;
    const double spread = std::hypot(cost_spread(first), cost_spread(other));
    if (spread > 0 && first.cost_usd > 0 && other.cost_usd > 0)
      found.probability_cheaper = normal_cdf(std::log(first.cost_usd / other.cost_usd) / spread);
    found.expected_regret_usd =
        expected_excess(first.expected_cost_usd, cost_spread(first), other.expected_cost_usd, cost_spread(other));
    return found;
  }
  return std::nullopt;
}

std::vector<probe> probes(const recommendation& answer) {
  std::vector<probe> all;
  if (!answer.next_best || answer.next_best->place >= answer.not_separable) return all;
  for (const std::size_t place : {std::size_t{0}, answer.next_best->place}) {
    const candidate& c = answer.ranked[place];
    if (is_measured(c)) continue;
    const double billed =
        cost::billed_seconds(cost::billing_of(answer.limits.terms, c.instance->provider), probe_seconds);
    all.push_back({place, billed, c.node_usd_per_hour() * billed / seconds_per_hour});
  }
  std::stable_sort(all.begin(), all.end(), [&](const probe& a, const probe& b) {
    return cost_spread(answer.ranked[a.place]) > cost_spread(answer.ranked[b.place]);
  });
  return all;
}

void rules_of_thumb::consider(const profiles::instance& type, const profiles::price& offer, double usd_per_hour,
                              const system_plan& plan) {
  // On as many nodes as the work needs at least.
  const double usd = usd_per_hour * plan.feasible.front().nodes;
  if (!per_hour_.type || usd < least_per_hour_) {
    per_hour_ = {"cheapest per hour", &type, &offer, usd_per_hour};
    least_per_hour_ = usd;
  }
  const profiles::gpu_spec* gpu = type.has_gpu() ? known_.find_gpu(type.gpu) : nullptr;
  if (!gpu) return;
  const auto precision = plan.feasible.front().speed.split.precision;
  const auto& peak = gpu->dense_peak_flop_per_second[static_cast<std::size_t>(precision)];
  if (!peak) return;
  const double per_flop = usd_per_hour / (*peak * type.gpu_count * type.gpu_fraction);
  if (per_flop_.type && per_flop >= least_per_flop_) return;
  per_flop_ = {"cheapest per peak FLOP/s", &type, &offer, usd_per_hour};
  least_per_flop_ = per_flop;
}

std::vector<rules_of_thumb::choice> rules_of_thumb::choices() const {
  std::vector<choice> all;
  for (const choice& one : {per_hour_, per_flop_})
    if (one.type) all.push_back(one);
  return all;
}

void cheaper_later::consider(const profiles::instance& type, const profiles::price& price, double usd_per_hour,
                             const node_plan& plan, const std::optional<helper_set>& helpers) {
  const double cost =
      (usd_per_hour * plan.nodes + (helpers ? helpers->usd_per_hour : 0)) * plan.mean_seconds / seconds_per_hour;
  if (!best_ || cost < best_->cost_usd) best_ = offer{&type, &price, plan, helpers, usd_per_hour, cost};
}

}  // namespace gpubench::planner
