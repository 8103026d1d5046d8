#include "report/measured.hpp"

#include "core/text.hpp"
#include "core/units.hpp"
#include "report/figures.hpp"
#include "report/sentences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace gpubench::report {
namespace {

using results::measurement;
using results::measurement_status;

constexpr double noticeable_load = 0.02;  // fraction of all cores that others used

bool better(const measurement& a, const measurement& b) {
  if (is_latency(a)) return working_set_bytes(a).value_or(0) > working_set_bytes(b).value_or(0);
  const auto rate = [](const measurement& m) {
    return m.rate.flop_per_second.value_or(m.rate.bytes_per_second.value_or(m.rate.items_per_second.value_or(0)));
  };
  return rate(a) > rate(b);
}

std::vector<const measurement*> chosen(const results::run& run, bool condensed) {
  std::vector<const measurement*> rows;
  for (const auto& m : run.measurements) {
    if (m.status != measurement_status::ok) continue;
    const auto same = std::find_if(rows.begin(), rows.end(), [&](const measurement* other) {
      return condensed && other->benchmark == m.benchmark && other->device == m.device;
    });
    if (same == rows.end())
      rows.push_back(&m);
    else if (better(m, **same))
      *same = &m;
  }
  return rows;
}

std::string check_cell(const measurement& m) {
  if (!m.verification) return unknown_mark;
  return m.verification->passed() ? "ok" : "WRONG";
}

}  // namespace

bool is_latency(const measurement& m) {
  return m.work.item == "load";
}

std::optional<double> working_set_bytes(const measurement& m) {
  static constexpr std::array<std::pair<std::string_view, double>, 4> endings{
      {{"kib", kib}, {"mib", mib}, {"gib", gib}, {"bytes", 1.0}}};
  for (const auto& [name, value] : m.params) {
    const auto* number = std::get_if<std::int64_t>(&value);
    if (!number || *number <= 0) continue;
    for (const auto& [ending, factor] : endings)
      if (name.size() >= ending.size() && name.compare(name.size() - ending.size(), ending.size(), ending) == 0)
        return static_cast<double>(*number) * factor;
  }
  return std::nullopt;
}

std::vector<std::string> flags_of(const measurement& m) {
  std::vector<std::string> flags = m.warnings;
  for (const auto& reason : m.telemetry.throttle_reasons) flags.push_back("throttled: " + reason);
  const auto load = m.telemetry.competing_load;
  if (load && std::isfinite(*load) && *load >= noticeable_load) {
    const bool said = std::any_of(flags.begin(), flags.end(),
                                  [](const std::string& flag) { return flag.find("load") != std::string::npos; });
    if (!said) flags.push_back(fmt::format("competing load {}", percent(*load)));
  }
  return flags;
}

std::string method_of(const measurement& m) {
  std::vector<std::string> parts;
  for (const auto& [key, text] : m.method) parts.push_back(fmt::format("{}: {}", key, text));
  return join(parts, "; ");
}

grid measured_grid(const results::run& run, bool condensed) {
  grid cells;
  const bool devices = devices_of(run).size() > 1;
  cells.columns = {{"benchmark", false, 0}, {"parameters", false, 3}, {"value", true, 0},
                   {"unit", false, 0},      {"of peak", true, 1},     {"check", false, 2},
                   {"samples", true, 4},    {"stopped by", false, 6}, {"flags", false, 5}};
  if (devices) cells.columns.insert(cells.columns.begin() + 1, {"device", false, 1});
  for (const auto* m : chosen(run, condensed)) {
    const auto figure = figure_of(*m);
    std::vector<std::string> row{m->benchmark};
    if (devices) row.push_back(m->device);
    row.push_back(results::to_string(m->params));
    row.push_back(figure ? with_interval(figure->value, figure->low, figure->high) : unknown_mark);
    row.push_back(figure ? figure->unit : unknown_mark);
    row.push_back(m->peak ? percent(m->peak->fraction) : unknown_mark);
    row.push_back(check_cell(*m));
    row.push_back(m->time_ns ? std::to_string(m->time_ns->n) : unknown_mark);
    row.push_back(m->stopped_by ? spaced(results::to_string(*m->stopped_by)) : unknown_mark);
    row.push_back(join(flags_of(*m), "; "));
    cells.rows.push_back(std::move(row));
  }
  return cells;
}

