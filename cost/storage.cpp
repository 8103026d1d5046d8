#include "cost/storage.hpp"

#include "core/units.hpp"

#include "cost/calendar.hpp"

namespace gpubench::cost {
namespace {

const profiles::storage_offer* find(const profiles::catalogue& known, std::string_view provider,
                                    std::string_view region, std::string_view kind, std::string_view service) {
  const profiles::storage_offer* chosen = nullptr;
  for (const profiles::storage_offer& offer : known.storage) {
    if (offer.provider != provider || !offer.price_per_gib_month) continue;
    if (service.empty() ? offer.kind != kind : offer.service != service) continue;
    if (offer.region == region || offer.region == "any") return &offer;
    if (!chosen) chosen = &offer;
  }
  return chosen;
}

}  // namespace

const profiles::storage_offer* find_storage(const profiles::catalogue& known, std::string_view provider,
                                            std::string_view region, std::string_view service) {
  return find(known, provider, region, "block", service);
}

std::optional<tariff_charge> stored(const profiles::catalogue& known, const profiles::storage_offer& offer,
                                    std::string_view region, double bytes, double seconds) {
  if (!offer.price_per_gib_month) return std::nullopt;
  const double months = seconds / seconds_per_hour / hours_per_month;
  tariff_charge result;
  result.usd = known.rates.to_usd(bytes / gib * *offer.price_per_gib_month * months, offer.currency);
  result.tariff = offer.provider + " " + offer.service + ", " + offer.region + " (" + offer.origin.date + ")";
  result.other_region = offer.region != region && offer.region != "any";
  return result;
}

std::optional<tariff_charge> snapshots(const profiles::catalogue& known, std::string_view provider,
                                       std::string_view region, double bytes, double seconds) {
  const auto* offer = find(known, provider, region, "snapshot", {});
  if (!offer) return std::nullopt;
  return stored(known, *offer, region, bytes, seconds);
}

std::optional<double> write_rate(const profiles::storage_offer& offer) {
  if (offer.included_mib_per_second) return *offer.included_mib_per_second * mib;
  if (offer.max_mib_per_second) return *offer.max_mib_per_second * mib;
  return std::nullopt;
}

}  // namespace gpubench::cost
