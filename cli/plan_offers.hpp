#pragma once

#include "planner/recommend.hpp"

#include <optional>
#include <string>
#include <vector>

#include "capacity/offer.hpp"

namespace gpubench::cli {

/// Offers of a recommendation as capacity planning takes them.
struct planned_offers {
  std::vector<capacity::offer> offers;  ///< one an instance type, in the region where a unit is cheapest
  std::size_t considered = 0;           ///< instance types that can do the work
  std::vector<std::string> notes;
};

/// What a plan takes for granted of spot instances and of time.
struct offer_assumptions {
  double confidence = 0.95;                 ///< with which an instance does at least its units_per_second
  std::size_t most = 20;                    ///< instance types at most
  double ready_seconds = 0;                 ///< from launch to service
  double horizon_years = 1;                 ///< over which a machine of one's own is charged its share of its life
  std::optional<double> spot_availability;  ///< absent: assumed_availability
  std::optional<double> spot_overhead;      ///< absent: ready_seconds over the mean time between interruptions
};
inline constexpr double assumed_availability = 0.95;

/// The instance types that do a unit for the least money, with every price of that region; commitments as they are
/// paid, at once and by the hour. A machine of one's own stands as a commitment, beside the cheapest offer on demand at
/// the same work for what exceeds it.
planned_offers offers_of(const planner::recommendation& answer, const offer_assumptions& taken);

}  // namespace gpubench::cli
