#pragma once

#include <optional>
#include <string>

#include "profiles/provenance.hpp"

namespace gpubench::profiles {

/// How often spot capacity of a type is taken back (spot_interruption.csv): a vendor's monthly band or a measured trace.
struct spot_interruption {
  std::string provider, instance_type, region, kind;
  std::optional<double> monthly_low_fraction, monthly_high_fraction;  ///< share of instances interrupted in a month
  std::optional<double> mean_hours_between_preemptions;
  std::optional<double> availability_fraction;
  std::optional<double> savings_fraction;  ///< against on demand, from the same table
  provenance origin;
};

/// One storage offer (storage.csv), USD.
struct storage_offer {
  std::string provider, service, kind, region;
  std::optional<double> usd_per_gib_month, usd_per_provisioned_iops_month, usd_per_mibs_month;
  std::optional<double> included_iops, included_mib_per_second, max_iops, max_mib_per_second;
  std::optional<double> usd_per_1000_put, usd_per_1000_get;
  provenance origin;
};

/// One tier of a data transfer price (transfer.csv), USD per GiB.
struct transfer_price {
  std::string provider, kind, region, destination;
  double tier_from_gib = 0;
  std::optional<double> tier_to_gib;  ///< absent: no upper end
  double usd_per_gib = 0;
  provenance origin;
};

}  // namespace gpubench::profiles
