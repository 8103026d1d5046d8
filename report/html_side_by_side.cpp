#include "core/text.hpp"
#include "report/html_parts.hpp"
#include "report/html_writer.hpp"
#include "report/side_by_side.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gpubench::report {
namespace {

// A rate's bar starts at zero and ends at the largest of the row; a time's bar would reward the slowest.
std::string cell_html(const side_row& row, const side_cell& cell, const figure_scale& scale, double largest) {
  const auto text = html_escape(cell_text(cell, scale.factor));
  if (!cell.figure) {
    const auto why = cell.reason.empty() ? std::string() : fmt::format(" title=\"{}\"", html_escape(cell.reason));
    return fmt::format("<td class=\"number gap\"{}>{}</td>", why, text);
  }
  const double part = cell.figure->value / largest;
  const bool bar = cell.figure->more_is_better() && std::isfinite(part) && part >= 0 && row.measured() > 1;
  return fmt::format("<td class=\"number{}\" data-sort=\"{}\"{}>{}{}</td>", cell.best ? " best" : "",
                     cell.figure->value, bar ? fmt::format(" style=\"--part:{:.4f}\"", part) : "",
                     cell.best ? "★&nbsp;" : "", text);
}

std::string side_table(const document& content, const std::vector<const side_row*>& rows, const std::string& caption) {
  const bool devices = std::any_of(rows.begin(), rows.end(), [](const side_row* row) { return !row->device.empty(); });
  const bool remarks = std::any_of(rows.begin(), rows.end(), [](const side_row* row) { return !row->remarks.empty(); });
  std::string html = fmt::format(
      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{0}\">\n<table class=\"sides\" "
      "data-sortable>\n"
      "<caption>{0}</caption>\n<thead><tr><th scope=\"col\">benchmark</th>{1}<th scope=\"col\">parameters</th>",
      html_escape(caption), devices ? "<th scope=\"col\">device</th>" : "");
  for (const auto& shown : content.runs)
    html += fmt::format("<th scope=\"col\" class=\"number\">{}</th>", html_escape(shown.label));
  html += fmt::format("<th scope=\"col\">unit</th>{}</tr></thead>\n<tbody>\n",
                      remarks ? "<th scope=\"col\">remarks</th>" : "");
  for (std::size_t i = 0; i < std::min(rows.size(), most_html_rows); ++i) {
    const auto& row = *rows[i];
    const auto scale = scale_of(row);
    double largest = 0;
    for (const auto& cell : row.cells)
      if (cell.figure) largest = std::max(largest, cell.figure->value);
    html += fmt::format("<tr><th scope=\"row\">{}</th>", html_escape(row.benchmark));
    if (devices) html += fmt::format("<td>{}</td>", html_escape(row.device));
    html += fmt::format("<td class=\"wide\">{}</td>", html_escape(row.parameters));
    for (const auto& cell : row.cells) html += cell_html(row, cell, scale, largest);
    html += fmt::format("<td class=\"unit\">{}</td>", html_escape(scale.unit));
    if (remarks) html += fmt::format("<td class=\"wide\">{}</td>", html_escape(join(row.remarks, "; ")));
    html += "</tr>\n";
  }
  html += "</tbody>\n</table>\n</div>\n";
  if (rows.size() > most_html_rows)
    html += fmt::format("<p class=\"muted\">The first {} of {} rows; --to csv and xlsx have all.</p>\n", most_html_rows,
                        rows.size());
  return html;
}

std::string measurement_tables(const document& content, const std::vector<side_row>& rows) {
  std::vector<const side_row*> common, alone;
  for (const auto& row : rows) (row.measured() > 1 ? common : alone).push_back(&row);
  std::string html = "<h3>Measurements</h3>\n";
  html += fmt::format("<p class=\"muted\">{} Bars start at zero and end at the largest rate of their row.</p>\n",
                      html_escape(best_note));
  if (!common.empty()) html += side_table(content, common, "Measured by at least two of the runs");
  if (!alone.empty())
    html += html_details(fmt::format("{} that fewer than two of the runs measured", count_of(alone.size(), "row")),
                         side_table(content, alone, "Measured by one run, or by none with success"));
  return html;
}

}  // namespace

std::string html_costs(const document& content) {
  const auto rows = side_rows(content);
  const auto costs = cost_rows(content, rows);
  const auto unpriced = unpriced_sentence(content);
  const auto why_none =
      unpriced.empty() ? std::string() : fmt::format("<p class=\"muted\">{}</p>\n", html_escape(unpriced));
  if (costs.empty())
    return unpriced.empty() ? std::string() : "<h3 id=\"costs\">Cost of a unit of work</h3>\n" + why_none;
  html_table_options options;
  options.caption = "Cost of a unit of work at the price of each machine; a star marks the lowest";
  options.css_class = "sides";
  options.sortable = true;
  auto cells = cost_grid(content, costs);
  for (const auto& cost : costs) {  // without the star
    auto& keys = options.sort_keys.emplace_back(cells.columns.size());
    for (std::size_t r = 0; r < cost.usd.size(); ++r)
      if (cost.usd[r]) keys[keys.size() - cost.usd.size() + r] = fmt::format("{}", *cost.usd[r]);
  }
  const auto all = cells.rows.size();
  if (all > most_html_rows) cells.rows.resize(most_html_rows);
  std::string html = fmt::format("<h3 id=\"costs\">Cost of a unit of work</h3>\n<p class=\"muted\">{}</p>\n{}",
                                 html_escape(cost_note), html_table(cells, options));
  if (all > most_html_rows)
    html += fmt::format("<p class=\"muted\">The first {} of {} rows; --to xlsx has all.</p>\n", most_html_rows, all);
  return html + why_none;
}

std::string html_side_by_side(const document& content) {
  const auto rows = side_rows(content);
  std::string html = "<section aria-labelledby=\"side-by-side\">\n<h2 id=\"side-by-side\">Side by side</h2>\n";
  html += fmt::format("<div class=\"answer\"><p class=\"rent\">{}</p></div>\n", html_escape(side_summary(rows)));
  html_table_options options;
  options.caption = "The runs: what was measured, by what, when, and what the machine costs";
  options.css_class = "runs";
  html += html_table(runs_grid(content), options);
  html += html_costs(content) + html_collectives(content) + html_overlay(content) + measurement_tables(content, rows);
  html += "<h3>Each run</h3>\n";
  for (const auto& shown : content.runs) html += html_run_details(shown);
  return html + "</section>\n";
}

}  // namespace gpubench::report
