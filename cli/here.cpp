#include "cli/here.hpp"

#include "bench/machine.hpp"
#include "bench/pcie.hpp"
#include "planner/host_peaks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace gpubench::cli {
namespace {

using peak = bench::device_peaks::peak;

// The link of a Grace superchip to its CPU is NVLink-C2C, whatever PCIe link the driver tells of.
bool has_chip_to_chip_link(const profiles::gpu_spec& spec) {
  return spec.architecture.rfind("Grace", 0) == 0;
}

std::optional<peak> pcie_peak(const results::gpu_environment& gpu) {
  if (!gpu.pcie_generation || !gpu.pcie_width) return std::nullopt;
  const auto rate = bench::pcie_bytes_per_second(*gpu.pcie_generation, *gpu.pcie_width);
  if (!rate) return std::nullopt;
  return peak{*rate, fmt::format("PCIe {}.0 x{}, as the driver says, after its line code", *gpu.pcie_generation,
                                 *gpu.pcie_width)};
}

// Between GPUs: NVLink where it is there, else PCIe.
std::optional<peak> peer_peak(const results::gpu_environment& gpu, const profiles::gpu_spec* spec,
                              const std::string& source) {
  const bool none_active = gpu.nvlinks && *gpu.nvlinks == 0;
  if (spec && spec->nvlink_bytes_per_second && !none_active)
    return peak{*spec->nvlink_bytes_per_second / 2, "NVLink, half of both directions, " + source};
  if (none_active || (spec && !spec->nvlink_bytes_per_second)) return pcie_peak(gpu);
  return std::nullopt;
}

bench::device_peaks gpu_peaks(const results::gpu_environment& gpu, const profiles::catalogue& known) {
  bench::device_peaks peaks;
  const auto* spec = known.find_gpu(gpu.name);
  const std::string source =
      spec ? fmt::format("{}, {} ({})", spec->name, spec->origin.source, spec->origin.date) : std::string();
  if (!spec || !has_chip_to_chip_link(*spec)) peaks.host_link_bytes_per_second = pcie_peak(gpu);
  peaks.peer_link_bytes_per_second = peer_peak(gpu, spec, source);
  if (!spec) {
    peaks.no_reference = fmt::format("the catalogue has no data sheet of '{}'", gpu.name);
    return peaks;
  }
  peaks.no_reference = fmt::format("the data sheet of {} does not state it", spec->name);
  for (const auto p : models::all_precisions)
    if (const auto rate = spec->dense_peak(p)) peaks.dense_flop_per_second[p] = {*rate, source};
  if (spec->memory_bandwidth_bytes_per_second)
    peaks.memory_bytes_per_second = {*spec->memory_bandwidth_bytes_per_second, source};
  return peaks;
}

// What runs on all GPUs together is bound by their slowest link.
bench::device_peaks peaks_of_all(const std::vector<bench::device_peaks>& each) {
  bench::device_peaks all;
  all.no_reference = "no figure is known of the links of all GPUs";
  for (const auto& one : each) {
    if (!one.peer_link_bytes_per_second) return all;
  }
  const auto slowest = std::min_element(each.begin(), each.end(), [](const auto& a, const auto& b) {
    return a.peer_link_bytes_per_second->value < b.peer_link_bytes_per_second->value;
  });
  if (slowest != each.end()) all.peer_link_bytes_per_second = slowest->peer_link_bytes_per_second;
  return all;
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
  std::vector<bench::device_peaks> each;
  for (const auto& gpu : machine.gpus) each.push_back(peaks[fmt::format("gpu{}", gpu.index)] = gpu_peaks(gpu, known));
  if (each.size() > 1) peaks[fmt::format("gpu0-{}", each.size() - 1)] = peaks_of_all(each);
  return peaks;
}

}  // namespace gpubench::cli
