#include "capacity/demand.hpp"

#include "core/error.hpp"
#include "core/units.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::capacity {

demand_series extended(demand_series recorded, std::size_t steps, double growth_per_month) {
  const std::size_t known = recorded.size();
  if (known >= steps) {
    recorded.resize(steps);
    return recorded;
  }
  const std::size_t unit = known >= steps_per_week ? steps_per_week : steps_per_day;
  if (known < unit) {
    throw error(error_kind::input,
                "the trace is " + format_duration(static_cast<double>(known) * step_seconds) +
                    " long: too short to be repeated",
                "record at least a day, better some weeks, or plan for no longer than the trace");
  }
  const std::size_t period = known / unit * unit;
  const double growth_per_step = std::pow(1 + growth_per_month, 1.0 / static_cast<double>(steps_per_month));
  recorded.resize(steps);
  double factor = 1;
  for (std::size_t i = known; i < steps; ++i) {
    factor *= growth_per_step;
    recorded[i] = recorded[known - period + (i - known) % period] * factor;
  }
  return recorded;
}

std::vector<double> cumulative_units(const demand_series& demand) {
  std::vector<double> arrived(demand.size() + 1);
  for (std::size_t i = 0; i < demand.size(); ++i) arrived[i + 1] = arrived[i] + demand[i] * step_seconds;
  return arrived;
}

std::vector<double> monthly_peaks(const demand_series& demand) {
  std::vector<double> peaks((demand.size() + steps_per_month - 1) / steps_per_month);
  for (std::size_t i = 0; i < demand.size(); ++i) {
    double& peak = peaks[i / steps_per_month];
    peak = std::max(peak, demand[i]);
  }
  return peaks;
}

}  // namespace gpubench::capacity