grid unmeasured_grid(const results::run& run) {
  grid cells;
  cells.columns = {{"benchmark", false, 0}, {"parameters", false, 1}, {"status", false, 0}, {"reason", false, 0}};
  for (const auto& m : run.measurements)
    if (m.status != measurement_status::ok)
      cells.rows.push_back({m.benchmark, results::to_string(m.params), spaced(results::to_string(m.status)), m.reason});
  return cells;
}

std::string measured_summary(const results::run& run) {
  std::size_t ok = 0, skipped = 0, failed = 0;
  for (const auto& m : run.measurements) {
    if (m.status == measurement_status::ok)
      ++ok;
    else if (m.status == measurement_status::skipped)
      ++skipped;
    else
      ++failed;
  }
  std::string text = fmt::format("{} measured", ok);
  if (skipped > 0) text += fmt::format(", {} skipped", skipped);
  if (failed > 0) text += fmt::format(", {} failed", failed);
  return text;
}

std::vector<std::string> devices_of(const results::run& run) {
  std::vector<std::string> devices;
  for (const auto& m : run.measurements)
    if (std::find(devices.begin(), devices.end(), m.device) == devices.end()) devices.push_back(m.device);
  return devices;
}

std::string device_title(const results::run& run, const std::string& device) {
  const auto& machine = run.environment;
  if (device == "cpu") return machine.cpu.model ? device + ": " + *machine.cpu.model : device;
  const auto gpu = std::find_if(machine.gpus.begin(), machine.gpus.end(), [&](const results::gpu_environment& g) {
    return device == fmt::format("gpu{}", g.index);
  });
  return gpu == machine.gpus.end() || gpu->name.empty() ? device : device + ": " + gpu->name;
}

std::string device_prefix(const results::run& run, const std::string& device) {
  return devices_of(run).size() > 1 ? device + " " : std::string();
}

std::vector<named_peak> peaks_of(const results::run& run) {
  std::vector<named_peak> peaks;
  for (const auto& m : run.measurements) {
    if (!m.peak || !std::isfinite(m.peak->peak) || m.peak->peak <= 0) continue;
    const bool known = std::any_of(peaks.begin(), peaks.end(),
                                   [&](const named_peak& p) { return p.device == m.device && p.kind == m.peak->kind; });
    if (!known) peaks.push_back({m.device, m.peak->kind, m.peak->peak, m.peak->source});
  }
  const auto devices = devices_of(run);
  const auto place = [&](const named_peak& p) { return std::find(devices.begin(), devices.end(), p.device); };
  std::stable_sort(peaks.begin(), peaks.end(), [&](const named_peak& a, const named_peak& b) {
    if (a.device != b.device) return place(a) < place(b);
    return a.is_bandwidth() != b.is_bandwidth() ? a.is_bandwidth() : a.value > b.value;
  });
  return peaks;
}

const measurement* best_stream(const results::run& run, const std::string& device) {
  const measurement* best = nullptr;
  for (const auto& m : run.measurements) {
    const bool streams = m.benchmark.rfind("stream", 0) == 0 || m.benchmark.rfind("memory_", 0) == 0 ||
                         (m.peak && m.peak->kind == "memory bandwidth");
    if (m.device != device || m.status != measurement_status::ok || !streams || !m.rate.bytes_per_second) continue;
    if (!std::isfinite(*m.rate.bytes_per_second) || *m.rate.bytes_per_second <= 0) continue;
    if (!best || *m.rate.bytes_per_second > *best->rate.bytes_per_second) best = &m;
  }
  return best;
}

}  // namespace gpubench::report
