#include "core/units.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <utility>

namespace gpubench {
namespace {

// Splits "1.5GiB" into 1.5 and "GiB"; advances `text` past the pair.
std::optional<std::pair<double, std::string>> take_quantity(std::string_view& text) {
  text = trim(text);
  const auto number_end = text.find_first_not_of("0123456789.+-");
  const auto value = parse_number(text.substr(0, number_end));
  if (!value) return std::nullopt;
  text.remove_prefix(number_end == std::string_view::npos ? text.size() : number_end);
  text = trim(text);
  const auto unit_end = text.find_first_of("0123456789.+-");
  const std::string unit(trim(text.substr(0, unit_end)));
  text.remove_prefix(unit_end == std::string_view::npos ? text.size() : unit_end);
  return std::pair{*value, unit};
}

[[noreturn]] void refuse(std::string_view what, std::string_view text, std::string_view hint) {
  throw error(error_kind::usage, fmt::format("'{}' is not a {}", text, what), std::string(hint));
}

int decimals_for(double value, int digits) {
  if (value == 0.0 || !std::isfinite(value)) return 0;
  const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(value))));
  return std::max(0, digits - 1 - magnitude);
}

// Rounds before choosing the decimals, so that 9.996 with three digits reads 10.0 and not 10.00.
std::string plain(double value, int digits) {
  if (!std::isfinite(value)) return fmt::format("{}", value);
  const double step = value == 0.0 ? 0.0 : std::pow(10.0, std::floor(std::log10(std::abs(value))) - digits + 1);
  if (step == 0.0) return "0";  // also for values so small that their last digit underflows
  const double rounded = std::round(value / step) * step;
  return fmt::format("{:.{}f}", rounded, decimals_for(rounded, digits));
}

}  // namespace

std::chrono::duration<double> parse_duration(std::string_view text) {
  constexpr std::string_view hint = "write a duration as 500ms, 90s, 15m, 24h, 2d or 1h30m";
  std::string_view rest = text;
  double total = 0.0;
  do {
    const auto quantity = take_quantity(rest);
    if (!quantity || quantity->first < 0) refuse("duration", text, hint);
    const auto& [value, unit] = *quantity;
    if (unit == "s")
      total += value;
    else if (unit == "ms")
      total += value / 1e3;
    else if (unit == "us" || unit == "µs")
      total += value / 1e6;
    else if (unit == "m" || unit == "min")
      total += value * 60;
    else if (unit == "h")
      total += value * seconds_per_hour;
    else if (unit == "d")
      total += value * 24 * seconds_per_hour;
    else
      refuse("duration", text, hint);
  } while (!rest.empty());
  if (total <= 0 || total > 100.0 * 366 * 24 * seconds_per_hour)
    throw error(error_kind::usage, fmt::format("duration '{}' is not above zero and below 100 years", text),
                std::string(hint));
  return std::chrono::duration<double>(total);
}

double parse_bytes(std::string_view text) {
  constexpr std::string_view hint = "write a size as 512MiB (binary) or 80GB (decimal)";
  static const std::array<std::pair<std::string_view, double>, 14> units{{{"", 1.0},
                                                                          {"b", 1.0},
                                                                          {"k", 1e3},
                                                                          {"kb", 1e3},
                                                                          {"mb", 1e6},
                                                                          {"gb", 1e9},
                                                                          {"tb", 1e12},
                                                                          {"kib", kib},
                                                                          {"mib", mib},
                                                                          {"gib", gib},
                                                                          {"tib", 1024 * gib},
                                                                          {"m", 1e6},
                                                                          {"g", 1e9},
                                                                          {"t", 1e12}}};
  std::string_view rest = text;
  const auto quantity = take_quantity(rest);
  if (!quantity || !rest.empty()) refuse("size", text, hint);
  const std::string unit = to_lower(quantity->second);
  for (const auto& [name, factor] : units) {
    if (name != unit) continue;
    const double bytes = quantity->first * factor;
    if (bytes <= 0 || bytes > 1e18)
      throw error(error_kind::usage, fmt::format("size '{}' is not above zero and below 1 EB", text),
                  std::string(hint));
    return bytes;
  }
  refuse("size", text, hint);
}

