#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "capacity/fluid_queue.hpp"
#include "capacity/offer.hpp"

namespace gpubench::capacity {

/// What nobody can beat who serves everything in time, whatever he knows about the future: the greater of two lower
/// bounds of the cost.
///  - Instances are there at once and divisible, and serve by smoothest_service(); what is committed is paid as
///    cheapest_mix() says. This is close for large fleets.
///  - Whole instances are had for single minutes, as late as the work's time allows (no fewer instance-minutes will do:
///    an instance that is had later finds no less work), at the offer's lowest price. This is close for small fleets.
class oracle {
 public:
  /// @param arrived  as cumulative_units() gives it; must outlive this
  oracle(const std::vector<double>& arrived, double wait_seconds);

  /// @return USD over the horizon; nothing where the offer has no price for hours that are not committed
  std::optional<double> least_usd(const offer& from, double max_spot_share);

  /// Least number of instance-hours, whole instances for whole minutes.
  double least_instance_hours(double units_per_second) const;

 private:
  /// Rates of a stretch of steps in ascending order, and the sums of those from each on.
  struct sorted_rates {
    std::vector<double> ascending;
    std::vector<double> sum_from;
    double above(double level) const;  ///< sum of max(0, rate - level)
  };

  const sorted_rates& rates_of(std::size_t first, std::size_t steps);
  double divisible_usd(const offer& from, const flexible_price& uncommitted);
  double committed_usd(const offer& from, const commitment& bought, const flexible_price& uncommitted);

  const std::vector<double>& arrived_;
  double wait_seconds_;
  std::vector<double> rates_;
  std::map<std::pair<std::size_t, std::size_t>, sorted_rates> sorted_;
};

}  // namespace gpubench::capacity
