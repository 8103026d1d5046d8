#include "planner/helper_hosts.hpp"

#include "planner/duration_spread.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gpubench::planner {
namespace {

// More machines than this around one instance are a cluster to be run, and no longer helpers. Assumed.
constexpr double most_helpers_a_node = 16;

std::string place_of(const profiles::instance& type, const profiles::price& offer) {
  return type.provider + "|" + offer.region;
}

}  // namespace

helper_hosts::helper_hosts(const profiles::catalogue& known, const offer_filter& filter, price_check& usable,
                           const profiles::workload& what, const constraints& limits)
    : what_(what), limits_(limits) {
  if (what.host_cpu_seconds_per_unit <= 0 || what.prepared_bytes_per_unit <= 0) return;
  for (const profiles::instance& type : known.instances) {
    if (type.has_gpu() || !type.network_bits_per_second) continue;
    const std::optional<double> cores = physical_cores(type, known);
    if (!cores) continue;
    const double network = *type.network_bits_per_second / 8;
    const double rate = std::min(*cores / what.host_cpu_seconds_per_unit,
                                 network / std::max(what.bytes_read_per_unit, what.prepared_bytes_per_unit));
    for (const profiles::price* offer : known.prices_of(type)) {
      if (offer->model != profiles::price_model::on_demand || !filter.admits(*offer)) continue;
      if (!usable.problem(type, *offer).detail.empty()) continue;
      const double usd = known.rates.to_usd(offer->amount_per_hour, offer->currency);
      by_place_[place_of(type, *offer)].push_back({&type, offer, usd, rate});
    }
  }
}

std::optional<helper_plan> helper_hosts::beside(const profiles::instance& type, const profiles::price& offer,
                                                const node_plan& plan, double usd_per_hour, int spare) const {
  const performance& speed = plan.speed;
  if (by_place_.empty() || !type.has_gpu() || !type.network_bits_per_second) return std::nullopt;
  if (!speed.host.prepared_units_per_second) return std::nullopt;
  // Checkpoints stop those who prepare as well.
  const double at_work = 1 / (1 + speed.host.checkpoint_share);
  const double own = *speed.host.prepared_units_per_second * at_work;
  // The nodes read what they prepare themselves and receive the rest ready.
  const double network = *type.network_bits_per_second / 8 * plan.nodes;
  const double left = network * at_work - own * what_.bytes_read_per_unit;
  if (left <= 0) return std::nullopt;
  double wanted = std::min(speed.device_units_per_second, own + left / what_.prepared_bytes_per_unit);
  const double most = wanted;
  double worth = wanted;
  const std::optional<double> rate_asked = rate_asked_for(what_, limits_);
  if (rate_asked) {
    const estimate& device = speed.device_step;
    wanted = std::min(wanted, *rate_asked * duration_at_confidence(device, limits_.confidence) / device.seconds);
    worth = *rate_asked;
  }
  if (own >= wanted) return std::nullopt;
  const auto found = by_place_.find(place_of(type, offer));
  if (found == by_place_.end()) return std::nullopt;

  std::optional<helper_plan> best;
  double least = std::numeric_limits<double>::infinity();
  for (const helper& one : found->second) {
    const double all = std::ceil((wanted - own) / (one.units_per_second * at_work) - 1e-9) + spare;
    if (!(all >= 1 && all <= most_helpers_a_node * plan.nodes)) continue;
    // Price over rate falls up to where the devices are fed, or not at all; one less does not keep a rate.
    for (double count = rate_asked ? all : std::max(1.0, all - 1); count <= all; ++count) {
      const double rate = std::min(most, own + count * one.units_per_second * at_work);
      const double price = (usd_per_hour * plan.nodes + count * one.usd_per_hour) / std::min(rate, worth);
      if (price >= least) continue;
      least = price;
      best = helper_plan{{static_cast<int>(count), one.instance, one.price, count * one.usd_per_hour}, rate};
    }
  }
  return best;
}

node_plan fed_by(const helper_plan& helpers, const node_plan& alone, const profiles::workload& what,
                 const constraints& limits) {
  node_plan fed = alone;
  performance& speed = fed.speed;
  const estimate& device = alone.speed.device_step;
  speed.units_per_second = helpers.units_per_second;
  speed.step.seconds = alone.speed.step.seconds * alone.speed.units_per_second / helpers.units_per_second;
  speed.step.low = speed.step.seconds * device.low / device.seconds;
  speed.step.high = speed.step.seconds * device.high / device.seconds;
  // The wait for the host is gone, all of it or in part; the other shares grow in proportion.
  const double kept = speed.step.seconds / alone.speed.step.seconds;
  double others = 0;
  for (std::size_t i = 0; i < speed.shares.size(); ++i) {
    if (static_cast<bound>(i) == bound::host) continue;
    speed.shares[i] = std::min(1.0, speed.shares[i] / kept);
    others += speed.shares[i];
  }
  speed.shares[static_cast<std::size_t>(bound::host)] = std::max(0.0, 1 - others);
  speed.step.bound_by =
      static_cast<bound>(std::max_element(speed.shares.begin(), speed.shares.end()) - speed.shares.begin());
  settle(fed, what, limits);
  return fed;
}

}  // namespace gpubench::planner
