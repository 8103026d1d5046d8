#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gpubench {

inline constexpr double kib = 1024.0;
inline constexpr double mib = 1024.0 * kib;
inline constexpr double gib = 1024.0 * mib;
inline constexpr double giga = 1e9;
inline constexpr double tera = 1e12;
inline constexpr double seconds_per_hour = 3600.0;

/// "90s", "15m", "24h", "2d", "1h30m". A number without a unit is refused: nobody can tell what was meant.
/// @throws error: usage, naming the text, for anything else, for zero and for negative durations.
std::chrono::duration<double> parse_duration(std::string_view text);

/// "80GB" is 80e9 bytes, "80GiB" is 80 * 2^30; a bare number is bytes.
/// @throws error: usage for anything else, for zero and for negative sizes.
double parse_bytes(std::string_view text);

/// 1.23 G with a decimal prefix and `digits` significant digits; the unit follows: format_si(2.5e9, "B/s") = "2.50 GB/s".
std::string format_si(double value, std::string_view unit, int digits = 3);

/// Capacity with a binary prefix: format_bytes(85899345920) = "80 GiB".
std::string format_bytes(double bytes);

/// Duration with the unit that suits it: "412 ms", "19.8 h".
std::string format_duration(double seconds);

/// `digits` significant digits without exponent, thousands separated by commas: 16,400; 0.53.
std::string format_number(double value, int digits = 3);

/// UTC time as ISO 8601, "2026-11-22T10:04:05Z".
std::string format_utc(std::chrono::system_clock::time_point time);

/// Days since 1970-01-01 of "YYYY-MM-DD", "YYYY-MM" or "YYYY" (missing parts are the first); nothing if malformed.
std::optional<std::int64_t> parse_date(std::string_view text);

/// Seconds since 1970-01-01 of a date with time of day in UTC: "2026-11-22T10:04:05Z"; with a space for the T, without
/// seconds, with a fraction of them, and without the Z likewise. Nothing if malformed.
std::optional<double> parse_utc_seconds(std::string_view text);

/// Days since 1970-01-01 of a point in time, UTC.
std::int64_t days_since_epoch(std::chrono::system_clock::time_point time);

}  // namespace gpubench