std::string format_si(double value, std::string_view unit, int digits) {
  static constexpr std::array<std::pair<double, std::string_view>, 10> prefixes{{{1e18, "E"},
                                                                                 {1e15, "P"},
                                                                                 {1e12, "T"},
                                                                                 {1e9, "G"},
                                                                                 {1e6, "M"},
                                                                                 {1e3, "k"},
                                                                                 {1.0, ""},
                                                                                 {1e-3, "m"},
                                                                                 {1e-6, "µ"},
                                                                                 {1e-9, "n"}}};
  if (value == 0.0) return fmt::format("0 {}", unit);
  if (!std::isfinite(value)) return fmt::format("{} {}", value, unit);
  for (const auto& [factor, prefix] : prefixes) {
    // The half-unit slack makes 999.9996 round up into the next prefix rather than read "1000".
    if (std::abs(value) >= factor * (1 - 0.5 * std::pow(10.0, -digits)))
      return fmt::format("{} {}{}", plain(value / factor, digits), prefix, unit);
  }
  return fmt::format("{:.{}g} {}", value, digits, unit);
}

std::string format_bytes(double bytes) {
  static constexpr std::array<std::pair<double, std::string_view>, 4> prefixes{
      {{1024 * gib, "TiB"}, {gib, "GiB"}, {mib, "MiB"}, {kib, "KiB"}}};
  for (const auto& [factor, unit] : prefixes)
    if (std::abs(bytes) >= factor) {
      const double amount = bytes / factor;
      // From 1,000 on three digits would be written with an exponent: 1023 GiB is a fair capacity.
      return std::abs(amount) < 999.5 ? fmt::format("{:.3g} {}", amount, unit) : fmt::format("{:.0f} {}", amount, unit);
    }
  return fmt::format("{:.0f} B", bytes);
}

std::string format_duration(double seconds) {
  const double magnitude = std::abs(seconds);
  if (magnitude < 1.0) return format_si(seconds, "s");
  if (magnitude < 120.0) return plain(seconds, 3) + " s";
  if (magnitude < 2 * seconds_per_hour) return plain(seconds / 60, 3) + " min";
  if (magnitude < 96 * seconds_per_hour) return plain(seconds / seconds_per_hour, 3) + " h";
  return format_number(seconds / (24 * seconds_per_hour)) + " days";
}

std::string format_number(double value, int digits) {
  std::string text = plain(value, digits);
  const std::size_t first_digit = text.front() == '-' ? 1 : 0;
  const auto point = std::min(text.find('.'), text.size());
  for (auto position = point; position > first_digit + 3; position -= 3) text.insert(position - 3, ",");
  return text;
}

std::string format_utc(std::chrono::system_clock::time_point time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::optional<std::int64_t> parse_date(std::string_view text) {
  const auto parts = split(text, '-');
  if (parts.empty() || parts.size() > 3 || parts[0].size() != 4) return std::nullopt;
  std::array<long long, 3> fields{0, 1, 1};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto value = parse_integer(parts[i]);
    if (!value || (i > 0 && parts[i].size() != 2)) return std::nullopt;
    fields[i] = *value;
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(fields[0])),
                                         std::chrono::month(static_cast<unsigned>(fields[1])),
                                         std::chrono::day(static_cast<unsigned>(fields[2]))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

std::optional<double> parse_utc_seconds(std::string_view text) {
  if (text.size() < 16 || (text[10] != 'T' && text[10] != ' ') || text[13] != ':') return std::nullopt;
  const auto day = parse_date(text.substr(0, 10));
  std::string_view rest = text.substr(16);
  if (!rest.empty() && rest.back() == 'Z') rest.remove_suffix(1);
  if (!rest.empty() && rest.front() != ':') return std::nullopt;
  const auto hour = parse_integer(text.substr(11, 2));
  const auto minute = parse_integer(text.substr(14, 2));
  const auto second = rest.empty() ? std::optional<double>(0) : parse_number(rest.substr(1));
  if (!day || !hour || !minute || !second) return std::nullopt;
  if (*hour < 0 || *hour > 23 || *minute < 0 || *minute > 59 || *second < 0 || *second >= 61) return std::nullopt;
  return static_cast<double>(*day) * 86400 + static_cast<double>(*hour) * 3600 + static_cast<double>(*minute) * 60 +
         *second;
}

std::int64_t days_since_epoch(std::chrono::system_clock::time_point time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

}  // namespace gpubench
