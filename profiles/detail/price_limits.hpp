#pragma once

#include "profiles/instance.hpp"

#include <optional>

namespace gpubench::profiles::detail {

/// USD an hour that an instance may cost; outside, a unit was mistaken (cents, a month, a whole rack).
struct usd_range {
  double low = 0, high = 0;

  bool holds(double usd) const { return usd >= low && usd <= high; }
};

/// Nothing for a CPU-only instance of unknown size.
std::optional<usd_range> sane_price(const instance& type);

}  // namespace gpubench::profiles::detail
