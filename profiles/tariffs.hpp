#pragma once

#include "profiles/provenance.hpp"

#include <optional>
#include <string>

namespace gpubench::profiles {

/// How often spot capacity of a type is taken back (spot_interruption.csv): a vendor's monthly band or a measured
/// trace.
struct spot_interruption {
  std::string provider, instance_type, region;
  std::string zone;  ///< of a trace; empty for figures of a whole region
  std::string kind;  ///< "vendor band", "measured availability trace", "measured preemption trace"
  std::optional<double> monthly_low_fraction, monthly_high_fraction;  ///< share of instances interrupted in a month
  std::optional<double> mean_hours_between_preemptions;
  std::optional<double> availability_fraction;
  std::optional<double> savings_fraction;  ///< against on demand, from the same table
  provenance origin;
};

/// One storage offer (storage.csv). Prices above what is included; amounts in `currency`.
struct storage_offer {
  std::string provider, service, kind, region;
  std::optional<double> price_per_gib_month, price_per_provisioned_iops_month, price_per_mib_per_second_month;
  std::optional<double> included_iops, included_mib_per_second, max_iops, max_mib_per_second;
  std::optional<double> price_per_1000_put, price_per_1000_get;
  std::string currency;
  provenance origin;
};

/// One tier of a data transfer price (transfer.csv); tiers are per month and cumulative.
struct transfer_price {
  std::string provider, kind, region, destination;
  double tier_from_gib = 0;
  std::optional<double> tier_to_gib;  ///< absent: no upper end
  double price_per_gib = 0;           ///< may be 0: traffic that is free
  std::string currency;
  provenance origin;
};

}  // namespace gpubench::profiles
