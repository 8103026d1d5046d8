#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capacity/offer.hpp"
#include "capacity/policy.hpp"
#include "capacity/sensitivity.hpp"

namespace gpubench::capacity {

struct plan_request {
  demand_series demand;       ///< over the horizon, at least one step
  std::vector<offer> offers;  ///< each is planned on by itself
  service_level wanted;
  autoscaler_settings scaling;
  double max_spot_share = 1;  ///< of the hours that are not committed, 0 to 1
  std::optional<double> budget_usd;
  double growth_per_month = 0;  ///< of demand after the horizon, for plan outlooks
};

/// Why an offer is no plan.
enum class plan_limit { none, price, late, quota, budget };
std::string_view to_string(plan_limit limit);

/// One offer over the horizon.
struct offer_plan {
  offer from;
  std::vector<policy_result> policies;  ///< reactive, scheduled; none where the price is what is missing
  std::size_t chosen = 0;               ///< the cheapest policy within all limits, else the nearest to them
  std::optional<double> bound_usd;      ///< oracle::least_usd()

  plan_limit broken = plan_limit::none;  ///< by the chosen policy
  double excess = 0;                     ///< how far: what there is over what is allowed
  /// Month, from 1, in which the chosen fleet first exceeds the quota; after the horizon as demand goes on growing.
  std::optional<int> quota_month;
  std::optional<int> budget_month;  ///< in which what was paid first exceeds the budget

  const policy_result& best() const { return policies[chosen]; }
};

struct capacity_plan {
  plan_request request;
  double total_units = 0;
  double mean_units_per_second = 0, peak_units_per_second = 0;
  std::vector<double> monthly_peak_units_per_second;
  std::vector<offer_plan> ranked;          ///< within all limits, cheapest first
  std::vector<offer_plan> refused;         ///< nearest to the limits first
  std::vector<sensitivity> sensitivities;  ///< of the first of the ranked
};

/// Plans every offer under every policy and ranks them by cost, then by name. The same request gives the same plan.
/// @throws error: usage for limits out of their ranges; input for demand that is never above 0.
capacity_plan make_plan(plan_request request);

}  // namespace gpubench::capacity
