#include "core/units.hpp"
#include "report/figures.hpp"
#include "report/html_parts.hpp"
#include "report/html_writer.hpp"
#include "report/measured.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gpubench::report {
namespace {

using results::measurement;

std::string roofline_table(const results::run& run, const std::string& device) {
  grid cells;
  cells.columns = {{"benchmark", false, 0}, {"parameters", false, 0}, {"FLOP/B", true, 0}, {"GFLOP/s", true, 0}};
  for (const auto& m : run.measurements)
    if (m.device == device && is_roofline_point(m))
      cells.rows.push_back({m.benchmark, results::to_string(m.params), format_number(*m.work.flop / *m.work.bytes),
                            format_number(*m.rate.flop_per_second / giga, 4)});
  html_table_options options;
  options.caption = "Points of the roofline plot of " + device;
  options.sortable = true;
  return html_details("The points as a table", html_table(cells, options));
}

std::string latency_table(const results::run& run) {
  grid cells;
  cells.columns = {{"working set", true, 0}, {"ns per load", true, 0}};
  std::vector<std::pair<double, const measurement*>> points;
  for (const auto& m : run.measurements)
    if (m.status == results::measurement_status::ok && is_latency(m) && m.time_ns && working_set_bytes(m) &&
        figure_of(m))
      points.emplace_back(*working_set_bytes(m), &m);
  std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [size, m] : points) {
    const double loads = *m->work.items;
    const auto& t = *m->time_ns;
    const auto low = t.median_interval ? std::optional(t.median_interval->low / loads) : std::nullopt;
    const auto high = t.median_interval ? std::optional(t.median_interval->high / loads) : std::nullopt;
    cells.rows.push_back({format_bytes(size), with_interval(t.median / loads, low, high)});
  }
  html_table_options options;
  options.caption = "Memory latency by working set";
  return html_details("The curve as a table", html_table(cells, options));
}

std::string measured_table(const results::run& run) {
  html_table_options options;
  options.caption = run.provenance ? "Imported" : "Measured here";
  options.css_class = "measured";
  options.sortable = true;
  return html_table(measured_grid(run, false), options);
}

std::string method_table(const results::run& run) {
  const auto cells = method_grid(run);
  if (cells.rows.empty()) return {};
  html_table_options options;
  options.caption = "State of the device while it was timed, and how each figure came about";
  return html_details("How each figure came about", html_table(cells, options));
}

std::string verification_table(const results::run& run) {
  grid cells;
  cells.columns = {{"benchmark", false, 0},
                   {"parameters", false, 0},
                   {"compared", false, 0},
                   {"error", true, 0},
                   {"tolerance", true, 0}};
  for (const auto& m : run.measurements)
    if (m.verification)
      cells.rows.push_back({m.benchmark, results::to_string(m.params), m.verification->compared,
                            fmt::format("{:.1e}", m.verification->error),
                            fmt::format("{:.1e}", m.verification->tolerance)});
  if (cells.rows.empty()) return {};
  html_table_options options;
  options.caption = "How each result was checked: it is right when the error is within the tolerance";
  return html_details("How the results were checked", html_table(cells, options));
}

std::string unmeasured_table(const results::run& run) {
  const auto cells = unmeasured_grid(run);
  if (cells.rows.empty()) return {};
  html_table_options options;
  options.caption = "Skipped or failed, and why";
  return html_table(cells, options);
}

std::string further_list(const results::run& run) {
  const auto further = further_figures(run);
  if (further.empty()) return {};
  std::string html = "<ul>\n";
  for (const auto& figure : further) html += fmt::format("<li>{}</li>\n", html_escape(figure));
  return html + "</ul>\n";
}

}  // namespace

std::string html_run_details(const shown_run& shown) {
  const auto& run = *shown.run;
  return html_details(fmt::format("{}: every measurement, how it came about, and the environment", shown.label),
                      measured_table(run) + further_list(run) + unmeasured_table(run) + method_table(run) +
                          verification_table(run) + html_facts(machine_facts(run.environment)));
}

std::string html_measurements(const document& content) {
  const auto& run = *content.run();
  std::string html = "<section aria-labelledby=\"machine\">\n<h2 id=\"machine\">";
  html += run.provenance ? "The machine that measured</h2>\n" : "This machine</h2>\n";
  if (run.provenance) html += fmt::format("<p class=\"meta\">Figures {}</p>\n", html_escape(origin_of(run)));
  html += fmt::format("<p class=\"meta\">{}; suite {}, started {}: {}{}</p>\n",
                      html_escape(machine_line(run.environment)), html_escape(run.suite), html_escape(run.started_at),
                      html_escape(measured_summary(run)), run.finished_at ? "" : "; the run was cut short");
  std::size_t plots = 0;
  for (const auto& device : roofline_devices(run)) {
    html += fmt::format("<h3>Roofline of {}</h3>\n", html_escape(device_title(run, device)));
    html += html_chart(
        "roofline", std::to_string(++plots), "",
        "What was measured, under the ceilings of this device: arithmetic rate against FLOP for each byte that moves "
        "to and "
        "from memory. Left of a ridge memory bandwidth binds, right of it arithmetic. Both axes are logarithmic.",
        describe_roofline(run, device));
    html += roofline_table(run, device);
  }
  if (has_latency(run)) {
    html += "<h3>Memory latency</h3>\n";
    html += html_chart("latency", "latency", "",
                       "Time of one dependent load against the size of the data. Both axes are logarithmic.",
                       describe_latency(run));
    html += latency_table(run);
  }
  html += html_collectives(content) + html_costs(content);
  html += "<h3>Measurements</h3>\n" + measured_table(run) + further_list(run) + unmeasured_table(run) +
          method_table(run) + verification_table(run);
  html += "<h3>Environment</h3>\n" + html_facts(machine_facts(run.environment));
  return html + "</section>\n";
}

}  // namespace gpubench::report
