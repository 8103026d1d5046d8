#pragma once

#include "cost/traffic.hpp"

namespace gpubench::cost {

/// The provider's storage of this service, or where `service` is empty its first block storage with a price; of the
/// region where the catalogue has it. nullptr where none is known.
const profiles::storage_offer* find_storage(const profiles::catalogue& known, std::string_view provider,
                                            std::string_view region, std::string_view service);

/// Storing `bytes` for `seconds`: GiB x price of a GiB and month x hours / 730.
std::optional<tariff_charge> stored(const profiles::catalogue& known, const profiles::storage_offer& offer,
                                    std::string_view region, double bytes, double seconds);

/// Snapshots, at the provider's tariff for them. Nothing where it has none.
std::optional<tariff_charge> snapshots(const profiles::catalogue& known, std::string_view provider,
                                       std::string_view region, double bytes, double seconds);

/// Rate at which a volume of the offer is written, bytes a second: what is included in its price, else its most.
std::optional<double> write_rate(const profiles::storage_offer& offer);

}  // namespace gpubench::cost
