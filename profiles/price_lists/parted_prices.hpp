#pragma once

#include "profiles/price_lists/format.hpp"

#include <vector>

namespace gpubench::profiles::detail {

/// Prices of hosts and of accelerators, listed apart, as Google Cloud sells them: an instance costs the sum of both.
/// `accelerators` have no instance type. Which GPUs a host has is in the catalogue; a host that it does not know, or
/// whose GPUs the list has no price for in that zone, is refused, since the host alone would look too cheap.
/// @param hosts  prices of hosts without accelerators
void add_accelerators(std::vector<listed_price> hosts, const std::vector<listed_price>& accelerators,
                      const catalogue& known, price_list& into);

}  // namespace gpubench::profiles::detail
