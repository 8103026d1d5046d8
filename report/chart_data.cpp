#include "core/text.hpp"
#include "core/units.hpp"
#include "report/figures.hpp"
#include "report/html_parts.hpp"
#include "report/measured.hpp"
#include "report/ranking.hpp"
#include "report/sentences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace gpubench::report {
namespace {

using results::measurement;
using results::measurement_status;

constexpr std::size_t most_points = 400;

bool positive(double value) {
  return std::isfinite(value) && value > 0;
}

json tradeoff_data(const planner::recommendation& answer) {
  json points = json::array();
  const auto unit = time_unit_for(answer.ranked.empty() ? 3600 : answer.ranked.front().job.seconds);
  std::size_t cheapest = 0;
  for (const std::size_t i : cheapest_regions(answer, 0)) {
    const auto& c = answer.ranked[i];
    // Logarithmic axes have no place for zero; the front is never left out.
    if (!positive(c.job.seconds) || !positive(c.expected_cost_usd) || (++cheapest > most_points && !c.on_pareto_front))
      continue;
    const auto or_value = [](double end, double value) { return positive(end) ? end : value; };
    points.push_back(
        {{"name", system_name(c)},
         {"short", (c.nodes > 1 ? fmt::format("{} × ", c.nodes) : "") + (c.instance ? c.instance->type : "")},
         {"region", region_of(c)},
         {"gpus", c.devices > 0 ? gpus_of(c) : "CPU only"},
         {"rank", i + 1},
         {"front", c.on_pareto_front},
         {"cpu", c.devices == 0},
         {"time", c.job.seconds / unit.seconds},
         {"time_low", or_value(c.job.low, c.job.seconds) / unit.seconds},
         {"time_high", or_value(c.job.high, c.job.seconds) / unit.seconds},
         {"cost", c.expected_cost_usd},
         {"cost_low", or_value(c.cost_low_usd, c.expected_cost_usd)},
         {"cost_high", or_value(c.cost_high_usd, c.expected_cost_usd)},
         {"words", fmt::format("{}, {}", duration_with_range(c.job),
                               money_with_range(c.expected_cost_usd, c.cost_low_usd, c.cost_high_usd))}});
  }
  json deadline = nullptr;
  if (answer.limits.deadline_seconds) deadline = *answer.limits.deadline_seconds / unit.seconds;
  json budget = nullptr;
  if (answer.limits.budget_usd) budget = *answer.limits.budget_usd;
  return {{"time_unit", unit.name}, {"deadline", deadline}, {"budget", budget}, {"points", points}};
}

json latency_data(const results::run& run) {
  json points = json::array(), caches = json::array();
  std::vector<std::pair<double, const measurement*>> found;
  for (const auto& m : run.measurements)
    if (m.status == measurement_status::ok && is_latency(m) && m.time_ns && working_set_bytes(m) && figure_of(m))
      found.emplace_back(*working_set_bytes(m), &m);
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [size, m] : found) {
    const double loads = *m->work.items;
    const auto& t = *m->time_ns;
    points.push_back({{"bytes", size},
                      {"size", format_bytes(size)},
                      {"ns", t.median / loads},
                      {"ns_low", (t.median_interval ? t.median_interval->low : t.median) / loads},
                      {"ns_high", (t.median_interval ? t.median_interval->high : t.median) / loads}});
  }
  const auto& cpu = run.environment.cpu;
  for (const auto& [label, size] : {std::pair{"L1d", cpu.l1d_bytes}, {"L2", cpu.l2_bytes}, {"L3", cpu.l3_bytes}})
    if (size && positive(*size))
      caches.push_back({{"label", fmt::format("{} {}", label, format_bytes(*size))}, {"bytes", *size}});
  return {{"points", points}, {"caches", caches}};
}

}  // namespace

