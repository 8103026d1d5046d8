#pragma once

#include <string_view>
#include <vector>

#include "capacity/autoscaler.hpp"
#include "capacity/mix.hpp"

namespace gpubench::capacity {

/// Who decides how many instances there are.
enum class policy {
  reactive,   ///< the autoscaler follows demand
  scheduled,  ///< and holds at least what the same hour of the previous period needed
};
std::string_view to_string(policy how);

/// Demand as the simulations need it, made once.
struct demand_view {
  explicit demand_view(const demand_series& demand, double window_seconds)
      : arrived(cumulative_units(demand)), profile(hourly_profile(arrived, window_seconds)) {}

  std::vector<double> arrived;  ///< cumulative_units()
  std::vector<double> profile;  ///< hourly_profile()
};

/// One offer under one policy.
struct policy_result {
  policy how = policy::reactive;
  service_outcome service;
  mix paid;
  std::vector<double> usd_by_month;
  std::vector<int> peak_by_month;  ///< instances
  double mean_instances = 0;

  int peak_instances() const;
};

/// Simulates the fleet, pays for it as cheaply as it can be, keeps what is committed running since it is paid for, and
/// pays again for what that gives.
/// @return nothing where the offer has no price for hours that are not committed
std::optional<policy_result> run_policy(const demand_view& demand, const offer& from, policy how,
                                        const service_level& wanted, const autoscaler_settings& settings,
                                        double max_spot_share);

}  // namespace gpubench::capacity
