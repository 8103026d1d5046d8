#include "report/curves.hpp"

#include "report/figures.hpp"
#include "report/measured.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace gpubench::report {
namespace {

using results::measurement;

struct found_point {
  std::size_t run = 0;
  std::map<std::string, std::string> others;  // parameters but the size, and the device
  collective_curve::point at;
};

// The size is the parameter that working_set_bytes() takes; all others may tell series apart.
std::map<std::string, std::string> other_parameters(const measurement& m) {
  std::map<std::string, std::string> others;
  for (const auto& parameter : m.params) {
    measurement alone;
    alone.params = {parameter};
    if (!working_set_bytes(alone)) others[parameter.first] = results::to_string(alone.params);
  }
  if (m.phase != results::measurement_phase::normal) others["phase"] = fmt::format("phase={}", to_string(m.phase));
  return others;
}

std::optional<collective_curve::point> point_of(const measurement& m) {
  const auto bytes = working_set_bytes(m);
  const auto figure = base_figure_of(m);
  if (m.status != results::measurement_status::ok || !bytes || !figure || figure->metric != "busbw_bytes_per_second")
    return std::nullopt;
  return collective_curve::point{*bytes, figure->value, figure->low, figure->high};
}

collective_curve curve_of(const document& content, const std::string& benchmark,
                          const std::vector<found_point>& found) {
  std::map<std::string, std::set<std::string>> values;
  for (const auto& one : found)
    for (const auto& [name, text] : one.others) values[name].insert(text);
  collective_curve curve{benchmark, {}};
  for (const auto& one : found) {
    std::string label = content.runs[one.run].label.empty() ? benchmark : content.runs[one.run].label;
    for (const auto& [name, text] : one.others)
      if (values[name].size() > 1) label += ", " + text;
    auto same = std::find_if(curve.all.begin(), curve.all.end(), [&](const auto& s) { return s.label == label; });
    if (same == curve.all.end()) same = curve.all.insert(curve.all.end(), {label, {}});
    same->points.push_back(one.at);
  }
  for (auto& series : curve.all)
    std::stable_sort(series.points.begin(), series.points.end(),
                     [](const auto& a, const auto& b) { return a.bytes < b.bytes; });
  return curve;
}

}  // namespace

std::vector<collective_curve> collective_curves(const document& content) {
  std::vector<std::string> order;
  std::map<std::string, std::vector<found_point>> found;
  for (std::size_t r = 0; r < content.runs.size(); ++r)
    for (const auto& m : content.runs[r].run->measurements)
      if (const auto at = point_of(m)) {
        if (found[m.benchmark].empty()) order.push_back(m.benchmark);
        found[m.benchmark].push_back({r, other_parameters(m), *at});
      }
  std::vector<collective_curve> curves;
  for (const auto& benchmark : order) {
    auto curve = curve_of(content, benchmark, found[benchmark]);
    if (std::any_of(curve.all.begin(), curve.all.end(), [](const auto& series) { return series.points.size() > 1; }))
      curves.push_back(std::move(curve));
  }
  return curves;
}

}  // namespace gpubench::report
