#include "report/table.hpp"

#include "core/csv.hpp"
#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/json.hpp"
#include "core/units.hpp"
#include "report/figures.hpp"
#include "report/grid.hpp"
#include "report/text_width.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gpubench::report {
namespace {

// Full precision, as short as it reads back to the same number.
std::string exact(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : std::string();
}

// Decimals of a value at `digits` significant digits once trailing zeros are gone.
int needed_decimals(double value, int digits) {
  const std::string text = format_number(value, digits);
  const auto point = text.find('.');
  if (point == std::string::npos) return 0;
  return static_cast<int>(text.find_last_not_of('0')) - static_cast<int>(point);
}

// One number of decimals for a whole column where that costs no more than two digits too many, so that points line up;
// otherwise each value for itself (nothing).
std::optional<int> common_decimals(const std::vector<std::vector<table::value>>& rows, std::size_t c, int digits) {
  int decimals = 0;
  double largest = 0;
  for (const auto& row : rows) {
    const auto* number = std::get_if<double>(&row[c]);
    if (!number || !std::isfinite(*number)) continue;
    decimals = std::max(decimals, *number == std::round(*number) ? 0 : needed_decimals(*number, digits));
    largest = std::max(largest, std::abs(*number));
  }
  if (decimals == 0) return 0;
  const int before_point = largest < 1 ? 1 : static_cast<int>(std::floor(std::log10(largest))) + 1;
  if (before_point + decimals > digits + 2) return std::nullopt;
  return decimals;
}

std::string readable(const table::value& cell, int digits, std::optional<int> decimals) {
  if (const auto* text = std::get_if<std::string>(&cell)) return text->empty() ? unknown_mark : *text;
  if (const auto* yes = std::get_if<bool>(&cell)) return *yes ? "yes" : "no";
  const auto* number = std::get_if<double>(&cell);
  if (!number || !std::isfinite(*number)) return unknown_mark;
  if (decimals) return fixed(*number, *decimals);
  return fixed(*number, std::max(0, needed_decimals(*number, digits)));
}

grid to_grid(const std::vector<table::column>& columns, const std::vector<std::vector<table::value>>& rows) {
  grid cells;
  cells.rows.resize(rows.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const bool number =
        std::any_of(rows.begin(), rows.end(), [c](const auto& row) { return std::holds_alternative<double>(row[c]); });
    cells.columns.push_back({columns[c].header, number, columns[c].keep});
    const auto decimals = common_decimals(rows, c, columns[c].digits);
    for (std::size_t r = 0; r < rows.size(); ++r)
      cells.rows[r].push_back(readable(rows[r][c], columns[c].digits, decimals));
  }
  return cells;
}

}  // namespace

namespace {

// A spreadsheet takes a text that starts so for a formula, and may act on it: an apostrophe keeps it a text.
std::string inert(const std::string& text) {
  const bool starts_formula =
      !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  return starts_formula ? "'" + text : text;
}

}  // namespace

void table::add_row(std::vector<value> row) {
  if (row.size() != columns_.size())
    throw error(error_kind::internal,
                fmt::format("a table of {} columns got a row of {} values", columns_.size(), row.size()));
  rows_.push_back(std::move(row));
}

void table::write_text(std::ostream& out, const style& look) const {
  report::write_text(to_grid(columns_, rows_), look, out);
}

void table::write_markdown(std::ostream& out) const {
  report::write_markdown(to_grid(columns_, rows_), out);
}

void table::write_csv(std::ostream& out) const {
  for (std::size_t c = 0; c < columns_.size(); ++c) out << (c ? "," : "") << csv_escape(columns_[c].key);
  out << '\n';
  for (const auto& row : rows_) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (c) out << ',';
      if (const auto* text = std::get_if<std::string>(&row[c]))
        out << csv_escape(inert(printable_lines(*text)));
      else if (const auto* yes = std::get_if<bool>(&row[c]))
        out << (*yes ? "true" : "false");
      else if (const auto* number = std::get_if<double>(&row[c]))
        out << exact(*number);
    }
    out << '\n';
  }
}

void table::write_json(std::ostream& out) const {
  json rows = json::array();
  for (const auto& row : rows_) {
    json object = json::object();
    for (std::size_t c = 0; c < row.size(); ++c) {
      json& field = object[columns_[c].key];
      if (const auto* text = std::get_if<std::string>(&row[c]))
        field = *text;
      else if (const auto* yes = std::get_if<bool>(&row[c]))
        field = *yes;
      else if (const auto* number = std::get_if<double>(&row[c])) {
        // Counts and bytes are whole: 12, not 12.0, which some readers take for something else.
        constexpr double largest_exact = 9007199254740992;  // 2^53
        if (*number == std::trunc(*number) && std::abs(*number) <= largest_exact)
          field = static_cast<std::int64_t>(*number);
        else if (std::isfinite(*number))
          field = *number;
      }
    }
    rows.push_back(std::move(object));
  }
  // Names of files and devices may hold bytes that are not UTF-8: replaced rather than refused.
  out << rows.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
}

}  // namespace gpubench::report
