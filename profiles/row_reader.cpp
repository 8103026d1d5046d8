#include "profiles/detail/row_reader.hpp"

#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <cmath>

namespace gpubench::profiles::detail {

void row_reader::refuse(std::string_view column, const std::string& what, const std::string& hint) {
  sink_->add(error(error_kind::input, position(column), what, hint));
}

const std::string& row_reader::text(std::string_view column) const {
  static const std::string absent;
  return row_->has(column) ? row_->text(column) : absent;
}

file_position row_reader::position(std::string_view column) const {
  return row_->has(column) ? row_->position(column) : row_->position();
}

std::string row_reader::required(std::string_view column) {
  const auto& value = text(column);
  if (value.empty()) refuse(column, fmt::format("{} is empty", column), "every row needs it");
  return value;
}

std::optional<std::string> row_reader::one_of(std::string_view column, const std::vector<std::string>& allowed) {
  const auto& value = text(column);
  if (value.empty()) return std::nullopt;
  for (const auto& candidate : allowed)
    if (value == candidate) return value;
  const auto near = suggestion(value, allowed);
  refuse(column, fmt::format("{} '{}' is not known", column, value),
         near.empty() ? fmt::format("one of {}", join(allowed, ", ")) : near);
  return std::nullopt;
}

std::optional<bool> row_reader::yes_or_no(std::string_view column) {
  const auto value = one_of(column, {"yes", "no"});
  if (!value) return std::nullopt;
  return *value == "yes";
}

std::optional<double> row_reader::number(std::string_view column, sane_range range) {
  const auto& value = text(column);
  if (value.empty()) return std::nullopt;
  const auto parsed = parse_number(value);
  if (!parsed) {
    refuse(column, fmt::format("{} '{}' is not a number", column, value),
           "write digits with a decimal point; leave the cell empty when the figure is not known");
    return std::nullopt;
  }
  if (*parsed < range.low || *parsed > range.high) {
    refuse(column, fmt::format("{} {} is outside of {:g} to {:g} {}", column, value, range.low, range.high, range.unit),
           *parsed == 0 ? "unknown is an empty cell, never 0" : "check the unit that the column names");
    return std::nullopt;
  }
  return parsed;
}

std::optional<double> row_reader::required_number(std::string_view column, sane_range range) {
  if (required(column).empty()) return std::nullopt;
  return number(column, range);
}

std::optional<int> row_reader::integer(std::string_view column, sane_range range) {
  const auto value = number(column, range);
  if (!value) return std::nullopt;
  if (*value != std::floor(*value)) {
    refuse(column, fmt::format("{} '{}' is not a whole number", column, text(column)));
    return std::nullopt;
  }
  return static_cast<int>(*value);
}

std::optional<double> row_reader::scaled(std::string_view column, double unit, sane_range range) {
  const auto value = number(column, range);
  if (!value) return std::nullopt;
  return *value * unit;
}

provenance row_reader::origin() {
  provenance from{required("source"), required("date"), row_->has("note") ? row_->text("note") : "", position()};
  if (!from.date.empty() && !parse_date(from.date))
    refuse("date", fmt::format("date '{}' is not a date", from.date), "write YYYY-MM-DD, YYYY-MM or YYYY");
  return from;
}

}  // namespace gpubench::profiles::detail
