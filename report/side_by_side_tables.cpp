#include "core/text.hpp"
#include "core/units.hpp"
#include "core/version.hpp"
#include "report/json_parts.hpp"
#include "report/measured.hpp"
#include "report/side_by_side.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench::report {
namespace {

const char* const best_mark = "★ ";

bool any_device(const std::vector<side_row>& rows) {
  return std::any_of(rows.begin(), rows.end(), [](const side_row& row) { return !row.device.empty(); });
}

std::vector<grid::column> naming_columns(bool devices) {
  std::vector<grid::column> columns{{"benchmark", false, 0}};
  if (devices) columns.push_back({"device", false, 1});
  columns.push_back({"parameters", false, 0});
  return columns;
}

std::vector<std::string> naming_cells(const side_row& row, bool devices, bool telling) {
  std::vector<std::string> cells{row.benchmark};
  if (devices) cells.push_back(row.device);
  cells.push_back(telling ? row.telling_parameters : row.parameters);
  return cells;
}

std::string_view state_name(side_cell::state state) {
  switch (state) {
    case side_cell::state::absent:
      return "not measured";
    case side_cell::state::skipped:
      return "skipped";
    case side_cell::state::failed:
      return "failed";
    case side_cell::state::wrong:
      return "wrong result";
    case side_cell::state::measured:
      return "ok";
  }
  return "";
}

}  // namespace

std::string cell_text(const side_cell& cell, double factor) {
  if (!cell.figure) return std::string(state_name(cell.is));
  const auto scaled = [&](const std::optional<double>& value) {
    return value ? std::optional(*value / factor) : std::nullopt;
  };
  return with_interval(cell.figure->value / factor, scaled(cell.figure->low), scaled(cell.figure->high));
}

grid side_grid(const document& content, const std::vector<side_row>& rows, bool telling) {
  const bool devices = any_device(rows);
  grid cells;
  cells.columns = naming_columns(devices);
  cells.columns.push_back({"unit", false, 0});
  for (const auto& shown : content.runs) cells.columns.push_back({shown.label, true, 0});
  for (const auto& row : rows) {
    const auto scale = scale_of(row);
    auto line = naming_cells(row, devices, telling);
    line.push_back(scale.unit);
    for (const auto& cell : row.cells) line.push_back((cell.best ? best_mark : "") + cell_text(cell, scale.factor));
    cells.rows.push_back(std::move(line));
  }
  return cells;
}

grid cost_grid(const document& content, const std::vector<cost_row>& rows, bool telling) {
  const bool devices =
      std::any_of(rows.begin(), rows.end(), [](const cost_row& row) { return !row.of->device.empty(); });
  grid cells;
  cells.columns = naming_columns(devices);
  cells.columns.push_back({"unit", false, 0});
  for (const auto& shown : content.runs) cells.columns.push_back({shown.label, true, 0});
  for (const auto& row : rows) {
    auto line = naming_cells(*row.of, devices, telling);
    line.push_back(row.unit);
    for (std::size_t r = 0; r < row.usd.size(); ++r) {
      line.push_back(row.usd[r] ? (row.cheapest.contains(r) ? best_mark : "") + format_number(*row.usd[r])
                                : why_no_cost(content, *row.of, r));
    }
    cells.rows.push_back(std::move(line));
  }
  return cells;
}

std::string tool_of(const results::run& run) {
  return run.provenance ? "imported from " + results::tools_of(*run.provenance) : "gpubench " + run.tool_version;
}

grid runs_grid(const document& content) {
  grid cells;
  cells.columns = {{"run", false, 0},          {"machine", false, 0}, {"measured by", false, 0}, {"started", false, 2},
                   {"measurements", false, 1}, {"$/h", true, 0},      {"price from", false, 3},  {"file", false, 4}};
  for (const auto& shown : content.runs) {
    const auto& run = *shown.run;
    const auto machine = machine_line(run.environment);
    cells.rows.push_back({shown.label, machine.empty() ? unknown_mark : machine, tool_of(run), run.started_at,
                          measured_summary(run),
                          shown.usd_per_hour ? format_number(*shown.usd_per_hour, 4) : unknown_mark,
                          shown.price_source.empty() ? unknown_mark : shown.price_source, shown.file});
  }
  return cells;
}

std::string side_summary(const std::vector<side_row>& rows) {
  std::size_t compared = 0;
  for (const auto& row : rows) {
    if (row.measured() < 2 || row.is == base_figure::kind::other) continue;
    ++compared;
  }
  if (compared == 0)
    return "No benchmark was measured by two of these runs at the same parameters and in the same metric: nothing can "
           "be "
           "compared.";
  // No tally of wins: ten sizes of one collective are not ten merits.
  return fmt::format("Of {} that at least two runs measured, a star marks the best and what cannot be told from it.",
                     count_of(compared, "benchmark"));
}

json json_parts::side_by_side(const document& content) {
  json all = json::array();
  const auto rows = side_rows(content);
  const auto costs = cost_rows(content, rows);
  auto cost = costs.begin();  // they are in the order of the rows
  for (const auto& row : rows) {
    json cells = json::array();
    const bool has_cost = cost != costs.end() && cost->of == &row;
    for (std::size_t r = 0; r < row.cells.size(); ++r) {
      const auto& cell = row.cells[r];
      const auto& figure = cell.figure;
      cells.push_back({{"run", content.runs[r].label},
                       {"status", state_name(cell.is)},
                       {"reason", text_or_null(cell.reason)},
                       {"value", figure ? number(figure->value) : json(nullptr)},
                       {"low", figure ? number(figure->low) : json(nullptr)},
                       {"high", figure ? number(figure->high) : json(nullptr)},
                       {"best", cell.best},
                       {"cost_usd", has_cost ? number(cost->usd[r]) : json(nullptr)}});
    }
    all.push_back({{"benchmark", row.benchmark},
                   {"parameters", row.parameters},
                   {"device", text_or_null(row.device)},
                   {"metric", text_or_null(row.metric)},
                   {"unit", text_or_null(row.unit)},
                   {"cost_unit", has_cost ? json(cost->unit) : json(nullptr)},
                   {"cells", cells}});
    if (has_cost) ++cost;
  }
  return all;
}

}  // namespace gpubench::report
