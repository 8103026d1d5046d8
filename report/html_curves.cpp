#include "core/json_null.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "report/curves.hpp"
#include "report/figures.hpp"
#include "report/html_parts.hpp"
#include "report/html_writer.hpp"
#include "report/measured.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace gpubench::report {
namespace {

constexpr std::size_t most_curves = 8;  // charts of one page

figure_scale scale_of(const collective_curve& curve) {
  double largest = 0;
  for (const auto& series : curve.all)
    for (const auto& point : series.points) largest = std::max(largest, point.busbw_bytes_per_second);
  return scale_for(base_figure::kind::rate, "B/s", largest);
}

std::string curve_table(const collective_curve& curve) {
  const auto scale = scale_of(curve);
  grid cells;
  cells.columns = {{"size", true, 0}};
  std::map<double, std::vector<std::string>> by_size;
  for (std::size_t s = 0; s < curve.all.size(); ++s) {
    cells.columns.push_back({curve.all[s].label, true, 0});
    for (const auto& point : curve.all[s].points) {
      auto& line = by_size[point.bytes];
      line.resize(curve.all.size(), "not measured");
      const auto scaled = [&](const std::optional<double>& end) {
        return end ? std::optional(*end / scale.factor) : std::nullopt;
      };
      line[s] = with_interval(point.busbw_bytes_per_second / scale.factor, scaled(point.low), scaled(point.high));
    }
  }
  html_table_options options;
  options.caption = fmt::format("Bus bandwidth of {}, {}", curve.benchmark, scale.unit);
  for (const auto& [bytes, line] : by_size) {
    std::vector<std::string> row{format_bytes(bytes)};
    row.insert(row.end(), line.begin(), line.end());
    cells.rows.push_back(std::move(row));
    options.sort_keys.push_back({fmt::format("{}", bytes)});
  }
  options.sortable = true;
  return html_details("The curves as a table", html_table(cells, options));
}

std::string describe(const collective_curve& curve) {
  std::vector<std::string> tops;
  for (const auto& series : curve.all) {
    double best = 0;
    for (const auto& point : series.points) best = std::max(best, point.busbw_bytes_per_second);
    tops.push_back(fmt::format("{} up to {}", series.label, format_si(best, "B/s")));
  }
  return fmt::format(
      "Line plot of the bus bandwidth of {} over the size of the message: {}. The table below has every "
      "point.",
      curve.benchmark, join(tops, "; "));
}

}  // namespace

json collective_data(const document& content) {
  json all = json::object();
  for (const auto& curve : collective_curves(content)) {
    const auto scale = scale_of(curve);
    json series = json::array();
    for (const auto& one : curve.all) {
      json points = json::array();
      for (const auto& point : one.points)
        points.push_back({{"bytes", point.bytes},
                          {"busbw", point.busbw_bytes_per_second},
                          {"low", or_null(point.low)},
                          {"high", or_null(point.high)}});
      series.push_back({{"label", one.label}, {"points", points}});
    }
    all[std::to_string(all.size() + 1)] = {{"unit", scale.unit}, {"scale", scale.factor}, {"series", series}};
    if (all.size() == most_curves) break;
  }
  return all;
}

std::string html_collectives(const document& content) {
  const auto curves = collective_curves(content);
  if (curves.empty()) return {};
  std::string html = "<h3 id=\"collectives\">Collectives</h3>\n";
  for (std::size_t i = 0; i < std::min(curves.size(), most_curves); ++i) {
    html +=
        html_chart("collective", std::to_string(i + 1), curves[i].benchmark,
                   "Bus bandwidth over the size of the message. The horizontal axis is logarithmic, the vertical one "
                   "starts at zero.",
                   describe(curves[i]));
    html += curve_table(curves[i]);
  }
  if (curves.size() > most_curves)
    html += fmt::format("<p class=\"muted\">{} more collectives are in the tables alone.</p>\n",
                        curves.size() - most_curves);
  return html;
}

json overlay_data(const document& content) {
  json series = json::array();
  for (const auto& shown : content.runs) {
    const auto& run = *shown.run;
    const auto devices = roofline_devices(run);
    for (const auto& device : devices) {
      json one = roofline_data(run, device);
      json peaks = json::array(), bandwidths = json::array();
      for (const auto& peak : one["peaks"]) peaks.push_back(peak["value"]);
      for (const auto& roof : one["bandwidths"]) bandwidths.push_back(roof["value"]);
      series.push_back({{"label", devices.size() > 1 ? shown.label + ", " + device : shown.label},
                        {"peaks", peaks},
                        {"bandwidths", bandwidths},
                        {"points", one["points"]}});
    }
  }
  return {{"series", series}};
}

std::string html_overlay(const document& content) {
  grid cells;
  cells.columns = {{"run", false, 0},        {"device", false, 0}, {"benchmark", false, 0},
                   {"parameters", false, 0}, {"FLOP/B", true, 0},  {"GFLOP/s", true, 0}};
  std::vector<std::string> labels;
  for (const auto& shown : content.runs) {
    bool any = false;
    for (const auto& m : shown.run->measurements) {
      if (!is_roofline_point(m)) continue;
      any = true;
      cells.rows.push_back({shown.label, m.device, m.benchmark, results::to_string(m.params),
                            format_number(*m.work.flop / *m.work.bytes),
                            format_number(*m.rate.flop_per_second / giga, 4)});
    }
    if (any) labels.push_back(shown.label);
  }
  if (cells.rows.empty()) return {};
  const auto all = cells.rows.size();
  if (all > most_html_rows) cells.rows.resize(most_html_rows);
  std::string html = "<h3 id=\"rooflines\">Rooflines</h3>\n";
  html +=
      html_chart("overlay", "overlay", "",
                 "What each run measured, under the ceilings of its own device in the same colour and dashes: "
                 "arithmetic rate against FLOP for each byte that moves to and from memory. Both axes are logarithmic.",
                 fmt::format("Roofline plot of {} with {} points. The table below has {}.", join(labels, ", "), all,
                             all > most_html_rows ? fmt::format("the first {}", most_html_rows) : "them"));
  html_table_options options;
  options.caption = "Points of the roofline plot";
  options.sortable = true;
  auto table = html_table(cells, options);
  if (all > most_html_rows)
    table += fmt::format("<p class=\"muted\">The first {} of {} points; --to csv has all.</p>\n", most_html_rows, all);
  return html + html_details("The points as a table", table);
}

}  // namespace gpubench::report
