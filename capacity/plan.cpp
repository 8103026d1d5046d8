#include "capacity/plan.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>
#include <utility>

#include "capacity/oracle.hpp"

namespace gpubench::capacity {
namespace {

struct verdict {
  plan_limit broken = plan_limit::none;
  double excess = 0;
};

/// The limit that a policy breaks most, or none.
verdict judge(const policy_result& result, const offer& from, const plan_request& request) {
  verdict worst;
  const auto hold = [&](plan_limit limit, double value, double allowed) {
    if (value <= allowed) return;
    const double excess = allowed > 0 ? value / allowed : INFINITY;
    if (excess > worst.excess) worst = {limit, excess};
  };
  hold(plan_limit::late, result.service.late_fraction(), request.wanted.max_late_fraction);
  if (from.quota_instances) hold(plan_limit::quota, result.peak_instances(), *from.quota_instances);
  if (request.budget_usd) hold(plan_limit::budget, result.paid.total_usd(), *request.budget_usd);
  return worst;
}

/// First month, from 1, whose fleet exceeds the quota; beyond the horizon the last month's peak grows on.
std::optional<int> month_over_quota(const policy_result& result, const plan_request& request, int quota) {
  for (std::size_t month = 0; month < result.peak_by_month.size(); ++month) {
    if (result.peak_by_month[month] > quota) return static_cast<int>(month) + 1;
  }
  if (request.growth_per_month <= 0 || result.peak_by_month.back() == 0) return std::nullopt;
  const double months =
      std::log(static_cast<double>(quota + 1) / result.peak_by_month.back()) / std::log1p(request.growth_per_month);
  if (months > 1200) return std::nullopt;
  return static_cast<int>(result.peak_by_month.size()) + static_cast<int>(std::ceil(months));
}

std::optional<int> month_over_budget(const policy_result& result, double budget_usd) {
  double paid = 0;
  for (std::size_t month = 0; month < result.usd_by_month.size(); ++month) {
    paid += result.usd_by_month[month];
    if (paid > budget_usd) return static_cast<int>(month) + 1;
  }
  return std::nullopt;
}

offer_plan plan_offer(const offer& from, const demand_view& demand, oracle& knows, const plan_request& request) {
  offer_plan plan;
  plan.from = from;
  verdict chosen;
  for (const policy how : {policy::reactive, policy::scheduled}) {
    auto result = run_policy(demand, from, how, request.wanted, request.scaling, request.max_spot_share);
    if (!result) {
      plan.broken = plan_limit::price;
      plan.excess = INFINITY;
      return plan;
    }
    const verdict found = judge(*result, from, request);
    const bool better = plan.policies.empty() || std::pair(found.excess, result->paid.total_usd()) <
                                                     std::pair(chosen.excess, plan.best().paid.total_usd());
    plan.policies.push_back(std::move(*result));
    if (!better) continue;
    plan.chosen = plan.policies.size() - 1;
    chosen = found;
  }
  plan.broken = chosen.broken;
  plan.excess = chosen.excess;
  plan.bound_usd = knows.least_usd(from, request.max_spot_share);
  if (from.quota_instances) plan.quota_month = month_over_quota(plan.best(), request, *from.quota_instances);
  if (request.budget_usd) plan.budget_month = month_over_budget(plan.best(), *request.budget_usd);
  return plan;
}

auto place_of(const offer_plan& plan) {
  return std::tuple(plan.excess, plan.policies.empty() ? 0 : plan.best().paid.total_usd(), plan.from.provider,
                    plan.from.instance_type, plan.from.region);
}

void check(const plan_request& request) {
  const auto require = [](bool holds, const char* what) {
    if (!holds) throw error(error_kind::usage, what);
  };
  check(request.scaling);
  require(request.wanted.wait_seconds >= 0 && request.wanted.wait_seconds <= 86400 * 7,
          "the wait allowed is not from 0 s to a week");
  require(request.wanted.max_late_fraction >= 0 && request.wanted.max_late_fraction < 1,
          "the share that may be late is not at least 0 and below 1");
  require(request.max_spot_share >= 0 && request.max_spot_share <= 1, "the spot share is not from 0 to 1");
  require(request.growth_per_month > -1, "the growth a month is not above -100 %");
  if (std::none_of(request.demand.begin(), request.demand.end(), [](double d) { return d > 0; }))
    throw error(error_kind::input, "the demand is never above 0: there is nothing to plan");
}

}  // namespace

std::string_view to_string(plan_limit limit) {
  switch (limit) {
    case plan_limit::none:
      return "none";
    case plan_limit::price:
      return "price";
    case plan_limit::late:
      return "late";
    case plan_limit::quota:
      return "quota";
    case plan_limit::budget:
      return "budget";
  }
  return "";
}

capacity_plan make_plan(plan_request request) {
  check(request);
  capacity_plan plan;
  plan.request = std::move(request);
  const plan_request& asked = plan.request;
  const demand_view demand(asked.demand, asked.scaling.window_seconds);
  plan.total_units = demand.arrived.back();
  plan.mean_units_per_second = plan.total_units / static_cast<double>(asked.demand.size() * step_seconds);
  plan.peak_units_per_second = *std::max_element(asked.demand.begin(), asked.demand.end());
  plan.monthly_peak_units_per_second = monthly_peaks(asked.demand);
  oracle knows(demand.arrived, asked.wanted.wait_seconds);
  for (const offer& from : asked.offers) {
    offer_plan one = plan_offer(from, demand, knows, asked);
    (one.broken == plan_limit::none ? plan.ranked : plan.refused).push_back(std::move(one));
  }
  const auto earlier = [](const offer_plan& a, const offer_plan& b) { return place_of(a) < place_of(b); };
  std::sort(plan.ranked.begin(), plan.ranked.end(), earlier);
  std::sort(plan.refused.begin(), plan.refused.end(), earlier);
  if (plan.ranked.empty()) return plan;
  const offer_plan& best = plan.ranked.front();
  plan.sensitivities =
      sensitivities_of(best.from, best.best().how, demand, asked.wanted, asked.scaling, asked.max_spot_share);
  return plan;
}

}  // namespace gpubench::capacity
