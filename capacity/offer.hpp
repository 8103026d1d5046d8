#pragma once

#include <optional>
#include <string>
#include <vector>

namespace gpubench::capacity {

inline constexpr double hours_per_year = 8760;
inline constexpr double hours_per_month = hours_per_year / 12;

/// An instance that is paid for the whole term, whether it runs or not.
struct commitment {
  std::string term;  ///< as the provider calls it: "1yr CUD, no upfront"
  double term_years = 1;
  double usd_per_hour = 0;  ///< paid for each hour of the term
  double upfront_usd = 0;   ///< paid once, beside the hours

  double term_hours() const { return term_years * hours_per_year; }
  double total_usd() const { return upfront_usd + usd_per_hour * term_hours(); }
  /// With the upfront payment spread over the term.
  double effective_usd_per_hour() const { return total_usd() / term_hours(); }
};

/// One instance type in one region with every way of paying for it, and what one instance does.
struct offer {
  std::string provider, instance_type, region;
  double units_per_second = 0;                      ///< of one instance; what is planned on, above 0
  std::optional<double> expected_units_per_second;  ///< the estimate's centre, where units_per_second is a lower bound
  std::optional<double> on_demand_usd_per_hour, spot_usd_per_hour;
  double spot_availability = 1;  ///< fraction of time that a spot instance which is asked for runs, in (0, 1]
  double spot_overhead = 0;      ///< work lost to interruptions over useful work
  std::vector<commitment> commitments;
  std::optional<int> quota_instances;  ///< that one may hold at a time; absent: as many as wanted

  std::string name() const { return provider + " " + instance_type; }
};

/// What an hour of one instance of useful work costs on spot: price * (1 + overhead) / availability.
/// Nothing without a spot price.
std::optional<double> effective_spot_usd_per_hour(const offer& from);

/// An instance-hour that is not committed.
struct flexible_price {
  double usd_per_hour = 0;  ///< over spot and on-demand
  double spot_share = 0;    ///< of the hours, 0 to max_spot_share
};

/// Spot for as many hours as allowed while its effective price is below on-demand's, on-demand for the rest.
/// @param max_spot_share  0 to 1
/// @return nothing where the offer has no price for a part of the hours
std::optional<flexible_price> price_uncommitted(const offer& from, double max_spot_share);

/// Share of the term's hours that a committed instance must be used for, so that buying the hours singly at
/// `usd_per_hour` costs as much: (upfront / H + hourly) / usd_per_hour. Above 1 it never pays.
double break_even_utilisation(const commitment& bought, double usd_per_hour);

/// Month of the term from which an instance that runs all the time would have cost more at `usd_per_hour` than the
/// whole commitment; nothing where it never would.
std::optional<double> break_even_month(const commitment& bought, double usd_per_hour);

/// Month in which the lower hourly price has paid the upfront sum back: upfront / (730 h * (usd_per_hour - hourly)).
/// Nothing where it never does.
std::optional<double> payback_month(const commitment& bought, double usd_per_hour);

}  // namespace gpubench::capacity
