#include "planner/helper_hosts.hpp"

#include "core/units.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gpubench::planner {
namespace {

// More machines than this for one job's data are no plan.
constexpr double most_helpers = 1000;

}  // namespace

std::string helper_plan::describe() const {
  return std::to_string(count) + " x " + instance->type + " for data preparation";
}

helper_hosts::helper_hosts(const profiles::catalogue& known, const offer_filter& filter, const constraints& limits,
                           const profiles::workload& what, long today)
    : what_(what) {
  if (what.host_cpu_seconds_per_unit <= 0 || what.prepared_bytes_per_unit <= 0) return;
  for (const profiles::instance& type : known.instances) {
    if (type.has_gpu() || !type.network_bits_per_second) continue;
    const std::optional<double> cores = physical_cores(type, known);
    if (!cores) continue;
    const double network = *type.network_bits_per_second / 8;
    const double rate = std::min(*cores / what.host_cpu_seconds_per_unit,
                                 network / std::max(what.bytes_read_per_unit, what.prepared_bytes_per_unit));
    for (const profiles::price* offer : known.prices_of(type)) {
      const bool spot = offer->model == profiles::price_model::spot;
      const std::optional<std::int64_t> day = parse_date(offer->origin.date);
      if (!filter.admits(*offer) || !offer->checked || !day) continue;
      if (today - *day > (spot ? limits.max_spot_price_age_days : limits.max_price_age_days)) continue;
      const double usd = offer->currency == "USD" ? offer->amount_per_hour
                                                  : known.rates.to_usd(offer->amount_per_hour, offer->currency);
      if (usd > 0) by_place_[{type.provider, offer->region}].push_back({&type, offer, usd, rate});
    }
  }
}

std::optional<helper_plan> helper_hosts::beside(const profiles::instance& type, const profiles::price& offer,
                                                const node_plan& plan, double usd_per_hour) const {
  const performance& speed = plan.speed;
  if (by_place_.empty() || !type.has_gpu() || !type.network_bits_per_second) return std::nullopt;
  if (!speed.host.prepared_units_per_second || !speed.split.slice.empty()) return std::nullopt;
  const double own = *speed.host.prepared_units_per_second;
  double wanted = speed.device_units_per_second;
  if (own >= wanted) return std::nullopt;
  // The nodes read what they prepare themselves and receive the rest ready.
  const double network = *type.network_bits_per_second / 8 * plan.nodes;
  const double left = network - own * what_.bytes_read_per_unit;
  if (left <= 0) return std::nullopt;
  wanted = std::min(wanted, own + left / what_.prepared_bytes_per_unit);
  const auto found = by_place_.find({type.provider, offer.region});
  if (found == by_place_.end()) return std::nullopt;

  std::optional<helper_plan> best;
  double least = usd_per_hour / speed.units_per_second;
  for (const helper& one : found->second) {
    if (one.price->model != offer.model && one.price->model != profiles::price_model::on_demand) continue;
    const double all = std::ceil((wanted - own) / one.units_per_second - 1e-9);
    if (!(all >= 1 && all <= most_helpers)) continue;
    // Cost over rate falls up to where the devices are fed, or not at all.
    for (const double count : {all - 1, all}) {
      if (count < 1) continue;
      const double rate = std::min(wanted, own + count * one.units_per_second);
      const double cost = (usd_per_hour + count * one.usd_per_hour) / rate;
      if (cost >= least) continue;
      least = cost;
      best = helper_plan{one.instance, one.price, static_cast<int>(count), count * one.usd_per_hour, rate};
    }
  }
  return best;
}

}  // namespace gpubench::planner
