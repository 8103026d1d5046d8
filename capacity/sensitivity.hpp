#pragma once

#include <string_view>
#include <vector>

#include "capacity/policy.hpp"

namespace gpubench::capacity {

/// What becomes of a plan when one thing changes and everything is simulated anew.
struct sensitivity {
  enum class subject { on_demand_price, spot_price, commitment_price, rate, target_utilisation };
  subject changed = subject::on_demand_price;
  double value = 1;  ///< a factor on the price or the instance's rate; the utilisation itself
  double usd = 0;
  int committed_instances = 0;  ///< at most at a time
  double late_fraction = 0;
};
/// "on_demand_price", ...
std::string_view to_string(sensitivity::subject changed);

/// Prices that the offer has, by 20 % less and more; the rate at its expected value where it was a lower bound; other
/// target utilisations.
/// @param from  has a price for hours that are not committed
std::vector<sensitivity> sensitivities_of(const offer& from, policy how, const demand_view& demand,
                                          const service_level& wanted, const autoscaler_settings& settings,
                                          double max_spot_share);

}  // namespace gpubench::capacity
