#include "report/quantity.hpp"

#include "report/sentences.hpp"

#include <algorithm>
#include <array>

namespace gpubench::report {
namespace {

struct ending {
  std::string_view key, unit, number_format;
};

// The longest first: the first that fits is taken. Rates of all sizes stand in one column: engineering notation.
constexpr std::array<ending, 12> endings{{{"usd_per_million_units", "USD per million units", "#,##0.0000"},
                                          {"bytes_per_second", "B/s", "##0.000E+0"},
                                          {"items_per_second", "items/s", "##0.000E+0"},
                                          {"flop_per_second", "FLOP/s", "##0.000E+0"},
                                          {"usd_per_month", "USD/month", "#,##0.00"},
                                          {"usd_per_hour", "USD/h", "#,##0.0000"},
                                          {"seconds", "s", "#,##0.000"},
                                          {"joules", "J", "#,##0.000"},
                                          {"watts", "W", "#,##0.0"},
                                          {"hours", "h", "#,##0.0"},
                                          {"usd", "USD", "#,##0.00"},
                                          {"ns", "ns", "#,##0.0"}}};

// Fractions from 0 to 1.
constexpr std::array<std::string_view, 8> fractions{
    "probability_in_deadline", "violation_risk", "fraction_of_peak", "late_fraction", "headroom",
    "probability_kept",        "utilisation",    "availability"};

}  // namespace

quantity quantity_of(std::string_view key) {
  if (std::find(fractions.begin(), fractions.end(), key) != fractions.end()) return {spaced(key), "0.00%"};
  for (const auto& end : endings) {
    if (key == end.key) return {std::string(end.unit), std::string(end.number_format)};
    const bool fits = key.size() > end.key.size() + 1 && key.substr(key.size() - end.key.size()) == end.key &&
                      key[key.size() - end.key.size() - 1] == '_';
    if (fits)
      return {spaced(key.substr(0, key.size() - end.key.size() - 1)) + ", " + std::string(end.unit),
              std::string(end.number_format)};
  }
  return {spaced(key), ""};
}

}  // namespace gpubench::report
