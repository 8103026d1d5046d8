#include "report/measured.hpp"

#include "core/text.hpp"
#include "core/units.hpp"
#include "report/figures.hpp"
#include "report/sentences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <tuple>

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
      return condensed && other->benchmark == m.benchmark && other->device == m.device && other->phase == m.phase;
    });
    if (same == rows.end())
      rows.push_back(&m);
    else if (better(m, **same))
      *same = &m;
  }
  return rows;
}

std::string samples_cell(const measurement& m) {
  if (m.time_ns) return std::to_string(m.time_ns->n);
  if (!m.reported || !m.reported->time_ns.n) return unknown_mark;
  return fmt::format("{} of {}", m.reported->time_ns.median ? "median" : "mean", *m.reported->time_ns.n);
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
  // Where samples were classified, a warning has said how many ran under what.
  if (!m.telemetry.throttled_samples)
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

namespace {

bool has_phases(const results::run& run) {
  return std::any_of(run.measurements.begin(), run.measurements.end(),
                     [](const measurement& m) { return m.phase != results::measurement_phase::normal; });
}

// Whether rows of one benchmark differ in their parameters alone.
bool repeats_benchmarks(const std::vector<const measurement*>& rows) {
  std::set<std::tuple<std::string, std::string, results::measurement_phase>> seen;
  return std::any_of(rows.begin(), rows.end(),
                     [&](const measurement* m) { return !seen.emplace(m->benchmark, m->device, m->phase).second; });
}

// The columns that name a measurement; device and phase only where there are several.
struct naming {
  bool devices = false, phases = false;
  int keep_parameters = 3;

  explicit naming(const results::run& run) : devices(names_devices(run)), phases(has_phases(run)) {}

  std::vector<grid::column> columns() const {
    std::vector<grid::column> all{{"benchmark", false, 0}};
    if (devices) all.push_back({"device", false, 1});
    if (phases) all.push_back({"phase", false, 0});
    all.push_back({"parameters", false, keep_parameters});
    return all;
  }

  std::vector<std::string> cells(const measurement& m) const {
    std::vector<std::string> all{m.benchmark};
    if (devices) all.push_back(m.device);
    if (phases) all.emplace_back(results::to_string(m.phase));
    all.push_back(results::to_string(m.params));
    return all;
  }
};

std::vector<grid::column> with(std::vector<grid::column> first, const std::vector<grid::column>& rest) {
  first.insert(first.end(), rest.begin(), rest.end());
  return first;
}

bool is_throttled(const measurement& m) {
  return m.telemetry.throttled_samples && !m.telemetry.throttled_samples->empty();
}

// "12 of 40"; empty where none was or nobody watched.
std::string throttled_cell(const measurement& m) {
  if (!is_throttled(m)) return {};
  return fmt::format("{} of {}", m.telemetry.throttled_samples->size(), m.samples_ns.size());
}

// "0.71 pJ/FLOP": energy of one unit of what the figure counts.
std::string energy_cell(const measurement& m) {
  if (!m.telemetry.energy_joules || m.samples_ns.empty()) return unknown_mark;
  const double joules = *m.telemetry.energy_joules / static_cast<double>(m.samples_ns.size());
  const auto per = [&](const std::optional<double>& amount, const std::string& unit) -> std::optional<std::string> {
    if (!amount || !(*amount > 0)) return std::nullopt;
    const double each = joules / *amount;
    if (each < 1e-6) return fmt::format("{} pJ/{}", format_number(each * 1e12), unit);
    return each < 1e-3 ? fmt::format("{} µJ/{}", format_number(each * 1e6), unit)
                       : fmt::format("{} J/{}", format_number(each), unit);
  };
  if (const auto text = per(m.work.items, m.work.item.empty() ? "item" : m.work.item)) return *text;
  const bool computes = !m.rate.bytes_per_second || (m.peak && m.peak->kind.find("bandwidth") == std::string::npos);
  if (const auto text = computes ? per(m.work.flop, operation_unit(m.benchmark)) : per(m.work.bytes, "B")) return *text;
  return unknown_mark;
}

std::string state_of(const measurement& m) {
  const auto& t = m.telemetry;
  std::vector<std::string> parts;
  if (t.clock_hertz) parts.push_back(format_si(*t.clock_hertz, "Hz"));
  if (t.power_watts) {
    const auto limit = t.power_limit_watts ? fmt::format(" of {:.0f}", *t.power_limit_watts) : std::string();
    parts.push_back(fmt::format("{:.0f}{} W", *t.power_watts, limit));
  }
  if (t.temperature_celsius) parts.push_back(fmt::format("{:.0f} °C", *t.temperature_celsius));
  if (t.memory_temperature_celsius) parts.push_back(fmt::format("memory {:.0f} °C", *t.memory_temperature_celsius));
  if (t.pcie_generation)
    parts.push_back(
        fmt::format("PCIe {}.0{}", *t.pcie_generation, t.pcie_width ? fmt::format(" x{}", *t.pcie_width) : ""));
  if (t.seconds_to_throttle)
    parts.push_back(fmt::format("throttled after {}", format_duration(*t.seconds_to_throttle)));
  return parts.empty() ? unknown_mark : join(parts, ", ");
}

}  // namespace

grid measured_grid(const results::run& run, bool condensed) {
  naming names(run);
  const auto rows = chosen(run, condensed);
  // Without them nobody could tell such rows apart, so almost everything else goes first.
  if (repeats_benchmarks(rows)) names.keep_parameters = 1;
  const bool throttled = std::any_of(rows.begin(), rows.end(), [](const measurement* m) { return is_throttled(*m); });
  grid cells;
  cells.columns = with(names.columns(), {{"value", true, 0}, {"unit", false, 0}, {"of peak", true, 1}});
  if (throttled) cells.columns.push_back({"throttled", true, 1});
  cells.columns =
      with(cells.columns, {{"check", false, 2}, {"samples", true, 4}, {"stopped by", false, 6}, {"flags", false, 5}});
  for (const auto* m : rows) {
    const auto figure = figure_of(*m);
    auto row = names.cells(*m);
    row.push_back(figure ? with_interval(figure->value, figure->low, figure->high) : unknown_mark);
    row.push_back(figure ? figure->unit : unknown_mark);
    row.push_back(m->peak ? percent(m->peak->fraction) : unknown_mark);
    if (throttled) row.push_back(throttled_cell(*m));
    row.push_back(check_cell(*m));
    row.push_back(samples_cell(*m));
    row.push_back(m->stopped_by ? spaced(results::to_string(*m->stopped_by)) : unknown_mark);
    row.push_back(join(flags_of(*m), "; "));
    cells.rows.push_back(std::move(row));
  }
  return cells;
}

grid method_grid(const results::run& run) {
  const naming names(run);
  grid cells;
  cells.columns =
      with(names.columns(), {{"device state", false, 0}, {"energy", true, 0}, {"how it was measured", false, 0}});
  for (const auto& m : run.measurements) {
    if (m.status != measurement_status::ok || (m.method.empty() && !m.telemetry.power_watts)) continue;
    auto row = names.cells(m);
    row.push_back(state_of(m));
    row.push_back(energy_cell(m));
    row.push_back(method_of(m));
    cells.rows.push_back(std::move(row));
  }
  return cells;
}

std::vector<std::string> further_figures(const results::run& run) {
  const auto is_rate = [](std::string_view key) {
    for (const std::string_view ending : {"_per_second", "_per_hour"})
      if (key.size() > ending.size() && key.substr(key.size() - ending.size()) == ending) return true;
    return false;
  };
  std::vector<std::string> said;
  for (const auto& m : run.measurements) {
    if (m.status != measurement_status::ok) continue;
    for (const auto& [key, text] : m.method) {
      const auto number = text.substr(0, text.find(' '));
      if (!is_rate(key) || !parse_number(number)) continue;
      std::string unit = key;
      std::replace(unit.begin(), unit.end(), '_', ' ');
      said.push_back(fmt::format("{}{}: {} {}{}", device_prefix(run, m.device), results::full_name(m), number, unit,
                                 text.substr(number.size())));
    }
  }
  return said;
}

grid unmeasured_grid(const results::run& run) {
  const naming names(run);
  grid cells;
  cells.columns = with(names.columns(), {{"status", false, 0}, {"reason", false, 0}});
  for (const auto& m : run.measurements) {
    if (m.status == measurement_status::ok) continue;
    auto row = names.cells(m);
    row.push_back(spaced(results::to_string(m.status)));
    row.push_back(m.reason);
    cells.rows.push_back(std::move(row));
  }
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

std::string origin_of(const results::run& run) {
  if (!run.provenance) return {};
  std::vector<std::string> files;
  for (const auto& source : run.provenance->sources) files.push_back(source.file);
  return fmt::format("imported from {} ({}), not measured by gpubench", results::tools_of(*run.provenance),
                     join(files, ", "));
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

bool names_devices(const results::run& run) {
  return devices_of(run).size() > 1 || run.environment.gpus.size() > 1;
}

std::string device_prefix(const results::run& run, const std::string& device) {
  return names_devices(run) ? device + " " : std::string();
}

std::string named_peak::unit() const {
  return is_bandwidth() ? "B/s" : operation_unit(kind) + "/s";
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
    if (m.phase != results::measurement_phase::normal) continue;
    if (!std::isfinite(*m.rate.bytes_per_second) || *m.rate.bytes_per_second <= 0) continue;
    if (!best || *m.rate.bytes_per_second > *best->rate.bytes_per_second) best = &m;
  }
  return best;
}

}  // namespace gpubench::report
