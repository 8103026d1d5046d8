#include "report/nodes.hpp"

#include "core/json_null.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gpubench::report {
namespace {

using comparison::node_comparison;
using comparison::part_kind;

std::string signed_percent(double fraction) {
  return fmt::format("{:+.1f} %", 100 * fraction);
}

std::string score_text(const std::optional<double>& z) {
  return z ? fmt::format("{:.1f}", *z) : "–";
}

std::string time_text(const std::optional<double>& time_ns) {
  return time_ns ? format_si(*time_ns * 1e-9, "s") : "–";
}

table::value cell(const std::optional<double>& value) {
  return value ? table::value(*value) : table::value();
}

table::value cell(const std::string& text) {
  return text.empty() ? table::value() : table::value(text);
}

std::string differences_text(const std::vector<comparison::difference>& differences) {
  std::vector<std::string> parts;
  for (const auto& one : differences) parts.push_back(fmt::format("{} {}, not {}", one.key, one.fresh, one.base));
  return join(parts, "; ");
}

std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t most = 5;
  if (names.size() <= most) return join(names, ", ");
  return fmt::format("{} and {} more", join({names.begin(), names.begin() + most}, ", "), names.size() - most);
}

/// What is far behind and not named is said too: of few or scattered peers one cannot tell, and that is no good news.
std::string none_is_slow(const node_comparison& found, const std::string& floor) {
  const comparison::node_standing* last = nullptr;
  for (const auto& one : found.standings)
    if (one.excess && (!last || *one.excess > *last->excess)) last = &one;
  const auto figures = count_of(found.compared, "figure");
  if (!last || *last->excess < found.by.threshold)
    return fmt::format("no node, GPU or link is slower than its peers by {} or more, of {}", floor, figures);
  return fmt::format(
      "no node, GPU or link is certain to be slower than its peers by {} or more, of {}; {} lies {} off the "
      "median, which its peers are too few, or too far apart, to tell from chance",
      floor, figures, found.names[last->node], signed_percent(*last->excess));
}

}  // namespace

std::string name_of(const comparison::slow_part& part) {
  const std::string name = part.node + (part.part.empty() ? "" : " " + part.part);
  return part.is == part_kind::link ? "link " + name : name;
}

std::vector<std::string> node_sentences(const node_comparison& found) {
  std::vector<std::string> said;
  for (const auto& part : found.faulty) {
    const auto& first = part.figures.front();
    said.push_back(fmt::format("{}{}{} fails where its peers do not: {} ({}){}", part.node,
                               part.part.empty() ? "" : " ", part.part, first.name, first.reason,
                               part.figures.size() > 1 ? fmt::format(", and {} more", part.figures.size() - 1) : ""));
  }
  for (const auto& part : found.slow) {
    const auto& worst = part.figures.front();
    said.push_back(fmt::format(
        "{} is slower than its {} peers: {} in {}{}", name_of(part), worst.peers, signed_percent(worst.slower),
        worst.benchmark, part.figures.size() > 1 ? fmt::format(", and in {} more", part.figures.size() - 1) : ""));
  }
  const auto floor = fmt::format("{:.3g} %", 100 * found.by.threshold);
  for (const auto& one : found.slow_indices)
    said.push_back(
        fmt::format("{} of nearly every node is slower than the other GPUs: {} in {}{}; nodes are held against each "
                    "other without that",
                    one.part, signed_percent(one.slower), one.benchmark,
                    one.benchmarks > 1 ? fmt::format(", and in {} more", one.benchmarks - 1) : ""));
  if (found.slow.empty() && found.compared > 0) said.push_back(none_is_slow(found, floor));
  if (found.compared == 0) said.emplace_back("nothing could be compared: no part has four peers");
  for (std::size_t i = 1; i < found.groups.size(); ++i) {
    std::vector<std::string> names;
    for (const std::size_t node : found.groups[i].nodes) names.push_back(found.names[node]);
    said.push_back(fmt::format("{} {} no peer of the largest group ({}): {}", some_of(names),
                               names.size() == 1 ? "is" : "are", count_of(found.groups.front().nodes.size(), "node"),
                               differences_text(found.groups[i].differences)));
  }
  if (found.alone > 0 && found.compared > 0)
    said.push_back(fmt::format("{} had fewer than four peers, and no verdict", count_of(found.alone, "figure")));
  return said;
}

grid slow_parts_grid(const node_comparison& found) {
  grid cells{{{"slower than its peers"},
              {"by", true},
              {"benchmark", false, 0},
              {"time", true, 1},
              {"peers' median", true, 1},
              {"spread", true, 2},
              {"mod. z", true, 3},
              {"p", true, 4},
              {"peers", true, 2},
              {"benchmarks", true, 3}},
             {}};
  for (const auto& part : found.slow) {
    const auto& worst = part.figures.front();
    cells.rows.push_back({name_of(part), signed_percent(worst.slower), worst.benchmark, time_text(worst.time_ns),
                          time_text(worst.median_ns), fmt::format("{:.2g} %", 100 * worst.spread),
                          score_text(worst.modified_z), fmt::format("{:.1g}", worst.adjusted_p),
                          std::to_string(worst.peers), std::to_string(part.figures.size())});
  }
  return cells;
}

