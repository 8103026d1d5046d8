#include "cost/interruption.hpp"

#include "core/units.hpp"

#include <cmath>

#include "cost/calendar.hpp"

namespace gpubench::cost {
namespace {

using profiles::spot_interruption;

std::string percent(double fraction) {
  return format_number(fraction * 100);
}

std::string source_of(const spot_interruption& row) {
  return " (" + row.origin.source + ", " + row.origin.date + ")";
}

interruption_rate from_trace(const spot_interruption& row) {
  interruption_rate rate;
  rate.mean_up_seconds = *row.mean_hours_between_preemptions * seconds_per_hour;
  if (row.availability_fraction && *row.availability_fraction > 0)
    rate.mean_down_seconds = rate.mean_up_seconds * (1 - *row.availability_fraction) / *row.availability_fraction;
  rate.basis = "lost every " + format_number(*row.mean_hours_between_preemptions) + " h" + source_of(row);
  return rate;
}

interruption_rate from_band(const spot_interruption& row) {
  const bool open = !row.monthly_high_fraction || *row.monthly_high_fraction >= 1;
  const double upper = open ? open_band_fraction : *row.monthly_high_fraction;
  interruption_rate rate;
  rate.mean_up_seconds = mean_up_seconds_of(upper);
  rate.basis = percent(upper) + " % of instances a month, " +
               (open ? "taken for a band above " + percent(row.monthly_low_fraction.value_or(0)) + " %"
                     : std::string("the upper end of the band")) +
               source_of(row);
  return rate;
}

}  // namespace

double mean_up_seconds_of(double monthly_fraction) {
  return hours_per_month * seconds_per_hour / -std::log1p(-monthly_fraction);
}

interruption_rate interruption_of(const profiles::catalogue& known, std::string_view provider, std::string_view type,
                                  std::string_view region, std::optional<double> stated_monthly_fraction) {
  if (stated_monthly_fraction)
    return {mean_up_seconds_of(*stated_monthly_fraction), 0,
            percent(*stated_monthly_fraction) + " % of instances a month, as stated", false};
  const spot_interruption* best = nullptr;
  const auto weight = [&](const spot_interruption& row) {
    return (row.mean_hours_between_preemptions ? 2 : 0) + (row.region == region ? 1 : 0);
  };
  for (const spot_interruption& row : known.spot_interruptions) {
    if (row.provider != provider || row.instance_type != type) continue;
    // Availability probes say how long capacity was offered, not how long a held instance lived.
    const bool preemptions = row.kind == "measured preemption trace" && row.mean_hours_between_preemptions;
    const bool band = row.monthly_low_fraction || row.monthly_high_fraction;
    if (!preemptions && !band) continue;
    if (!best || weight(row) > weight(*best) || (weight(row) == weight(*best) && row.origin.date > best->origin.date))
      best = &row;
  }
  if (best) return best->mean_hours_between_preemptions ? from_trace(*best) : from_band(*best);
  return {mean_up_seconds_of(unknown_fraction), 0,
          percent(unknown_fraction) + " % of instances a month, assumed: no figure is known", true};
}

}  // namespace gpubench::cost
