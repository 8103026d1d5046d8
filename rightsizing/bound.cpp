#include "rightsizing/bound.hpp"

#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gpubench::rightsizing {
namespace {

std::string percent(double fraction) {
  return fmt::format("{:.0f} %", 100 * fraction);
}

/// The busiest of the pipes that were observed.
struct busiest_pipe {
  double active = 0;
  const char* name = "";
};
std::optional<busiest_pipe> find_pipe(const device_summary& of) {
  const std::pair<const std::optional<double>*, const char*> pipes[] = {{&of.tensor_active, "tensor cores"},
                                                                        {&of.fp64_active, "FP64 pipe"},
                                                                        {&of.fp32_active, "FP32 pipe"},
                                                                        {&of.fp16_active, "FP16 pipe"}};
  std::optional<busiest_pipe> most;
  for (const auto& [active, name] : pipes)
    if (*active && (!most || **active > most->active)) most = {**active, name};
  return most;
}

/// PCIe one way: lane rates with their encoding (PCI-SIG: 8, 16, 32 GT/s at 128b/130b; 64 GT/s in FLITs; before
/// 8b/10b).
std::optional<double> pcie_bytes_per_second(const profiles::gpu_spec* gpu) {
  if (gpu == nullptr || !gpu->pcie_generation || !gpu->pcie_lanes) return std::nullopt;
  constexpr std::array<double, 7> lane{0, 0.25e9, 0.5e9, 0.985e9, 1.969e9, 3.938e9, 7.563e9};
  const auto generation = static_cast<std::size_t>(*gpu->pcie_generation);
  if (generation < 1 || generation >= lane.size()) return std::nullopt;
  return lane.at(generation) * *gpu->pcie_lanes;
}

/// Whether FP64 would tell GPUs apart: where it is at a small part of the FP32 rate, no other GPU has less of it.
bool has_fast_fp64(const profiles::gpu_spec* gpu) {
  constexpr double small_part = 1.0 / 16;
  if (gpu == nullptr) return true;
  const auto fp64 = gpu->dense_peak(models::precision::fp64), fp32 = gpu->dense_peak(models::precision::fp32);
  return !fp64 || !fp32 || *fp64 > small_part * *fp32;
}

std::vector<std::string> missing_evidence(const device_summary& of, const profiles::gpu_spec* gpu) {
  std::vector<std::string> missing;
  if (!of.tensor_active) missing.emplace_back("tensor activity (DCGM_FI_PROF_PIPE_TENSOR_ACTIVE)");
  if (!of.fp64_active && has_fast_fp64(gpu))
    missing.emplace_back("FP64 activity (DCGM_FI_PROF_PIPE_FP64_ACTIVE), of which many GPUs have little");
  if (!of.dram_active) missing.emplace_back("memory activity (DCGM_FI_PROF_DRAM_ACTIVE)");
  if (!of.sm_active) missing.emplace_back("multiprocessor activity (DCGM_FI_PROF_SM_ACTIVE)");
  if (!of.host_cpu) missing.emplace_back("CPU use of the host (node_exporter, gpubench monitor)");
  if (!of.memory_used_max_bytes) missing.emplace_back("memory in use (DCGM_FI_DEV_FB_USED)");
  if (of.memory_is_reserved)
    missing.emplace_back("memory that the work needs: what is used never changes, so a framework may have reserved it");
  return missing;
}

std::optional<bound_finding> by_hardware(const device_summary& of) {
  const auto pipe = find_pipe(of);
  const double compute = pipe ? pipe->active / threshold::attainable_pipe : 0;
  const double memory = of.dram_active ? *of.dram_active / threshold::attainable_dram : 0;
  if (std::max(compute, memory) < threshold::binding) return std::nullopt;
  const auto pipe_text = pipe ? fmt::format("{} {} active", pipe->name, percent(pipe->active)) : std::string();
  const auto dram_text =
      of.dram_active ? fmt::format("memory at {} of its bandwidth", percent(*of.dram_active)) : std::string();
  if (std::min(compute, memory) >= threshold::alike * std::max(compute, memory))
    return bound_finding{
        work_bound::mixed, fmt::format("{}, {}: both near what can be reached", pipe_text, dram_text), {}};
  if (compute > memory)
    return bound_finding{
        work_bound::compute,
        fmt::format("{} while it works; some {} can be reached", pipe_text, percent(threshold::attainable_pipe)),
        {}};
  return bound_finding{
      work_bound::memory_bandwidth,
      fmt::format("{} while it works; some {} can be reached", dram_text, percent(threshold::attainable_dram)),
      {}};
}

std::optional<bound_finding> by_links(const device_summary& of, const profiles::gpu_spec* gpu) {
  const auto pcie = pcie_bytes_per_second(gpu);
  if (pcie && of.pcie_bytes_per_second &&
      *of.pcie_bytes_per_second > threshold::binding * threshold::attainable_link * *pcie)
    return bound_finding{work_bound::interconnect,
                         fmt::format("PCIe carries {} one way, of {} at most",
                                     format_si(*of.pcie_bytes_per_second, "B/s"), format_si(*pcie, "B/s")),
                         {}};
  // The data sheet counts both directions.
  if (gpu != nullptr && gpu->nvlink_bytes_per_second && of.nvlink_bytes_per_second &&
      *of.nvlink_bytes_per_second > threshold::binding * threshold::attainable_link * *gpu->nvlink_bytes_per_second / 2)
    return bound_finding{
        work_bound::interconnect,
        fmt::format("NVLink carries {} one way, of {} at most", format_si(*of.nvlink_bytes_per_second, "B/s"),
                    format_si(*gpu->nvlink_bytes_per_second / 2, "B/s")),
        {}};
  return std::nullopt;
}

/// Full memory, and of the rest what was seen and what was not.
std::string memory_sentence(const device_summary& of) {
  auto text = fmt::format("{} of {} in use at the most, active {} of the time", format_bytes(*of.memory_used_max_bytes),
                          format_bytes(*of.memory_total_bytes), percent(of.activity->mean));
  const auto pipe = find_pipe(of);
  if (pipe) text += fmt::format(", {} {} active", pipe->name, percent(pipe->active));
  if (of.dram_active) text += fmt::format(", memory at {} of its bandwidth", percent(*of.dram_active));
  if (!pipe && !of.dram_active) return text + "; arithmetic and memory traffic were not observed";
  if (!pipe) text += "; arithmetic was not observed";
  if (!of.dram_active) text += "; memory traffic was not observed";
  return text;
}

bound_finding classify(const device_summary& of, const profiles::gpu_spec* gpu) {
  if (!of.activity) return {work_bound::unknown, "nothing says when the GPU worked", {}};
  if (of.activity->mean < threshold::idle_activity)
    return {work_bound::idle,
            fmt::format("active {} of the time{}", percent(of.activity->mean),
                        of.busy_time && *of.busy_time > 0 ? "" : ", never more"),
            {}};
  if (const auto found = by_hardware(of)) return *found;
  if (const auto found = by_links(of, gpu)) return *found;
  const double busy = of.busy_time.value_or(1);
  const double while_busy = busy > 0 ? std::min(1.0, of.activity->mean / busy) : 0;
  if (of.host_cpu && *of.host_cpu >= threshold::used_up_cpu && while_busy < threshold::waiting_activity)
    return {work_bound::host,
            fmt::format("CPUs {} in use while the GPU is active only {} of its working time", percent(*of.host_cpu),
                        percent(while_busy)),
            {}};
  const bool full = of.memory_used_max_bytes && of.memory_total_bytes &&
                    *of.memory_used_max_bytes >= threshold::full_memory * *of.memory_total_bytes;
  if (full && !of.memory_is_reserved &&
      (of.tensor_active || of.dram_active || of.activity->mean < threshold::half_idle_activity))
    return {work_bound::memory_size, memory_sentence(of), {}};
  if (of.sm_active && *of.sm_active < threshold::filled_sm && while_busy >= threshold::waiting_activity)
    return {work_bound::parallelism,
            fmt::format("a kernel runs {} of the working time, but on {} of the multiprocessors", percent(while_busy),
                        percent(*of.sm_active)),
            {}};
  if (while_busy < threshold::waiting_activity && (of.tensor_active || of.dram_active))
    return {
        work_bound::unknown,
        fmt::format("the GPU is active {} of its working time and waits for the rest: for requests, its host or data",
                    percent(while_busy)),
        {}};
  if (!of.tensor_active && !of.dram_active)
    return {work_bound::unknown,
            fmt::format("active {} of the time; that alone does not tell arithmetic from memory traffic or from small "
                        "kernels",
                        percent(of.activity->mean)),
            {}};
  return {work_bound::unknown, "no part of the GPU is near what can be reached", {}};
}

}  // namespace

std::string_view to_string(work_bound by) {
  switch (by) {
    case work_bound::idle:
      return "idle";
    case work_bound::compute:
      return "compute";
    case work_bound::memory_bandwidth:
      return "memory bandwidth";
    case work_bound::memory_size:
      return "memory size";
    case work_bound::host:
      return "host";
    case work_bound::interconnect:
      return "interconnect";
    case work_bound::parallelism:
      return "parallelism";
    case work_bound::mixed:
      return "mixed";
    case work_bound::unknown:
      return "unknown";
  }
  return "";
}

bound_finding find_bound(const device_summary& of, const profiles::gpu_spec* gpu) {
  auto found = classify(of, gpu);
  if (found.by != work_bound::idle) found.missing = missing_evidence(of, gpu);
  return found;
}

}  // namespace gpubench::rightsizing
