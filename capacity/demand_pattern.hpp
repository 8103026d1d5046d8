#pragma once

#include <cstdint>

#include "capacity/demand.hpp"

namespace gpubench::capacity {

/// Made-up demand: a day curve, a week, growth and bursts.
struct demand_pattern {
  double mean_units_per_second = 0;  ///< over the first week, before growth and bursts
  double daily_swing = 0.5;          ///< half of (peak - trough) over the day's mean, 0 to 1
  double peak_hour = 15;             ///< hour of the day, 0 to 24; the first day begins at 0
  double weekend_factor = 0.6;       ///< Saturday's and Sunday's demand over a weekday's; the first day is a Monday
  double growth_per_month = 0;       ///< compounded; above -1
  double bursts_per_day = 0;         ///< a Poisson process; a burst that begins in another prolongs it
  double burst_factor = 3;           ///< demand within a burst over that without, at least 1
  double burst_seconds = 600;        ///< mean duration, exponential
  double noise = 0;                  ///< coefficient of variation from minute to minute, log-normal with mean 1
  std::uint64_t seed = 1;
};

/// demand(t) = mean * day(t) * week(t) * growth(t) * burst(t) * noise(t), with
/// day = 1 + swing * cos(2 pi (hour - peak_hour) / 24) and week such that seven days have mean 1.
/// The same pattern gives the same series on every machine whose mathematical functions round alike.
/// @throws error: usage, naming the value that is out of its range.
demand_series generate(const demand_pattern& pattern, std::size_t steps);

}  // namespace gpubench::capacity
