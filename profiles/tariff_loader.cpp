#include "profiles/detail/loaders.hpp"

#include <utility>

namespace gpubench::profiles::detail {
namespace {

constexpr sane_range share{0, 1, "(a share of 1)"};
constexpr sane_range price_range{0, 10'000, ""};

// A tariff needs a rate only to be converted, so the currency is checked as it is for prices.
std::string read_currency(const catalogue& known, row_reader& row) {
  auto currency = row.required("currency");
  if (!currency.empty() && currency != "USD" && !known.rates.knows(currency))
    row.refuse("currency", fmt::format("currency '{}' has no rate in exchange_rates.csv", currency),
               "use an ISO 4217 code, or add a dated rate");
  return currency;
}

spot_interruption read_interruption(const catalogue& known, row_reader& row) {
  spot_interruption risk;
  risk.provider = row.required("provider");
  risk.instance_type = row.required("instance_type");
  risk.region = row.required("region");
  risk.zone = row.text("zone");
  risk.kind = row.required("kind");
  risk.monthly_low_fraction = row.number("monthly_low_fraction", share);
  risk.monthly_high_fraction = row.number("monthly_high_fraction", share);
  risk.mean_hours_between_preemptions = row.number("mean_hours_between_preemptions", {0.01, 100'000, "hours"});
  risk.availability_fraction = row.number("availability_fraction", share);
  risk.savings_fraction = row.scaled("savings_percent", 0.01, {0, 100, "%"});
  risk.origin = row.origin();
  if (risk.monthly_low_fraction && risk.monthly_high_fraction &&
      *risk.monthly_low_fraction > *risk.monthly_high_fraction)
    row.refuse("monthly_low_fraction", "the band's lower end is above its upper end");
  if (row.ok() && !known.find_instance(risk.provider, risk.instance_type))
    row.refuse("instance_type",
               fmt::format("instance '{} {}' is not in instances.csv", risk.provider, risk.instance_type),
               suggestion(risk.provider + " " + risk.instance_type, instance_names(known)));
  return risk;
}

storage_offer read_storage(const catalogue& known, row_reader& row) {
  storage_offer offer;
  offer.provider = row.required("provider");
  offer.service = row.required("service");
  offer.kind = row.required("kind");
  offer.region = row.required("region");
  offer.price_per_gib_month = row.number("price_per_gib_month", price_range);
  offer.price_per_provisioned_iops_month = row.number("price_per_provisioned_iops_month", price_range);
  offer.price_per_mib_per_second_month = row.number("price_per_mib_per_second_month", price_range);
  offer.included_iops = row.number("included_iops", {1, 1e8, "IOPS"});
  offer.included_mib_per_second = row.number("included_mib_per_second", {0.1, 1e7, "MiB/s"});
  offer.max_iops = row.number("max_iops", {1, 1e8, "IOPS"});
  offer.max_mib_per_second = row.number("max_mib_per_second", {0.1, 1e7, "MiB/s"});
  offer.price_per_1000_put = row.number("price_per_1000_put", price_range);
  offer.price_per_1000_get = row.number("price_per_1000_get", price_range);
  offer.currency = read_currency(known, row);
  offer.origin = row.origin();
  return offer;
}

transfer_price read_transfer(const catalogue& known, row_reader& row) {
  transfer_price tier;
  tier.provider = row.required("provider");
  tier.kind = row.required("kind");
  tier.region = row.required("region");
  tier.destination = row.required("destination");
  tier.tier_from_gib = row.required_number("tier_from_gib", {0, 1e12, "GiB"}).value_or(0);
  tier.tier_to_gib = row.number("tier_to_gib", {0, 1e12, "GiB"});
  tier.price_per_gib = row.required_number("price_per_gib", {0, 100, ""}).value_or(0);
  tier.currency = read_currency(known, row);
  tier.origin = row.origin();
  if (tier.tier_to_gib && *tier.tier_to_gib <= tier.tier_from_gib)
    row.refuse("tier_to_gib", "the tier ends before it begins");
  return tier;
}

}  // namespace

void load_spot_interruptions(const file_list& files, catalogue& into, findings& sink) {
  const file_columns columns{{"provider", "instance_type", "region", "kind", "source", "date"},
                             {"zone", "monthly_low_fraction", "monthly_high_fraction", "mean_hours_between_preemptions",
                              "availability_fraction", "savings_percent", "note"}};
  keyed_rows<spot_interruption> rows(into.spot_interruptions);
  for (const auto& file : files) {
    rows.start_file();
    each_row(file, columns, sink, [&](row_reader& row) {
      auto risk = read_interruption(into, row);
      const auto key = key_of({risk.provider, risk.instance_type, risk.region, risk.zone, risk.kind, risk.origin.date});
      const auto what = fmt::format("{} of {} {}", risk.kind, risk.provider, risk.instance_type);
      rows.add(key, std::move(risk), what, "instance_type", row);
    });
  }
}

void load_storage(const file_list& files, catalogue& into, findings& sink) {
  const file_columns columns{{"provider", "service", "kind", "region", "currency", "source", "date"},
                             {"price_per_gib_month", "price_per_provisioned_iops_month",
                              "price_per_mib_per_second_month", "included_iops", "included_mib_per_second", "max_iops",
                              "max_mib_per_second", "price_per_1000_put", "price_per_1000_get", "note"}};
  keyed_rows<storage_offer> rows(into.storage);
  for (const auto& file : files) {
    rows.start_file();
    each_row(file, columns, sink, [&](row_reader& row) {
      auto offer = read_storage(into, row);
      const auto key = key_of({offer.provider, offer.service, offer.region});
      const auto what = fmt::format("{} {} in {}", offer.provider, offer.service, offer.region);
      rows.add(key, std::move(offer), what, "service", row);
    });
  }
}

void load_transfers(const file_list& files, catalogue& into, findings& sink) {
  const file_columns columns{
      {"provider", "kind", "region", "destination", "tier_from_gib", "price_per_gib", "currency", "source", "date"},
      {"tier_to_gib", "note"}};
  keyed_rows<transfer_price> rows(into.transfers);
  for (const auto& file : files) {
    rows.start_file();
    each_row(file, columns, sink, [&](row_reader& row) {
      auto tier = read_transfer(into, row);
      const auto key =
          key_of({tier.provider, tier.kind, tier.region, tier.destination, fmt::format("{}", tier.tier_from_gib)});
      const auto what = fmt::format("{} {} from {:g} GiB", tier.provider, tier.kind, tier.tier_from_gib);
      rows.add(key, std::move(tier), what, "kind", row);
    });
  }
}

}  // namespace gpubench::profiles::detail
