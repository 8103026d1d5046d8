#include "cost/capacity_block.hpp"

#include "core/units.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::cost {

std::optional<double> capacity_block_hours(const capacity_block& block, double job_seconds) {
  constexpr double hours_per_day = 24, longest_in_days = 14, longest_days = 26 * 7;
  const double hours = job_seconds / seconds_per_hour;
  if (block.window_hours) return hours <= *block.window_hours ? block.window_hours : std::nullopt;
  double days = std::max(1.0, std::ceil(hours / hours_per_day));
  if (days > longest_in_days) days = std::ceil(days / 7) * 7;
  if (!(days <= longest_days)) return std::nullopt;
  return days * hours_per_day;
}

}  // namespace gpubench::cost
