#include "capacity/policy.hpp"

#include <algorithm>

namespace gpubench::capacity {
namespace {

std::vector<int> peaks_of(const fleet& paid) {
  std::vector<int> peaks((paid.size() + steps_per_month - 1) / steps_per_month);
  for (std::size_t month = 0; month < peaks.size(); ++month) {
    const auto first = paid.begin() + static_cast<std::ptrdiff_t>(month * steps_per_month);
    const auto steps = std::min(steps_per_month, paid.size() - month * steps_per_month);
    peaks[month] = *std::max_element(first, first + static_cast<std::ptrdiff_t>(steps));
  }
  return peaks;
}

/// Raises the floor to what is committed.   @return whether that changes anything
bool keep_committed(std::vector<int>& floor, const mix& paid, std::size_t hours, int min_instances) {
  if (paid.most_committed() <= min_instances) return false;
  floor.resize(hours);
  for (std::size_t hour = 0; hour < hours; ++hour)
    floor[hour] = std::max(floor[hour], paid.committed_at(hour * steps_per_hour));
  return true;
}

}  // namespace

std::string_view to_string(policy how) {
  return how == policy::reactive ? "reactive" : "scheduled";
}

int policy_result::peak_instances() const {
  return *std::max_element(peak_by_month.begin(), peak_by_month.end());
}

std::optional<policy_result> run_policy(const demand_view& demand, const offer& from, policy how,
                                        const service_level& wanted, const autoscaler_settings& settings,
                                        double max_spot_share) {
  std::vector<int> floor;
  if (how == policy::scheduled) floor = floor_of(demand.profile, from.units_per_second, settings);
  scaled_fleet scaled = autoscale(demand.arrived, wanted, from.units_per_second, settings, floor);
  auto paid = cheapest_mix(scaled.paid, from, max_spot_share);
  if (!paid) return std::nullopt;
  if (keep_committed(floor, *paid, demand.profile.size(), settings.min_instances)) {
    scaled = autoscale(demand.arrived, wanted, from.units_per_second, settings, floor);
    paid = cheapest_mix(scaled.paid, from, max_spot_share);
  }
  policy_result result;
  result.how = how;
  result.service = scaled.service;
  result.usd_by_month = monthly_usd(*paid, scaled.paid);
  result.peak_by_month = peaks_of(scaled.paid);
  double instance_steps = 0;
  for (const int n : scaled.paid) instance_steps += n;
  result.mean_instances = instance_steps / static_cast<double>(scaled.paid.size());
  result.paid = std::move(*paid);
  return result;
}

}  // namespace gpubench::capacity
