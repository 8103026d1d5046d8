#pragma once

#include "profiles/catalogue.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::cost {

/// An amount in USD, and which tariff it comes from.
struct tariff_charge {
  double usd = 0;
  std::string tariff;         ///< "aws internet egress, us-east-1 (2024-09-25)"
  bool other_region = false;  ///< the tariff of another region stands in
};

/// Price of `gib` over the cumulative tiers of one month, counted from its start; the tiers in any order.
/// Nothing where they leave a part of the amount without a price.
std::optional<double> tiered_price(const std::vector<const profiles::transfer_price*>& tiers, double gib);

/// Data out of a provider's network to the internet. Nothing where no tariff of that provider is known.
std::optional<tariff_charge> egress(const profiles::catalogue& known, std::string_view provider,
                                    std::string_view region, double bytes);

/// Traffic between zones of a region; each byte counts once, at the price of the row.
std::optional<tariff_charge> inter_zone(const profiles::catalogue& known, std::string_view provider,
                                        std::string_view region, double bytes);

}  // namespace gpubench::cost
