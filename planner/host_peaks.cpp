#include "planner/host_peaks.hpp"

#include "core/text.hpp"
#include "core/units.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace gpubench::planner {
namespace {

/// The row whose name stands in the system's model name ("Intel(R) Xeon(R) Platinum 8488C" holds "8488C"); the longest.
const profiles::cpu_spec* by_model(const std::string& model, const profiles::catalogue& known) {
  const std::string wanted = to_lower(model);
  const profiles::cpu_spec* best = nullptr;
  for (const profiles::cpu_spec& row : known.cpus) {
    const std::vector<std::string> words = split(row.name, ' ');
    // Vendors put "(R)" between the words, so every word is looked for alone; the part number decides.
    const bool all = !words.empty() && std::all_of(words.begin(), words.end(), [&](const std::string& word) {
      return wanted.find(to_lower(word)) != std::string::npos;
    });
    if (all && (!best || row.name.size() > best->name.size())) best = &row;
  }
  return best;
}

const profiles::cpu_spec* by_microarchitecture(const std::string& name, const profiles::catalogue& known) {
  const std::string wanted = to_lower(name);
  const profiles::cpu_spec* best = nullptr;
  for (const profiles::cpu_spec& row : known.cpus) {
    if (row.microarchitecture.empty()) continue;
    const std::string found = to_lower(row.microarchitecture);
    if (found != wanted && found.find(wanted) == std::string::npos) continue;
    // A row with more known figures is the better stand-in for its microarchitecture.
    const auto known_figures = [](const profiles::cpu_spec& c) {
      return (c.fp32_flop_per_cycle_per_core ? 4 : 0) + (c.all_core_turbo_hertz ? 2 : 0) +
             (c.memory_bandwidth_bytes_per_second ? 1 : 0);
    };
    if (!best || known_figures(row) > known_figures(*best)) best = &row;
  }
  return best;
}

bool has_feature(const results::cpu_environment& cpu, std::string_view name) {
  return std::find(cpu.features.begin(), cpu.features.end(), name) != cpu.features.end();
}

std::optional<double> flop_per_cycle(const profiles::cpu_spec& spec, const results::cpu_environment& cpu,
                                     models::precision p) {
  switch (p) {
    case models::precision::fp32:
      return spec.fp32_flop_per_cycle_per_core;
    case models::precision::fp64:
      if (!spec.fp32_flop_per_cycle_per_core) return std::nullopt;
      return *spec.fp32_flop_per_cycle_per_core / 2;
    // A hypervisor may hide AMX: the part's matrix rate holds only where the guest sees the instructions.
    case models::precision::bf16:
      if (has_feature(cpu, "amx_bf16")) return spec.bf16_flop_per_cycle_per_core;
      if (has_feature(cpu, "avx512_bf16") && spec.fp32_flop_per_cycle_per_core) {
        return 2 * *spec.fp32_flop_per_cycle_per_core;
      }
      return std::nullopt;
    case models::precision::int8:
      if (has_feature(cpu, "amx_int8")) return spec.int8_op_per_cycle_per_core;
      if ((has_feature(cpu, "avx512_vnni") || has_feature(cpu, "avx_vnni")) && spec.fp32_flop_per_cycle_per_core) {
        return 4 * *spec.fp32_flop_per_cycle_per_core;
      }
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

host_peaks find_host_peaks(const results::environment& machine, const profiles::catalogue& known) {
  host_peaks found;
  const results::cpu_environment& cpu = machine.cpu;
  std::string how;
  if (cpu.model) {
    found.spec = by_model(*cpu.model, known);
    how = "by model name";
  }
  if (!found.spec && cpu.microarchitecture) {
    found.spec = by_microarchitecture(*cpu.microarchitecture, known);
    how = "by microarchitecture " + *cpu.microarchitecture;
  }
  if (!found.spec || !cpu.usable_cpus) return found;

  const std::optional<double> clock =
      cpu.measured_clock_hertz ? cpu.measured_clock_hertz : found.spec->all_core_turbo_hertz;
  // Two hardware threads share the units of one core.
  double cores = *cpu.usable_cpus;
  if (cpu.physical_cores && cpu.logical_cpus && *cpu.physical_cores > 0 && *cpu.logical_cpus > *cpu.physical_cores) {
    cores = std::min<double>(cores, *cpu.physical_cores);
  }
  const std::string part = found.spec->name + " (" + how + "; " + found.spec->origin.source + ")";
  if (clock) {
    const std::string clock_text =
        format_si(*clock, "Hz") + (cpu.measured_clock_hertz ? " measured" : " all-core turbo");
    for (const models::precision p : models::all_precisions) {
      const std::optional<double> rate = flop_per_cycle(*found.spec, cpu, p);
      if (!rate) continue;
      found.dense_flop_per_second[p] = {
          *rate * cores * *clock,
          format_number(*rate) + " FLOP/cycle x " + format_number(cores) + " cores x " + clock_text + ", " + part};
    }
  }
  // Only sockets whose cores are all usable give their whole bandwidth.
  if (found.spec->cores_per_socket && found.spec->memory_bandwidth_bytes_per_second) {
    const double whole_sockets = std::min(std::floor(cores / *found.spec->cores_per_socket),
                                          std::max(1.0, static_cast<double>(cpu.sockets.value_or(1))));
    if (whole_sockets >= 1) {
      found.memory_bytes_per_second =
          host_peaks::peak{*found.spec->memory_bandwidth_bytes_per_second * whole_sockets, part};
    }
  }
  return found;
}

}  // namespace gpubench::planner
