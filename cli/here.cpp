#include "cli/here.hpp"

#include "bench/machine.hpp"
#include "planner/host_peaks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace gpubench::cli {
namespace {

bench::device_peaks gpu_peaks(const profiles::gpu_spec& spec) {
  const std::string source = fmt::format("{}, {} ({})", spec.name, spec.origin.source, spec.origin.date);
  bench::device_peaks peaks;
  for (const auto p : models::all_precisions)
    if (const auto rate = spec.dense_peak(p)) peaks.dense_flop_per_second[p] = {*rate, source};
  if (spec.memory_bandwidth_bytes_per_second)
    peaks.memory_bytes_per_second = {*spec.memory_bandwidth_bytes_per_second, source};
  return peaks;
}

// The GPUs that CUDA sees, under its numbers, with what NVML knows of them.
void match_gpus(results::environment& machine, const std::vector<bench::cuda_device>& devices) {
  if (machine.gpus.empty()) machine.gpu_status = fmt::format("{} seen by CUDA, not by NVML", devices.size());
  std::vector<results::gpu_environment> seen;
  for (const auto& device : devices) {
    const auto same = [&](const auto& gpu) { return device.uuid && gpu.uuid == device.uuid; };
    const auto found = std::find_if(machine.gpus.begin(), machine.gpus.end(), same);
    auto& gpu = seen.emplace_back(found == machine.gpus.end() ? results::gpu_environment{} : *found);
    gpu.index = static_cast<int>(seen.size()) - 1;
    gpu.name = device.model;
    gpu.uuid = device.uuid;
    if (!gpu.memory_bytes) gpu.memory_bytes = device.memory_bytes;
    if (!gpu.compute_capability) gpu.compute_capability = device.compute_capability;
  }
  machine.gpus = std::move(seen);
}

}  // namespace

results::environment find_machine(const profiles::catalogue& known, const std::string& instance,
                                  const std::vector<bench::cuda_device>& visible) {
  std::optional<results::cloud_environment> named;
  if (!instance.empty()) {
    const auto& type = known.require_instance(instance);
    named = results::cloud_environment{type.provider, type.type, "--instance"};
  }
  auto machine = bench::discover_machine();
  if (named) machine.cloud = named;
  if (!visible.empty()) match_gpus(machine, visible);
  return machine;
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
