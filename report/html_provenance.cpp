#include "core/units.hpp"
#include "report/figures.hpp"
#include "report/html_parts.hpp"
#include "report/html_writer.hpp"
#include "report/measured.hpp"
#include "report/sentences.hpp"
#include "report/serving.hpp"
#include "report/side_by_side.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

namespace gpubench::report {
namespace {

constexpr std::size_t most_price_rows = 40;

const char* meaning_of(predictor::basis b) {
  switch (b) {
    case predictor::basis::measured:
      return "measured on this device, at this shape";
    case predictor::basis::interpolated:
      return "between measured shapes of this device";
    case predictor::basis::scaled:
      return "measured on another device of the same kind, scaled by the ratio of their rooflines";
    case predictor::basis::calibrated:
      return "model with coefficients fitted on measurements of this device or its class";
    case predictor::basis::architecture:
      return "model with coefficients fitted on another device of the same architecture";
    case predictor::basis::data_sheet:
      return "model with coefficients of other kinds of device; the data sheet carries the difference";
  }
  return "";
}

std::string basis_table(const document& content) {
  std::map<predictor::basis, std::size_t> counts;
  for (const auto& answer : content.recommendations)
    for (const auto& c : answer.ranked) ++counts[c.job.basis];
  if (counts.empty()) return {};
  grid cells;
  cells.columns = {{"basis", false, 0}, {"offers", true, 0}, {"where the time comes from", false, 0}};
  for (const auto& [basis, count] : counts)
    cells.rows.push_back({basis_name(basis), fixed(static_cast<double>(count), 0), meaning_of(basis)});
  html_table_options options;
  options.caption = "Where the estimated times come from, best basis first";
  return html_table(cells, options);
}

std::string price_table(const document& content) {
  grid cells;
  cells.columns = {{"offer", false, 0}, {"region", false, 0}, {"price per hour", true, 0},
                   {"date", false, 0},  {"source", false, 0}, {"instance from", false, 0}};
  std::set<const profiles::price*> seen;
  std::size_t left_out = 0;
  const auto add = [&](const planner::candidate& c) {
    if (!c.price || !c.instance || !seen.insert(c.price).second) return;
    if (cells.rows.size() >= most_price_rows) {
      ++left_out;
      return;
    }
    const auto& p = *c.price;
    cells.rows.push_back({c.instance->name() + " " + price_model_name(p), p.region,
                          format_number(p.amount_per_hour, 4) + " " + p.currency,
                          p.origin.date + (c.price_is_old ? " (old)" : ""), p.origin.source,
                          fmt::format("{} ({})", c.instance->origin.source, c.instance->origin.date)});
  };
  for (const auto& answer : content.recommendations)
    for (const auto& c : answer.ranked) add(c);
  for (const auto& answer : content.services)
    for (const auto& c : answer->ranked) add(as_candidate(c));
  if (cells.rows.empty()) return {};
  html_table_options options;
  options.caption = "Prices as listed, with their sources";
  std::string html = html_table(cells, options);
  if (left_out > 0)
    html +=
        fmt::format("<p class=\"muted\">{} more prices: --format json has them with their sources.</p>\n", left_out);
  return html;
}

std::string peak_table(const shown_run& shown, bool several) {
  const auto& run = *shown.run;
  grid cells;
  cells.columns = {{"ceiling", false, 0}, {"value", true, 0}, {"source", false, 0}};
  for (const auto& peak : peaks_of(run))
    cells.rows.push_back(
        {device_prefix(run, peak.device) + peak.kind, format_si(peak.value, peak.unit()), peak.source});
  for (const auto& device : devices_of(run))
    if (const auto* best = best_stream(run, device))
      cells.rows.push_back({device_prefix(run, device) + "memory bandwidth, measured",
                            format_si(*best->rate.bytes_per_second, "B/s"),
                            fmt::format("best of this run: {} {}", best->benchmark, results::to_string(best->params))});
  if (cells.rows.empty()) return {};
  html_table_options options;
  options.caption =
      "Ceilings that measurements " + (several ? "of " + shown.label + " " : std::string()) + "are held against";
  return html_table(cells, options);
}

}  // namespace

std::string html_provenance(const document& content) {
  std::string html =
      "<section aria-labelledby=\"provenance\">\n<h2 id=\"provenance\">Where the figures come from</h2>\n";
  std::vector<std::pair<std::string, std::string>> facts;
  const auto add_origin = [&facts](const profiles::workload& work) {
    const auto& origin = work.origin;
    if (!origin.source.empty())
      facts.emplace_back(work.name,
                         origin.date.empty() ? origin.source : fmt::format("{} ({})", origin.source, origin.date));
  };
  for (const auto& answer : content.recommendations) add_origin(answer.workload);
  for (const auto& answer : content.services) add_origin(answer->workload);
  for (const auto& shown : content.runs) {
    const auto& run = *shown.run;
    facts.emplace_back(
        content.runs.size() > 1 ? shown.label : "Measurements",
        fmt::format("{}, {}{}{}",
                    run.provenance            ? origin_of(run)
                    : content.runs.size() > 1 ? "measured by " + tool_of(run)
                                              : std::string("this machine"),
                    run.started_at, shown.file.empty() ? "" : ", " + shown.file,
                    content.runs.size() > 1 && !shown.sha256.empty() ? ", SHA-256 " + shown.sha256 : ""));
    if (shown.usd_per_hour)
      facts.emplace_back("Price of " + shown.label,
                         fmt::format("${} an hour, {}", format_number(*shown.usd_per_hour, 4), shown.price_source));
  }
  if (!facts.empty()) html += html_facts(facts);
  html += basis_table(content);
  for (const auto& shown : content.runs) html += peak_table(shown, content.runs.size() > 1);
  const std::string prices = price_table(content);
  if (!prices.empty()) html += html_details("Prices and instance types", prices);
  return html + "</section>\n";
}

}  // namespace gpubench::report
