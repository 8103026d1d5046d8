#include "report/figures.hpp"

#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace gpubench::report {
namespace {

constexpr int most_digits = 5;  // a median's interval may be narrower than the clock deserves

int magnitude(double value) {
  return value == 0 ? 0 : static_cast<int>(std::floor(std::log10(std::abs(value))));
}

// Decimals for a value with an interval: those of the interval, between one and most_digits digits of the value.
int decimals_for(double value, double low, double high) {
  return std::clamp(supported_decimals(low, high), -magnitude(value), most_digits - 1 - magnitude(value));
}

bool usable(double value, double low, double high) {
  return std::isfinite(low) && std::isfinite(high) && low < high && low <= value && value <= high;
}

std::string without_trailing_zeros(std::string digits) {
  if (digits.find('.') != std::string::npos) digits.erase(digits.find_last_not_of("0") + 1);
  if (!digits.empty() && digits.back() == '.') digits.pop_back();
  return digits;
}

// Whether arithmetic rather than traffic is what the measurement is about.
bool computes(const results::measurement& m) {
  if (m.peak) return m.peak->kind.find("bandwidth") == std::string::npos;
  return m.work.flop.value_or(0) >= m.work.bytes.value_or(0);
}

std::string three_digits(double value) {
  return format_number(value, 3);
}

}  // namespace

int supported_decimals(double low, double high) {
  const double half = (high - low) / 2;
  if (!(half > 0) || !std::isfinite(half)) return 2;
  const int exponent = magnitude(half);
  const double leading = half / std::pow(10.0, exponent);
  return leading < 3.55 || leading >= 9.5 ? 1 - exponent - (leading >= 9.5 ? 1 : 0) : -exponent;
}

