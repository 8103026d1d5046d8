#include "capacity/offer.hpp"

namespace gpubench::capacity {

std::optional<double> effective_spot_usd_per_hour(const offer& from) {
  if (!from.spot_usd_per_hour) return std::nullopt;
  return *from.spot_usd_per_hour * (1 + from.spot_overhead) / from.spot_availability;
}

std::optional<flexible_price> price_uncommitted(const offer& from, double max_spot_share) {
  const auto spot = effective_spot_usd_per_hour(from);
  const auto on_demand = from.on_demand_usd_per_hour;
  if (!on_demand) {
    if (!spot || max_spot_share < 1) return std::nullopt;
    return flexible_price{*spot, 1};
  }
  if (!spot || *spot >= *on_demand) return flexible_price{*on_demand, 0};
  return flexible_price{max_spot_share * *spot + (1 - max_spot_share) * *on_demand, max_spot_share};
}

double break_even_utilisation(const commitment& bought, double usd_per_hour) {
  return bought.effective_usd_per_hour() / usd_per_hour;
}

std::optional<double> break_even_month(const commitment& bought, double usd_per_hour) {
  const double share = break_even_utilisation(bought, usd_per_hour);
  if (share > 1) return std::nullopt;
  return share * bought.term_hours() / hours_per_month;
}

std::optional<double> payback_month(const commitment& bought, double usd_per_hour) {
  if (bought.upfront_usd == 0) return 0;
  if (usd_per_hour <= bought.usd_per_hour) return std::nullopt;
  const double month = bought.upfront_usd / (hours_per_month * (usd_per_hour - bought.usd_per_hour));
  if (month > bought.term_hours() / hours_per_month) return std::nullopt;
  return month;
}

}  // namespace gpubench::capacity
