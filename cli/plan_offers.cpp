#include "cli/plan_offers.hpp"

#include "core/units.hpp"
#include "report/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "cost/commitment.hpp"
#include "cost/own_hardware.hpp"

namespace gpubench::cli {
namespace {

void keep_least(std::optional<double>& price, double usd) {
  price = price ? std::min(*price, usd) : usd;
}

/// Units a second of one instance that it reaches with this confidence, interruptions aside.
double sure_units_per_second(const planner::candidate& c, double confidence) {
  return c.units_per_second * c.step.seconds / planner::duration_at_confidence(c.step, confidence) / c.nodes;
}

void add_commitment(capacity::offer& to, const planner::candidate& from, double usd, std::vector<std::string>& notes) {
  const std::string& name = from.price->term;
  const cost::commitment_term term = cost::parse_commitment_term(name);
  if (!term.years || term.is_capacity_block) {
    notes.push_back(fmt::format("{}: '{}' is no commitment over years and is left out", from.instance->name(), name));
    return;
  }
  const cost::commitment deal = cost::commitment_of(usd, *term.years * cost::hours_per_year,
                                                    term.payment.value_or(cost::payment_option::no_upfront));
  to.commitments.push_back({name, *term.years, deal.per_hour, deal.upfront});
}

void add_price(capacity::offer& to, const planner::candidate& from, const offer_assumptions& taken,
               std::vector<std::string>& notes) {
  const double usd = from.usd_per_hour / from.nodes;
  switch (from.price->model) {
    case profiles::price_model::on_demand:
      keep_least(to.on_demand_usd_per_hour, usd);
      return;
    case profiles::price_model::spot:
      keep_least(to.spot_usd_per_hour, usd);
      to.spot_availability = taken.spot_availability.value_or(assumed_availability);
      to.spot_overhead = taken.spot_overhead.value_or(taken.ready_seconds / from.spot->mean_up_seconds);
      return;
    case profiles::price_model::commitment:
      add_commitment(to, from, usd, notes);
  }
}

/// An instance that is rented on demand for the hours above machines of one's own.
struct overflow {
  const planner::candidate* rented = nullptr;
  int instances = 0;  ///< whole ones that do the work of one machine
  double usd_per_hour = 0;
};

/// The cheapest; nothing where none is offered.
std::optional<overflow> cheapest_overflow(const planner::recommendation& answer, double units_per_second,
                                          double confidence) {
  std::optional<overflow> best;
  for (const planner::candidate& c : answer.ranked) {
    if (c.instance->provider == cost::own_provider || c.helpers || c.price->model != profiles::price_model::on_demand)
      continue;
    const double instances = std::ceil(units_per_second / sure_units_per_second(c, confidence));
    const double usd = instances * c.usd_per_hour / c.nodes;
    if (!best || usd < best->usd_per_hour) best = {&c, static_cast<int>(instances), usd};
  }
  return best;
}

/// The machine of one's own, with its share of its life in the horizon.
void add_own(capacity::offer& to, const planner::recommendation& answer, const offer_assumptions& taken,
             std::vector<std::string>& notes) {
  const cost::own_hardware& own = *answer.limits.terms.own;
  const cost::commitment bought = cost::kept_running(own);
  const double years = std::min(own.amortisation_years, taken.horizon_years);
  const double share = years / own.amortisation_years;
  to.commitments.push_back({"own hardware", years, bought.per_hour, bought.upfront * share});
  notes.push_back(
      fmt::format("one {} is bought for {}, of which {} count for {} of its {} years, resale deducted; energy "
                  "and staff are paid for every hour, as it stays on",
                  to.instance_type, report::money(own.purchase), report::money(bought.upfront * share),
                  format_number(years, 3), format_number(own.amortisation_years, 3)));
  const auto above = cheapest_overflow(answer, to.units_per_second, taken.confidence);
  if (!above) return;
  to.on_demand_usd_per_hour = above->usd_per_hour;
  notes.push_back(
      fmt::format("hours above machines of your own are bought on demand: {} x {} does the work of one, at {} "
                  "an hour",
                  above->instances, above->rented->instance->name(), report::money(above->usd_per_hour)));
}

}  // namespace

planned_offers offers_of(const planner::recommendation& answer, const offer_assumptions& taken) {
  planned_offers found;
  std::map<const profiles::instance*, std::size_t> place_of;
  std::string oldest;
  for (const planner::candidate& c : answer.ranked) {
    // Other instances beside it would have to scale with it.
    if (c.helpers) continue;
    const auto place = place_of.emplace(c.instance, place_of.size());
    if (place.first->second >= taken.most) continue;
    if (place.second) {
      // The candidates come cheapest first: this one's region is where a unit costs least.
      capacity::offer offer;
      offer.provider = c.instance->provider;
      offer.instance_type = c.instance->type;
      offer.region = c.price->region;
      offer.units_per_second = sure_units_per_second(c, taken.confidence);
      offer.expected_units_per_second = c.units_per_second / c.nodes;
      found.offers.push_back(std::move(offer));
    }
    capacity::offer& offer = found.offers[place.first->second];
    if (offer.region != c.price->region) continue;
    if (c.instance->provider == cost::own_provider) {
      add_own(offer, answer, taken, found.notes);
      continue;
    }
    add_price(offer, c, taken, found.notes);
    const std::string& date = c.price->origin.date;
    if (oldest.empty() || date < oldest) oldest = date;
  }
  found.considered = place_of.size();
  if (!oldest.empty()) found.notes.push_back("prices are of " + oldest + " or later");
  return found;
}

}  // namespace gpubench::cli
