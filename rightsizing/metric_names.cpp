#include "rightsizing/metric_names.hpp"

#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "monitoring/metrics.hpp"

namespace gpubench::rightsizing {
namespace {

using enum signal;
using monitoring::metric_id;

constexpr double per_cent = 0.01;

struct own_metric {
  metric_id id;
  signal of;
};
constexpr own_metric own_metrics[] = {
    {metric_id::gpu_utilization, gpu_utilization},  {metric_id::gpu_graphics_engine_active, engine_active},
    {metric_id::gpu_sm_active, sm_active},          {metric_id::gpu_tensor_active, tensor_active},
    {metric_id::gpu_dram_active, dram_active},      {metric_id::gpu_fp64_active, fp64_active},
    {metric_id::gpu_fp32_active, fp32_active},      {metric_id::gpu_fp16_active, fp16_active},
    {metric_id::gpu_memory_used, memory_used},      {metric_id::gpu_memory_free, memory_free},
    {metric_id::gpu_memory_total, memory_total},    {metric_id::gpu_pcie_transmit, pcie_transmit},
    {metric_id::gpu_pcie_receive, pcie_receive},    {metric_id::gpu_nvlink_transmit, nvlink_transmit},
    {metric_id::gpu_nvlink_receive, nvlink_receive}};

std::string_view own_unit(signal of) {
  if (is_fraction(of)) return "fraction";
  return of == memory_used || of == memory_free || of == memory_total ? "bytes" : "B/s";
}

}  // namespace

const std::vector<known_metric>& prometheus_metrics() {
  static const std::vector<known_metric> all = [] {
    // NVIDIA, dcgm-exporter, default counters, and DCGM User Guide, "Profiling Metrics".
    constexpr std::string_view dcgm = "DCGM exporter";
    std::vector<known_metric> list{{"DCGM_FI_DEV_GPU_UTIL", gpu_utilization, per_cent, "%", dcgm},
                                   {"DCGM_FI_PROF_GR_ENGINE_ACTIVE", engine_active, 1, "fraction", dcgm},
                                   {"DCGM_FI_PROF_SM_ACTIVE", sm_active, 1, "fraction", dcgm},
                                   {"DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", tensor_active, 1, "fraction", dcgm},
                                   {"DCGM_FI_PROF_DRAM_ACTIVE", dram_active, 1, "fraction", dcgm},
                                   {"DCGM_FI_PROF_PIPE_FP64_ACTIVE", fp64_active, 1, "fraction", dcgm},
                                   {"DCGM_FI_PROF_PIPE_FP32_ACTIVE", fp32_active, 1, "fraction", dcgm},
                                   {"DCGM_FI_PROF_PIPE_FP16_ACTIVE", fp16_active, 1, "fraction", dcgm},
                                   {"DCGM_FI_DEV_FB_USED", memory_used, mib, "MiB", dcgm},
                                   {"DCGM_FI_DEV_FB_FREE", memory_free, mib, "MiB", dcgm},
                                   {"DCGM_FI_DEV_FB_TOTAL", memory_total, mib, "MiB", dcgm},
                                   {"DCGM_FI_PROF_PCIE_TX_BYTES", pcie_transmit, 1, "B/s", dcgm},
                                   {"DCGM_FI_PROF_PCIE_RX_BYTES", pcie_receive, 1, "B/s", dcgm},
                                   {"DCGM_FI_PROF_NVLINK_TX_BYTES", nvlink_transmit, 1, "B/s", dcgm},
                                   {"DCGM_FI_PROF_NVLINK_RX_BYTES", nvlink_receive, 1, "B/s", dcgm}};
    for (const auto& own : own_metrics)
      list.push_back({monitoring::metric_of(own.id).name, own.of, 1, own_unit(own.of), "gpubench monitor"});
    // utkuozdemir, nvidia_gpu_exporter, metrics of its documentation.
    constexpr std::string_view gpu_exporter = "nvidia_gpu_exporter";
    list.insert(list.end(), {{"nvidia_smi_utilization_gpu_ratio", gpu_utilization, 1, "fraction", gpu_exporter},
                             {"nvidia_smi_memory_used_bytes", memory_used, 1, "bytes", gpu_exporter},
                             {"nvidia_smi_memory_free_bytes", memory_free, 1, "bytes", gpu_exporter},
                             {"nvidia_smi_memory_total_bytes", memory_total, 1, "bytes", gpu_exporter}});
    // InfluxData, Telegraf, inputs.nvidia_smi.
    constexpr std::string_view telegraf = "Telegraf";
    list.insert(list.end(), {{"nvidia_smi_utilization_gpu", gpu_utilization, per_cent, "%", telegraf},
                             {"nvidia_smi_memory_used", memory_used, mib, "MiB", telegraf},
                             {"nvidia_smi_memory_free", memory_free, mib, "MiB", telegraf},
                             {"nvidia_smi_memory_total", memory_total, mib, "MiB", telegraf}});
    return list;
  }();
  return all;
}

const std::vector<known_metric>& nvidia_smi_fields() {
  static const std::vector<known_metric> all{{"utilization.gpu", gpu_utilization, per_cent, "%", "nvidia-smi"},
                                             {"memory.used", memory_used, mib, "MiB", "nvidia-smi"},
                                             {"memory.free", memory_free, mib, "MiB", "nvidia-smi"},
                                             {"memory.total", memory_total, mib, "MiB", "nvidia-smi"}};
  return all;
}

const std::vector<known_metric>& cloudwatch_metrics() {
  // AWS, CloudWatch User Guide, "Collect NVIDIA GPU metrics": megabytes there are nvidia-smi's MiB.
  static const std::vector<known_metric> all{
      {"nvidia_smi_utilization_gpu", gpu_utilization, per_cent, "%", "CloudWatch agent"},
      {"nvidia_smi_memory_used", memory_used, mib, "MiB", "CloudWatch agent"},
      {"nvidia_smi_memory_free", memory_free, mib, "MiB", "CloudWatch agent"},
      {"nvidia_smi_memory_total", memory_total, mib, "MiB", "CloudWatch agent"},
      {"cpu_usage_active", host_cpu, per_cent, "%", "CloudWatch agent"},
      {"CPUUtilization", host_cpu, per_cent, "%", "EC2"}};
  return all;
}

const std::vector<known_metric>& monitor_columns() {
  static const std::vector<known_metric> all = [] {
    std::vector<known_metric> list;
    for (const auto& own : own_metrics)
      list.push_back(
          {monitoring::column_of(monitoring::metric_of(own.id)), own.of, 1, own_unit(own.of), "gpubench monitor"});
    return list;
  }();
  return all;
}

const known_metric* find_metric(const std::vector<known_metric>& among, std::string_view name) {
  const auto found = std::find_if(among.begin(), among.end(), [&](const auto& each) { return each.name == name; });
  return found == among.end() ? nullptr : &*found;
}

std::string unit_sentence(const known_metric& used) {
  return fmt::format("{} from {} ({}), {}", to_string(used.of), used.name, used.exporter, used.unit);
}

}  // namespace gpubench::rightsizing
