#include "capacity/sensitivity.hpp"

namespace gpubench::capacity {

std::string_view to_string(sensitivity::subject changed) {
  switch (changed) {
    case sensitivity::subject::on_demand_price:
      return "on_demand_price";
    case sensitivity::subject::spot_price:
      return "spot_price";
    case sensitivity::subject::commitment_price:
      return "commitment_price";
    case sensitivity::subject::rate:
      return "rate";
    case sensitivity::subject::target_utilisation:
      return "target_utilisation";
  }
  return "";
}

std::vector<sensitivity> sensitivities_of(const offer& from, policy how, const demand_view& demand,
                                          const service_level& wanted, const autoscaler_settings& settings,
                                          double max_spot_share) {
  using subject = sensitivity::subject;
  std::vector<sensitivity> found;
  const auto run = [&](subject changed, double value, const offer& other, const autoscaler_settings& scaling) {
    const auto result = run_policy(demand, other, how, wanted, scaling, max_spot_share);
    found.push_back(
        {changed, value, result->paid.total_usd(), result->paid.most_committed(), result->service.late_fraction()});
  };
  for (const double factor : {0.8, 1.2}) {
    if (!from.on_demand_usd_per_hour) break;
    offer other = from;
    *other.on_demand_usd_per_hour *= factor;
    run(subject::on_demand_price, factor, other, settings);
  }
  for (const double factor : {0.8, 1.2}) {
    if (!from.spot_usd_per_hour) break;
    offer other = from;
    *other.spot_usd_per_hour *= factor;
    run(subject::spot_price, factor, other, settings);
  }
  for (const double factor : {0.8, 1.2}) {
    if (from.commitments.empty()) break;
    offer other = from;
    for (commitment& bought : other.commitments) {
      bought.usd_per_hour *= factor;
      bought.upfront_usd *= factor;
    }
    run(subject::commitment_price, factor, other, settings);
  }
  if (from.expected_units_per_second && *from.expected_units_per_second > from.units_per_second) {
    offer other = from;
    other.units_per_second = *from.expected_units_per_second;
    run(subject::rate, other.units_per_second / from.units_per_second, other, settings);
  }
  for (const double utilisation : {0.5, 0.6, 0.7, 0.8, 0.9}) {
    if (utilisation == settings.target_utilisation) continue;
    autoscaler_settings other = settings;
    other.target_utilisation = utilisation;
    run(subject::target_utilisation, utilisation, from, other);
  }
  return found;
}

}  // namespace gpubench::capacity
