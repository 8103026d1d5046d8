#pragma once

namespace gpubench::cost {

/// Hours of a mean year and month: 365 days, as the providers' own monthly figures count (730 h a month).
inline constexpr double hours_per_year = 8760;
inline constexpr double hours_per_month = 730;
inline constexpr double months_per_year = 12;
inline constexpr double seconds_per_day = 86'400;

}  // namespace gpubench::cost
