#include "cost/traffic.hpp"

#include "core/units.hpp"

#include <algorithm>

namespace gpubench::cost {
namespace {

using profiles::transfer_price;

/// Rows of one destination: those of the region, else of "any", else of the provider's first.
std::vector<const transfer_price*> tiers_of(const profiles::catalogue& known, std::string_view provider,
                                            std::string_view kind, std::string_view region) {
  std::vector<const transfer_price*> all;
  for (const transfer_price& row : known.transfers) {
    if (row.provider == provider && row.kind == kind) all.push_back(&row);
  }
  const transfer_price* chosen = nullptr;
  const auto general = [](const transfer_price* row) { return row->destination.rfind("internet", 0) == 0; };
  for (const transfer_price* row : all) {
    const auto rank = [&](const transfer_price* r) {
      return (r->region == region ? 4 : r->region == "any" ? 2 : 0) + (general(r) ? 1 : 0);
    };
    if (!chosen || rank(row) > rank(chosen)) chosen = row;
  }
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const transfer_price* row) {
                             return row->region != chosen->region || row->destination != chosen->destination;
                           }),
            all.end());
  return all;
}

std::optional<tariff_charge> charge(const profiles::catalogue& known, std::string_view provider, std::string_view kind,
                                    std::string_view region, double bytes) {
  const auto tiers = tiers_of(known, provider, kind, region);
  const auto price = tiered_price(tiers, bytes / gib);
  if (!price) return std::nullopt;
  const transfer_price& row = *tiers.front();
  tariff_charge result;
  result.usd = known.rates.to_usd(*price, row.currency);
  result.tariff = row.provider + " " + row.kind + ", " + row.region + " (" + row.origin.date + ")";
  result.other_region = row.region != region && row.region != "any";
  return result;
}

}  // namespace

std::optional<double> tiered_price(const std::vector<const transfer_price*>& tiers, double gib_moved) {
  double price = 0, covered = 0;
  for (const transfer_price* tier : tiers) {
    const double upper = tier->tier_to_gib ? std::min(*tier->tier_to_gib, gib_moved) : gib_moved;
    const double part = std::max(0.0, upper - tier->tier_from_gib);
    price += part * tier->price_per_gib;
    covered += part;
  }
  if (tiers.empty() || covered < gib_moved * (1 - 1e-9)) return std::nullopt;
  return price;
}

std::optional<tariff_charge> egress(const profiles::catalogue& known, std::string_view provider,
                                    std::string_view region, double bytes) {
  return charge(known, provider, "internet egress", region, bytes);
}

std::optional<tariff_charge> inter_zone(const profiles::catalogue& known, std::string_view provider,
                                        std::string_view region, double bytes) {
  return charge(known, provider, "inter-zone", region, bytes);
}

}  // namespace gpubench::cost
