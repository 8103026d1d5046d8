#include "fleet/probe_choice.hpp"

#include <climits>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>
#include <utility>

namespace gpubench::fleet {
namespace {

double value_of(const std::vector<decision>& decisions, const std::set<std::string>& devices) {
  double sum = 0;
  for (const decision& one : decisions) sum += one.of_measuring(devices);
  return sum;
}

/// What is left of the limits while probes are chosen.
struct allowance {
  double usd;
  int instances;

  probe_verdict of(const probe& one) const {
    if (one.verdict == probe_verdict::not_measurable) return one.verdict;
    if (!one.cost_usd) return probe_verdict::price_unknown;
    if (one.gain_usd <= *one.cost_usd) return probe_verdict::not_worth;
    if (*one.cost_usd > usd) return probe_verdict::over_budget;
    return one.nodes > instances ? probe_verdict::too_many_instances : probe_verdict::measure;
  }
};

double net_gain(const probe& one) {
  return one.gain_usd - one.cost_usd.value_or(0);
}

/// What probes are taken by: the most of this first, among those that may be measured.
using probe_rank = double (*)(const probe& one);

double net_gain_per_usd(const probe& one) {
  const double cost = one.cost_usd.value_or(0);
  return cost > 0 ? net_gain(one) / cost : HUGE_VAL;
}

double net_gain_per_instance(const probe& one) {
  return net_gain(one) / one.nodes;
}

/// Those that may be measured, by their rank; then those that are not worth it, the nearest to it first; then those
/// that nothing can be said of.
auto place_of(const probe& one, probe_rank rank) {
  const bool can_be = one.verdict == probe_verdict::measure;
  const bool is_comparable = one.cost_usd && one.verdict != probe_verdict::not_measurable;
  return std::tuple(!can_be, !is_comparable, can_be ? -rank(one) : -one.gain_usd / one.cost_usd.value_or(1),
                    one.device);
}

std::string describe(const probe& one) {
  return one.nodes > 1 ? fmt::format("{} x {}", one.nodes, one.type->name()) : one.type->name();
}

std::string money(double usd) {
  return usd < usd_cent && usd > 0 ? "less than $0.01" : fmt::format("${:.2f}", usd);
}

std::string why_no_further(const probe_plan& plan) {
  if (plan.probes.empty()) return "nothing is left to measure";
  if (plan.chosen == plan.probes.size()) return "every device that the choice hangs on is measured";
  const probe& next = plan.probes[plan.chosen];
  if (next.verdict == probe_verdict::not_measurable) return "gpubench has no back-end for what is left";
  if (!next.cost_usd) return fmt::format("what {} costs by the hour is not known", describe(next));
  const std::string words = fmt::format("{} is expected to gain {} and costs {}", describe(next), money(next.gain_usd),
                                        money(*next.cost_usd));
  switch (next.verdict) {
    case probe_verdict::over_budget:
      return words + ", more than is left of the budget";
    case probe_verdict::too_many_instances:
      return words + ", but takes more instances than are left";
    default:
      return words;
  }
}

/// Takes probes one by one; the rest is ordered by what it still gains.
void take_by(probe_rank rank, probe_plan& plan, const std::vector<decision>& decisions, const probe_terms& terms) {
  allowance left{terms.budget_usd.value_or(HUGE_VAL), terms.max_instances.value_or(INT_MAX)};
  std::set<std::string> measured;
  const auto rest = [&] { return plan.probes.begin() + static_cast<std::ptrdiff_t>(plan.chosen); };
  while (true) {
    for (auto one = rest(); one != plan.probes.end(); ++one) {
      auto with = measured;
      with.insert(one->device);
      one->gain_usd = std::max(0.0, value_of(decisions, with) - plan.gain_usd);
      one->verdict = left.of(*one);
    }
    std::sort(rest(), plan.probes.end(),
              [&](const probe& a, const probe& b) { return place_of(a, rank) < place_of(b, rank); });
    if (rest() == plan.probes.end() || rest()->verdict != probe_verdict::measure) break;
    const probe& next = *rest();
    measured.insert(next.device);
    plan.gain_usd += next.gain_usd;
    plan.cost_usd += *next.cost_usd;
    left.usd -= *next.cost_usd;
    left.instances -= next.nodes;
    ++plan.chosen;
  }
  plan.stop = why_no_further(plan);
}

bool has_verdict(const probe_plan& plan, probe_verdict verdict) {
  return std::any_of(plan.probes.begin(), plan.probes.end(), [&](const probe& one) { return one.verdict == verdict; });
}

}  // namespace

void choose_probes(probe_plan& plan, const std::vector<decision>& decisions, const probe_terms& terms) {
  const probe_plan none = plan;
  take_by(net_gain, plan, decisions, terms);
  std::vector<probe_rank> others;
  if (has_verdict(plan, probe_verdict::over_budget)) others.push_back(net_gain_per_usd);
  if (has_verdict(plan, probe_verdict::too_many_instances)) others.push_back(net_gain_per_instance);
  for (const probe_rank rank : others) {
    probe_plan other = none;
    take_by(rank, other, decisions, terms);
    if (other.gain_usd - other.cost_usd > plan.gain_usd - plan.cost_usd) plan = std::move(other);
  }
}

}  // namespace gpubench::fleet
