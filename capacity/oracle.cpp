#include "capacity/oracle.hpp"

#include <algorithm>
#include <cmath>

#include "capacity/smoothest_service.hpp"

namespace gpubench::capacity {
namespace {

constexpr double steps_an_hour = static_cast<double>(steps_per_hour);

}  // namespace

double oracle::sorted_rates::above(double level) const {
  const auto first = std::upper_bound(ascending.begin(), ascending.end(), level);
  const auto count = static_cast<double>(ascending.end() - first);
  return sum_from[static_cast<std::size_t>(first - ascending.begin())] - level * count;
}

oracle::oracle(const std::vector<double>& arrived, double wait_seconds)
    : arrived_(arrived), wait_seconds_(wait_seconds), rates_(smoothest_service(arrived, wait_seconds)) {}

const oracle::sorted_rates& oracle::rates_of(std::size_t first, std::size_t steps) {
  sorted_rates& known = sorted_[{first, steps}];
  if (known.ascending.empty()) {
    const auto begin = rates_.begin() + static_cast<std::ptrdiff_t>(first);
    known.ascending.assign(begin, begin + static_cast<std::ptrdiff_t>(steps));
    std::sort(known.ascending.begin(), known.ascending.end());
    known.sum_from.resize(steps + 1);
    for (std::size_t i = steps; i-- > 0;) known.sum_from[i] = known.sum_from[i + 1] + known.ascending[i];
  }
  return known;
}

double oracle::committed_usd(const offer& from, const commitment& bought, const flexible_price& uncommitted) {
  const auto term =
      std::max<std::size_t>(1, static_cast<std::size_t>(std::llround(bought.term_hours() * steps_an_hour)));
  const double usd_per_unit_per_second = bought.total_usd() / from.units_per_second;
  const double usd_per_step_unit = uncommitted.usd_per_hour / steps_an_hour / from.units_per_second;
  double usd = 0;
  for (std::size_t first = 0; first < rates_.size(); first += term) {
    const std::size_t steps = std::min(term, rates_.size() - first);
    const sorted_rates& rates = rates_of(first, steps);
    // The newsvendor's level; the cost is straight between rates, so that the best level is a rate or 0.
    const double ratio = usd_per_unit_per_second / (usd_per_step_unit * static_cast<double>(steps));
    double least = usd_per_step_unit * rates.above(0);
    if (ratio < 1) {
      const auto at = static_cast<std::size_t>((1 - ratio) * static_cast<double>(steps));
      for (std::size_t i = at > 0 ? at - 1 : 0; i <= std::min(at + 1, steps - 1); ++i) {
        const double level = rates.ascending[i];
        least = std::min(least, usd_per_unit_per_second * level + usd_per_step_unit * rates.above(level));
      }
    }
    usd += least;
  }
  return usd;
}

double oracle::divisible_usd(const offer& from, const flexible_price& uncommitted) {
  double least = uncommitted.usd_per_hour / steps_an_hour / from.units_per_second * rates_of(0, rates_.size()).above(0);
  for (const commitment& bought : from.commitments) least = std::min(least, committed_usd(from, bought, uncommitted));
  return least;
}

double oracle::least_instance_hours(double units_per_second) const {
  const deadline_curve deadlines(arrived_, wait_seconds_);
  const double capacity = units_per_second * step_seconds;
  double served = 0, instance_steps = 0;
  for (std::size_t step = 1; step < arrived_.size(); ++step) {
    const double due = deadlines.due_before(step) - served;
    if (due <= 0) continue;
    // Rounding must not make an instance of nothing.
    const double instances = std::ceil(due / capacity - 1e-9);
    instance_steps += instances;
    served = std::max(served + due, std::min(arrived_[step], served + instances * capacity));
  }
  return instance_steps / steps_an_hour;
}

std::optional<double> oracle::least_usd(const offer& from, double max_spot_share) {
  const auto uncommitted = price_uncommitted(from, max_spot_share);
  if (!uncommitted) return std::nullopt;
  double lowest = uncommitted->usd_per_hour;
  for (const commitment& bought : from.commitments) lowest = std::min(lowest, bought.effective_usd_per_hour());
  return std::max(divisible_usd(from, *uncommitted), lowest * least_instance_hours(from.units_per_second));
}

}  // namespace gpubench::capacity
