#pragma once

#include <cstddef>
#include <vector>

namespace gpubench::capacity {

/// Demand, queues and fleets are followed in steps of one minute.
inline constexpr int step_seconds = 60;
inline constexpr std::size_t steps_per_hour = 60;
inline constexpr std::size_t steps_per_day = 24 * steps_per_hour;
inline constexpr std::size_t steps_per_week = 7 * steps_per_day;
/// A month is a twelfth of a year of 365 days: 730 hours, as providers bill it.
inline constexpr std::size_t steps_per_month = 730 * steps_per_hour;
inline constexpr std::size_t steps_per_year = 12 * steps_per_month;

/// Work asked for, in units (tokens, images) per second, one value for each minute.
using demand_series = std::vector<double>;

/// A series as long as wanted: cut, or repeated as it was before its end, by whole weeks where it has one, else by
/// whole days. What is repeated grows, compounded, from the series' end on.
/// @param growth_per_month  0.05 for 5 %; above -1
/// @throws error: input for a series shorter than a day that would have to be repeated.
demand_series extended(demand_series recorded, std::size_t steps, double growth_per_month);

/// Units that arrived before each step, and after the last: one value more than the series has. Fluid queues and
/// windowed means are differences of it.
std::vector<double> cumulative_units(const demand_series& demand);

/// Largest demand of each month, in units per second; the last month may be a part of one.
std::vector<double> monthly_peaks(const demand_series& demand);

}  // namespace gpubench::capacity
