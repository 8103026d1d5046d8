#include "cli/plan_offers.hpp"

#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace gpubench::cli {
namespace {

void add_price(capacity::offer& to, const planner::candidate& from, std::vector<std::string>& notes) {
  const double usd = from.usd_per_hour / from.nodes;
  const auto keep_least = [usd](std::optional<double>& price) { price = price ? std::min(*price, usd) : usd; };
  switch (from.price->model) {
    case profiles::price_model::on_demand:
      keep_least(to.on_demand_usd_per_hour);
      return;
    case profiles::price_model::spot:
      keep_least(to.spot_usd_per_hour);
      return;
    case profiles::price_model::commitment:
      if (const auto years = term_years(from.price->term)) {
        to.commitments.push_back({from.price->term, *years, usd, 0});
      } else {
        notes.push_back(fmt::format("{}: the commitment '{}' does not say its years and is left out",
                                    from.instance->name(), from.price->term));
      }
  }
}

}  // namespace

std::optional<double> term_years(const std::string& term) {
  const auto end = term.find("yr");
  if (end == std::string::npos) return std::nullopt;
  const auto years = parse_number(trim(term.substr(0, end)));
  if (!years || *years <= 0 || *years > 10) return std::nullopt;
  return years;
}

planned_offers offers_of(const planner::recommendation& answer, double confidence, std::size_t most) {
  planned_offers found;
  std::map<const profiles::instance*, std::size_t> place_of;
  std::string oldest;
  for (const planner::candidate& c : answer.ranked) {
    const auto place = place_of.emplace(c.instance, place_of.size());
    if (place.first->second >= most) continue;
    if (place.second) {
      // The candidates come cheapest first: this one's region is where a unit costs least.
      capacity::offer offer;
      offer.provider = c.instance->provider;
      offer.instance_type = c.instance->type;
      offer.region = c.price->region;
      offer.units_per_second =
          answer.workload.total_units / planner::duration_at_confidence(c.job, confidence) / c.nodes;
      offer.expected_units_per_second = c.units_per_second / c.nodes;
      found.offers.push_back(std::move(offer));
    }
    capacity::offer& offer = found.offers[place.first->second];
    if (offer.region != c.price->region) continue;
    add_price(offer, c, found.notes);
    const std::string& date = c.price->origin.date;
    if (oldest.empty() || date < oldest) oldest = date;
  }
  found.considered = place_of.size();
  if (!oldest.empty()) found.notes.push_back("prices are of " + oldest + " or later");
  return found;
}

}  // namespace gpubench::cli