grid node_standings_grid(const node_comparison& found) {
  grid cells{{{"node"},
              {"typical", true},
              {"slow in", true},
              {"farthest behind", false, 1},
              {"by", true, 1},
              {"failed", true, 2},
              {"group", true, 3}},
             {}};
  for (const auto& one : found.standings)
    cells.rows.push_back({found.names[one.node], one.excess ? signed_percent(*one.excess) : "–",
                          fmt::format("{} of {}", one.slow, one.compared), one.slowest,
                          one.slowest_excess ? signed_percent(*one.slowest_excess) : "–", std::to_string(one.failed),
                          std::to_string(one.group + 1)});
  return cells;
}

table slow_parts_table(const node_comparison& found) {
  table rows({{"kind", "kind"},
              {"node", "node"},
              {"part", "part"},
              {"benchmark", "benchmark"},
              {"slower", "slower"},
              {"time_ns", "time ns"},
              {"median_ns", "peers' median ns"},
              {"spread", "spread"},
              {"modified_z", "mod. z"},
              {"adjusted_p", "adjusted p"},
              {"peers", "peers"}});
  for (const auto& part : found.slow)
    for (const auto& figure : part.figures)
      rows.add_row({std::string(to_string(part.is)), part.node, cell(part.part), figure.benchmark, figure.slower,
                    cell(figure.time_ns), cell(figure.median_ns), figure.spread, cell(figure.modified_z),
                    figure.adjusted_p, static_cast<double>(figure.peers)});
  return rows;
}

table node_standings_table(const node_comparison& found) {
  table rows({{"node", "node"},
              {"group", "group"},
              {"excess", "typical excess"},
              {"compared", "compared"},
              {"slow", "slow in"},
              {"slowest", "farthest behind"},
              {"slowest_excess", "by"},
              {"failed", "failed"}});
  for (const auto& one : found.standings)
    rows.add_row({found.names[one.node], static_cast<double>(one.group + 1), cell(one.excess),
                  static_cast<double>(one.compared), static_cast<double>(one.slow), cell(one.slowest),
                  cell(one.slowest_excess), static_cast<double>(one.failed)});
  return rows;
}

json to_json(const node_comparison& found) {
  json document{{"schema", "gpubench.nodes/1"},
                {"threshold", found.by.threshold},
                {"false_discovery_rate", found.by.false_discovery_rate},
                {"least_modified_z", found.by.least_modified_z},
                {"allowed", found.by.allowed},
                {"figures_compared", found.compared},
                {"figures_without_peers", found.alone}};
  json slow = json::array();
  for (const auto& part : found.slow) {
    json figures = json::array();
    for (const auto& figure : part.figures)
      figures.push_back({{"benchmark", figure.benchmark},
                         {"slower", figure.slower},
                         {"time_ns", or_null(figure.time_ns)},
                         {"median_ns", or_null(figure.median_ns)},
                         {"spread", figure.spread},
                         {"modified_z", or_null(figure.modified_z)},
                         {"adjusted_p", figure.adjusted_p},
                         {"peers", figure.peers}});
    slow.push_back({{"kind", to_string(part.is)},
                    {"node", part.node},
                    {"part", text_or_null(part.part)},
                    {"figures", std::move(figures)}});
  }
  document["slow"] = std::move(slow);
  json faulty = json::array();
  for (const auto& part : found.faulty) {
    json figures = json::array();
    for (const auto& figure : part.figures) figures.push_back({{"benchmark", figure.name}, {"reason", figure.reason}});
    faulty.push_back({{"node", part.node}, {"part", text_or_null(part.part)}, {"figures", std::move(figures)}});
  }
  document["faulty"] = std::move(faulty);
  json indices = json::array();
  for (const auto& one : found.slow_indices)
    indices.push_back(
        {{"part", one.part}, {"benchmark", one.benchmark}, {"slower", one.slower}, {"benchmarks", one.benchmarks}});
  document["slow_indices"] = std::move(indices);
  json groups = json::array();
  for (const auto& group : found.groups) {
    json one{{"nodes", json::array()}, {"differences", json::array()}};
    for (const std::size_t node : group.nodes) one["nodes"].push_back(found.names[node]);
    for (const auto& d : group.differences)
      one["differences"].push_back({{"key", d.key}, {"largest_group", d.base}, {"this_group", d.fresh}});
    groups.push_back(std::move(one));
  }
  document["groups"] = std::move(groups);
  json nodes = json::array();
  for (const auto& one : found.standings)
    nodes.push_back({{"node", found.names[one.node]},
                     {"group", one.group},
                     {"excess", or_null(one.excess)},
                     {"compared", one.compared},
                     {"slow", one.slow},
                     {"slowest", text_or_null(one.slowest)},
                     {"slowest_excess", or_null(one.slowest_excess)},
                     {"failed", one.failed}});
  document["nodes"] = std::move(nodes);
  return document;
}

}  // namespace gpubench::report
