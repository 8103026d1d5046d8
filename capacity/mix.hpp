#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "capacity/duration_curve.hpp"
#include "capacity/offer.hpp"

namespace gpubench::capacity {

/// Instances committed for one term, from its first step to its last or to the horizon.
struct committed_stretch {
  std::size_t first_step = 0;
  std::size_t steps = 0;
  int instances = 0;
};

/// How a fleet is paid for over the horizon.
struct mix {
  std::optional<commitment> bought;  ///< absent where none pays
  std::vector<committed_stretch> committed;
  double commitment_usd = 0;               ///< of whole terms
  double after_horizon_usd = 0;            ///< the part of it that falls due after the horizon
  double on_demand_usd = 0, spot_usd = 0;  ///< spot at its effective price
  double committed_hours = 0;              ///< instance-hours within the horizon, used or not
  double on_demand_hours = 0, spot_hours = 0;
  double commitment_utilisation = 0;  ///< share of committed_hours that is used; 0 without commitments
  flexible_price uncommitted;

  double total_usd() const { return commitment_usd + on_demand_usd + spot_usd; }
  int committed_at(std::size_t step) const;
  int most_committed() const;
};

/// The cheapest way to pay for a fleet: no commitment, or one kind of them. A commitment is bought at the start and
/// again whenever its term ends, each time at the newsvendor level of what its stretch needs, and paid to its end: one
/// that outlasts the horizon counts whole. Instances above the level are spot and on-demand as price_uncommitted()
/// says.
/// @param needed  instances at each step, at least one step
/// @return nothing where the offer has no price for hours that are not committed
std::optional<mix> cheapest_mix(std::span<const int> needed, const offer& from, double max_spot_share);

/// What falls due in each month, upfront sums in the month of purchase; the months add up to total_usd() less
/// after_horizon_usd.
std::vector<double> monthly_usd(const mix& paid, std::span<const int> needed);

}  // namespace gpubench::capacity