json roofline_data(const results::run& run, const std::string& device) {
  json peaks = json::array(), bandwidths = json::array(), points = json::array();
  for (const auto& peak : peaks_of(run)) {
    if (peak.device != device || peak.is_of_a_link()) continue;
    auto& list = peak.is_bandwidth() ? bandwidths : peaks;
    list.push_back(
        {{"label", fmt::format("{} {}", peak.kind, format_si(peak.value, peak.unit()))},
         {"value", peak.value}});
  }
  if (const auto* best = best_stream(run, device))
    bandwidths.push_back({{"label", fmt::format("measured memory {}", format_si(*best->rate.bytes_per_second, "B/s"))},
                          {"value", *best->rate.bytes_per_second}});
  for (const auto& m : run.measurements) {
    if (m.device != device || !is_roofline_point(m)) continue;
    const auto figure = figure_of(m);
    points.push_back(
        {{"name", results::full_name(m)},
         {"group", m.benchmark},
         {"flop_per_byte", *m.work.flop / *m.work.bytes},
         {"flop_per_second", *m.rate.flop_per_second},
         {"words", figure ? fmt::format("{} {}", with_interval(figure->value, figure->low, figure->high), figure->unit)
                          : format_si(*m.rate.flop_per_second, operation_unit(m.benchmark) + "/s")}});
  }
  return {{"peaks", peaks}, {"bandwidths", bandwidths}, {"points", points}};
}

bool is_roofline_point(const measurement& m) {
  return m.status == measurement_status::ok && m.phase == results::measurement_phase::normal && m.work.flop &&
         positive(*m.work.flop) && m.work.bytes && positive(*m.work.bytes) && m.rate.flop_per_second &&
         positive(*m.rate.flop_per_second);
}

std::vector<std::string> roofline_devices(const results::run& run) {
  auto devices = devices_of(run);
  const auto has_no_point = [&](const std::string& device) {
    return std::none_of(run.measurements.begin(), run.measurements.end(),
                        [&](const measurement& m) { return m.device == device && is_roofline_point(m); });
  };
  devices.erase(std::remove_if(devices.begin(), devices.end(), has_no_point), devices.end());
  return devices;
}

bool has_latency(const results::run& run) {
  return latency_data(run)["points"].size() > 1;
}

std::string describe_tradeoff(const planner::recommendation& answer) {
  std::vector<std::string> front;
  for (const auto& c : answer.ranked)
    if (c.on_pareto_front && front.size() < 5)
      front.push_back(fmt::format("{}: {}, {}", system_name(c), duration_with_range(c.job), money(c.expected_cost_usd)));
  return fmt::format("Scatter plot of cost against time for {} offers. Pareto front from the cheapest on: {}.",
                     cheapest_regions(answer, 0).size(), front.empty() ? "none" : join(front, "; "));
}

std::string describe_roofline(const results::run& run, const std::string& device) {
  std::vector<std::string> ceilings;
  for (const auto& peak : peaks_of(run))
    if (peak.device == device && !peak.is_of_a_link())
      ceilings.push_back(
          fmt::format("{} {}", peak.kind, format_si(peak.value, peak.unit())));
  if (const auto* best = best_stream(run, device))
    ceilings.push_back(fmt::format("measured memory bandwidth {}", format_si(*best->rate.bytes_per_second, "B/s")));
  const auto count = std::count_if(run.measurements.begin(), run.measurements.end(),
                                   [&](const measurement& m) { return m.device == device && is_roofline_point(m); });
  return fmt::format("Roofline plot of {} measurements on {}. Ceilings: {}. The table below has every point.", count,
                     device_title(run, device), ceilings.empty() ? "none known" : join(ceilings, "; "));
}

std::string describe_latency(const results::run& run) {
  const auto data = latency_data(run);
  const auto& points = data["points"];
  if (points.empty()) return "No latency was measured.";
  return fmt::format("Line plot of memory latency, from {} ns at {} to {} ns at {}. The table below has every point.",
                     format_number(points.front()["ns"].get<double>()), points.front()["size"].get<std::string>(),
                     format_number(points.back()["ns"].get<double>()), points.back()["size"].get<std::string>());
}

json chart_data(const document& content) {
  json tradeoff = json::object();
  for (std::size_t i = 0; i < content.recommendations.size(); ++i)
    tradeoff[std::to_string(i + 1)] = tradeoff_data(content.recommendations[i]);
  json data{{"tradeoff", tradeoff}};
  if (content.run()) {
    json rooflines = json::object();
    for (const auto& device : roofline_devices(*content.run()))
      rooflines[std::to_string(rooflines.size() + 1)] = roofline_data(*content.run(), device);
    data["roofline"] = rooflines;
    data["latency"] = {{"latency", latency_data(*content.run())}};
  } else if (!content.runs.empty()) {
    data["overlay"] = {{"overlay", overlay_data(content)}};
  }
  if (!content.runs.empty()) data["collective"] = collective_data(content);
  return data;
}

}  // namespace gpubench::report
