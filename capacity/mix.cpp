#include "capacity/mix.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "capacity/demand.hpp"

namespace gpubench::capacity {
namespace {

std::size_t steps_of(const commitment& bought) {
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::llround(bought.term_hours() * steps_per_hour)));
}

/// Duration curves of stretches of a fleet, each made once: commitments of one term share theirs, and all that outlast
/// the horizon.
class curves {
 public:
  explicit curves(std::span<const int> needed) : needed_(needed) {}

  std::size_t steps() const { return needed_.size(); }
  const duration_curve& of(std::size_t first, std::size_t steps) {
    const std::pair key(first, steps);
    const auto found = known_.find(key);
    if (found != known_.end()) return found->second;
    return known_.emplace(key, duration_curve(needed_.subspan(first, steps))).first->second;
  }

 private:
  std::span<const int> needed_;
  std::map<std::pair<std::size_t, std::size_t>, duration_curve> known_;
};

void pay_uncommitted(mix& paid, double hours) {
  const double spot = hours * paid.uncommitted.spot_share;
  paid.spot_hours += spot;
  paid.on_demand_hours += hours - spot;
}

void price_hours(mix& paid, const offer& from) {
  if (paid.spot_hours > 0) paid.spot_usd = paid.spot_hours * *effective_spot_usd_per_hour(from);
  if (paid.on_demand_hours > 0) paid.on_demand_usd = paid.on_demand_hours * *from.on_demand_usd_per_hour;
}

mix without_commitment(curves& needed, const offer& from, const flexible_price& uncommitted) {
  mix paid;
  paid.uncommitted = uncommitted;
  pay_uncommitted(paid, needed.of(0, needed.steps()).instance_hours_above(0));
  price_hours(paid, from);
  return paid;
}

mix with_commitment(curves& needed, const offer& from, const commitment& bought, const flexible_price& uncommitted) {
  mix paid;
  paid.bought = bought;
  paid.uncommitted = uncommitted;
  double used_hours = 0;
  const std::size_t term = steps_of(bought);
  for (std::size_t first = 0; first < needed.steps(); first += term) {
    const std::size_t steps = std::min(term, needed.steps() - first);
    const duration_curve& curve = needed.of(first, steps);
    // The whole term's price falls on the hours within the horizon.
    const double usd_per_hour = bought.total_usd() / curve.hours();
    const int level = newsvendor_level(curve, usd_per_hour / uncommitted.usd_per_hour);
    paid.committed.push_back({first, steps, level});
    const double above = curve.instance_hours_above(level);
    paid.commitment_usd += level * bought.total_usd();
    paid.after_horizon_usd += level * bought.usd_per_hour * std::max(0.0, bought.term_hours() - curve.hours());
    paid.committed_hours += level * curve.hours();
    used_hours += curve.instance_hours_above(0) - above;
    pay_uncommitted(paid, above);
  }
  if (paid.committed_hours > 0) paid.commitment_utilisation = used_hours / paid.committed_hours;
  price_hours(paid, from);
  return paid;
}

}  // namespace

int mix::committed_at(std::size_t step) const {
  for (const committed_stretch& stretch : committed) {
    if (step - stretch.first_step < stretch.steps) return stretch.instances;
  }
  return 0;
}

int mix::most_committed() const {
  int most = 0;
  for (const committed_stretch& stretch : committed) most = std::max(most, stretch.instances);
  return most;
}

std::optional<mix> cheapest_mix(std::span<const int> needed, const offer& from, double max_spot_share) {
  const auto uncommitted = price_uncommitted(from, max_spot_share);
  if (!uncommitted) return std::nullopt;
  curves known(needed);
  mix best = without_commitment(known, from, *uncommitted);
  for (const commitment& bought : from.commitments) {
    mix other = with_commitment(known, from, bought, *uncommitted);
    if (other.most_committed() > 0 && other.total_usd() < best.total_usd()) best = std::move(other);
  }
  return best;
}

std::vector<double> monthly_usd(const mix& paid, std::span<const int> needed) {
  std::vector<double> months((needed.size() + steps_per_month - 1) / steps_per_month);
  for (const committed_stretch& stretch : paid.committed)
    months[stretch.first_step / steps_per_month] += stretch.instances * paid.bought->upfront_usd;
  for (std::size_t month = 0; month < months.size(); ++month) {
    const std::size_t end = std::min(needed.size(), (month + 1) * steps_per_month);
    double committed = 0, above = 0;  // instance-steps
    for (std::size_t i = month * steps_per_month; i < end;) {
      // Commitments change with their stretch, at most once or twice a month.
      const int level = paid.committed_at(i);
      std::size_t stop = end;
      for (const committed_stretch& stretch : paid.committed) {
        const std::size_t last = stretch.first_step + stretch.steps;
        if (last > i) stop = std::min(stop, last);
      }
      committed += static_cast<double>(stop - i) * level;
      for (; i < stop; ++i) above += std::max(0, needed[i] - level);
    }
    if (paid.bought) months[month] += committed / steps_per_hour * paid.bought->usd_per_hour;
    months[month] += above / steps_per_hour * paid.uncommitted.usd_per_hour;
  }
  return months;
}

}  // namespace gpubench::capacity