std::string fixed(double value, int decimals) {
  if (!std::isfinite(value)) return unknown_mark;
  const double step = std::pow(10.0, decimals);
  std::string text =
      fmt::format("{:.{}f}", decimals < 0 ? std::round(value * step) / step : value, std::max(decimals, 0));
  const std::size_t first = text.front() == '-' ? 1 : 0;
  for (auto at = std::min(text.find('.'), text.size()); at > first + 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string with_interval(double value, std::optional<double> low, std::optional<double> high) {
  if (!std::isfinite(value)) return unknown_mark;
  if (!low || !high || !usable(value, *low, *high)) return three_digits(value);
  const double below = value - *low, above = *high - value;
  const int decimals = decimals_for(value, *low, *high);
  const bool lopsided = std::max(below, above) > 1.6 * std::min(below, above) && above + below > 0.1 * std::abs(value);
  if (lopsided) return fmt::format("{} ({}–{})", fixed(value, decimals), fixed(*low, decimals), fixed(*high, decimals));
  const double half = (above + below) / 2;
  if (half < 0.5 * std::pow(10.0, -decimals)) return fixed(value, decimals);
  return fmt::format("{} ±{}", fixed(value, decimals), fixed(half, decimals));
}

std::string with_range(double value, double low, double high, std::string_view before, std::string_view after) {
  if (!std::isfinite(value)) return unknown_mark;
  if (!usable(value, low, high)) return fmt::format("{}{}{}", before, three_digits(value), after);
  const int decimals = decimals_for(value, low, high);
  return fmt::format("{0}{1}{2} ({0}{3}–{0}{4})", before, fixed(value, decimals), after, fixed(low, decimals),
                     fixed(high, decimals));
}

std::string percent(double fraction) {
  if (!std::isfinite(fraction)) return unknown_mark;
  if (fraction > 0 && fraction < 0.005) return "<1 %";
  if (fraction < 1 && fraction >= 0.995) return ">99 %";
  return fmt::format("{:.0f} %", fraction * 100);
}

std::string probability(double value) {
  if (value >= 0.995) return ">99 %";
  return value < 0.005 ? "<1 %" : percent(value);
}

std::string amount(double value) {
  if (!std::isfinite(value)) return unknown_mark;
  // Of whole things there are no thousandths: "0.113 frames", not "113 m frames".
  if (std::abs(value) < 1) return format_number(value, 4);
  const std::string text = format_si(value, "", 4);
  const auto space = text.find(' ');
  const std::string digits = without_trailing_zeros(text.substr(0, space));
  return text.size() > space + 1 ? fmt::format("{} {}", digits, text.substr(space + 1)) : digits;
}

std::string set_duration(double seconds) {
  const std::string text = format_duration(seconds);
  const auto space = text.find(' ');
  const std::string digits = without_trailing_zeros(text.substr(0, space));
  return digits + text.substr(space);
}

time_unit time_unit_for(double seconds) {
  if (seconds < 1e-3) return {1e-6, "µs"};
  if (seconds < 1) return {1e-3, "ms"};
  if (seconds < 120) return {1, "s"};
  if (seconds < 2 * seconds_per_hour) return {60, "min"};
  if (seconds < 240 * seconds_per_hour || !std::isfinite(seconds)) return {seconds_per_hour, "h"};
  return {24 * seconds_per_hour, "days"};
}

std::string duration_with_range(const predictor::estimate& duration) {
  const auto unit = time_unit_for(duration.seconds);
  return with_range(duration.seconds / unit.seconds, duration.low / unit.seconds, duration.high / unit.seconds, "",
                    std::string(" ") + unit.name);
}

std::string money(double usd) {
  return std::isfinite(usd) ? fmt::format("${}", three_digits(usd)) : unknown_mark;
}

std::string money_with_range(double usd, double low, double high) {
  return with_range(usd, low, high, "$", "");
}

std::string operation_unit(std::string_view named) {
  const auto place = named.rfind("int");
  const bool is_integer = place != std::string_view::npos && place > 0 &&
                          (named[place - 1] == '_' || named[place - 1] == ' ') && place + 3 < named.size() &&
                          named.find_first_not_of("0123456789", place + 3) == std::string_view::npos;
  return is_integer ? "OP" : "FLOP";
}

std::optional<base_figure> base_figure_of(const results::measurement& m) {
  using kind = base_figure::kind;
  const auto typical = results::typical_time_ns(m);
  const bool timed = typical && std::isfinite(*typical) && *typical > 0;
  // What another tool states may be a rate without a time; of our own, the rates follow from the time.
  if (!timed && !m.reported) return std::nullopt;
  const double median = typical.value_or(0);
  const auto* interval = m.time_ns && m.time_ns->median_interval ? &*m.time_ns->median_interval : nullptr;
  // A rate falls as the time grows, so the ends of the interval change places.
  const auto rate = [&](double value, kind is, const char* metric,
                        const std::string& unit) -> std::optional<base_figure> {
    if (!std::isfinite(value)) return std::nullopt;
    base_figure figure{is, metric, unit, value, {}, {}};
    if (interval) {
      figure.low = value * median / interval->high;
      figure.high = value * median / interval->low;
    }
    return figure;
  };
  const auto time = [&](double per, const char* metric, const std::string& unit) {
    base_figure figure{kind::time, metric, unit, median / per, {}, {}};
    if (interval) {
      figure.low = interval->low / per;
      figure.high = interval->high / per;
    }
    return figure;
  };
  if (timed && m.work.item == "load" && m.work.items && *m.work.items > 0)
    return time(*m.work.items, "ns_per_load", "ns per load");
  if (m.rate.items_per_second)
    return rate(*m.rate.items_per_second, kind::item_rate, "items_per_second",
                (m.work.item.empty() ? "items" : m.work.item) + "/s");
  if (m.rate.busbw_bytes_per_second)
    return rate(*m.rate.busbw_bytes_per_second, kind::rate, "busbw_bytes_per_second", "B/s busbw");
  if (m.rate.flop_per_second && (!m.rate.bytes_per_second || computes(m)))
    return rate(*m.rate.flop_per_second, kind::rate, "flop_per_second", operation_unit(m.benchmark) + "/s");
  if (m.rate.bytes_per_second) return rate(*m.rate.bytes_per_second, kind::rate, "bytes_per_second", "B/s");
  if (timed) return time(1, "time_ns", "ns");
  if (m.reported->values.empty()) return std::nullopt;
  const auto& first = m.reported->values.front();
  return base_figure{kind::other, first.name, first.unit.value_or("of " + first.name), first.value, {}, {}};
}

figure_scale scale_for(base_figure::kind is, const std::string& unit, double value) {
  using kind = base_figure::kind;
  static constexpr std::array<std::pair<double, const char*>, 5> prefixes{
      {{1e15, "P"}, {1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}}};
  if (is == kind::time) {
    if (value < 1e3) return {1, unit};
    const auto named = time_unit_for(value / 1e9);
    return {named.seconds * 1e9, named.name + unit.substr(2)};  // in place of "ns"
  }
  const auto prefix = std::find_if(prefixes.begin(), prefixes.end(), [&](const auto& p) { return value >= p.first; });
  if (is == kind::other || prefix == prefixes.end()) return {1, unit};
  return {prefix->first, prefix->second + (is == kind::item_rate ? " " + unit : unit)};
}

std::optional<measured_figure> figure_of(const results::measurement& m) {
  const auto base = base_figure_of(m);
  if (!base) return std::nullopt;
  const auto scale = scale_for(base->is, base->unit, base->value);
  measured_figure figure{base->value / scale.factor, {}, {}, scale.unit};
  if (base->low) figure.low = *base->low / scale.factor;
  if (base->high) figure.high = *base->high / scale.factor;
  return figure;
}

}  // namespace gpubench::report
