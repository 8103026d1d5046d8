#pragma once

#include "profiles/catalogue.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gpubench::cost {

/// How one spot instance comes and goes: up for an exponential time of this mean, then without a replacement for one of
/// the other mean.
struct interruption_rate {
  double mean_up_seconds = 0;
  double mean_down_seconds = 0;  ///< 0: a replacement is found at once
  std::string basis;             ///< "10 to 15 % of instances a month (AWS Spot Instance Advisor ..., 2025-06-28)"
  bool assumed = false;          ///< no figure is known for this type
};

/// Mean time to loss of an instance of which this share is lost within a month. The assumption: each of them stood for
/// the whole month at a constant hazard, h = -ln(1 - f) / 730 an hour.   @param monthly_fraction  in (0, 1)
double mean_up_seconds_of(double monthly_fraction);

/// Share of instances lost in a month that is taken where a vendor's band has no upper end, and where nothing is known.
inline constexpr double open_band_fraction = 0.3, unknown_fraction = 0.3;

/// The first that is known: what the user states, a preemption trace of the type (that region first, then the newest),
/// the upper end of the vendor's band (likewise), and where there is none `unknown_fraction`.
/// @param stated_monthly_fraction  in (0, 1)
interruption_rate interruption_of(const profiles::catalogue& known, std::string_view provider, std::string_view type,
                                  std::string_view region, std::optional<double> stated_monthly_fraction);

}  // namespace gpubench::cost
