#include "cli/here.hpp"

#include "bench/machine.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "planner/host_peaks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace gpubench::cli {
namespace {

std::string describe_gpus(const results::environment& machine) {
  if (machine.gpus.empty()) return machine.gpu_status + ": CPU back-end only";
  const auto& first = machine.gpus.front();
  const bool alike =
      std::all_of(machine.gpus.begin(), machine.gpus.end(), [&](const auto& gpu) { return gpu.name == first.name; });
  if (alike) return fmt::format("{} x {}", machine.gpus.size(), first.name);
  std::vector<std::string> names;
  for (const auto& gpu : machine.gpus) names.push_back(gpu.name);
  return join(names, ", ");
}

std::string describe_instance(const results::environment& machine) {
  if (!machine.cloud) return "not a known cloud";
  const auto& cloud = *machine.cloud;
  const std::string provider = cloud.provider.value_or("unknown provider");
  if (!cloud.instance_type) return fmt::format("{} (from {}), instance type unknown", provider, cloud.source);
  return fmt::format("{} {} (from {})", provider, *cloud.instance_type, cloud.source);
}

bench::device_peaks gpu_peaks(const profiles::gpu_spec& spec) {
  const std::string source = fmt::format("{}, {} ({})", spec.name, spec.origin.source, spec.origin.date);
  bench::device_peaks peaks;
  for (const auto p : models::all_precisions)
    if (const auto rate = spec.dense_peak(p)) peaks.dense_flop_per_second[p] = {*rate, source};
  if (spec.memory_bandwidth_bytes_per_second)
    peaks.memory_bytes_per_second = {*spec.memory_bandwidth_bytes_per_second, source};
  return peaks;
}

}  // namespace

results::environment find_machine(const profiles::catalogue& known, const std::string& instance) {
  std::optional<results::cloud_environment> named;
  if (!instance.empty()) {
    const auto& type = known.require_instance(instance);
    named = results::cloud_environment{type.provider, type.type, "--instance"};
  }
  auto machine = bench::discover_machine();
  if (named) machine.cloud = named;
  return machine;
}

std::string describe_machine(const results::environment& machine) {
  const auto& cpu = machine.cpu;
  std::string line = describe_instance(machine);
  line += fmt::format(", {} vCPU {}", cpu.usable_cpus, cpu.model.value_or("CPU of unknown model"));
  if (machine.memory_bytes) line += ", " + format_bytes(*machine.memory_bytes);
  return line + ", " + describe_gpus(machine);
}

bench::machine make_bench_machine(const results::environment& machine) {
  const auto& cpu = machine.cpu;
  bench::machine where{machine};
  where.threads = std::max(1, std::min(cpu.usable_cpus, cpu.physical_cores.value_or(cpu.usable_cpus)));
  where.last_level_cache_bytes = cpu.l3_bytes ? *cpu.l3_bytes * cpu.sockets.value_or(1) : cpu.l2_bytes.value_or(0);
  where.usable_memory_bytes = machine.memory_bytes.value_or(0);
  return where;
}

std::map<std::string, bench::device_peaks> find_peaks(const results::environment& machine,
                                                      const profiles::catalogue& known) {
  std::map<std::string, bench::device_peaks> peaks;
  const auto host = planner::find_host_peaks(machine, known);
  auto& cpu = peaks["cpu"];
  for (const auto& [precision, peak] : host.dense_flop_per_second)
    cpu.dense_flop_per_second[precision] = {peak.value, peak.source};
  if (host.memory_bytes_per_second)
    cpu.memory_bytes_per_second = {host.memory_bytes_per_second->value, host.memory_bytes_per_second->source};
  for (const auto& gpu : machine.gpus)
    if (const auto* spec = known.find_gpu(gpu.name)) peaks[fmt::format("gpu{}", gpu.index)] = gpu_peaks(*spec);
  return peaks;
}

}  // namespace gpubench::cli
