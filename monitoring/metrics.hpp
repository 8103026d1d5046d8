#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace gpubench::monitoring {

/// Every metric of the exporter: the one list that the Prometheus text, the CSV, the dashboard, the alert rules and the
/// documented mapping to DCGM names are made from. The order is that of the table in metrics.cpp.
enum class metric_id {
  gpu_up,
  gpu_info,
  gpu_utilization,
  gpu_memory_utilization,
  gpu_graphics_engine_active,
  gpu_sm_active,
  gpu_sm_occupancy,
  gpu_tensor_active,
  gpu_dram_active,
  gpu_fp64_active,
  gpu_fp32_active,
  gpu_fp16_active,
  gpu_memory_total,
  gpu_memory_used,
  gpu_memory_free,
  gpu_power,
  gpu_power_limit,
  gpu_energy,
  gpu_sm_clock,
  gpu_memory_clock,
  gpu_temperature,
  gpu_memory_temperature,
  gpu_clock_slowed,
  gpu_encoder_utilization,
  gpu_decoder_utilization,
  gpu_ecc_corrected,
  gpu_ecc_uncorrected,
  gpu_rows_remapped,
  gpu_row_remap_pending,
  gpu_pcie_replays,
  gpu_pcie_generation,
  gpu_pcie_width,
  gpu_pcie_transmit,
  gpu_pcie_receive,
  gpu_nvlink_transmit,
  gpu_nvlink_receive,
  gpu_processes,
  host_cpus,
  host_cpu_busy,
  host_cpu_iowait,
  host_memory_total,
  host_memory_available,
  host_disk_read,
  host_disk_written,
  host_disk_busy,
  host_network_receive,
  host_network_transmit,
  host_pressure,
  cgroup_cpu_limit,
  cgroup_cpu_used,
  cgroup_cpu_throttled,
  cgroup_memory_limit,
  cgroup_memory_used,
  exporter_info,
  exporter_cpu,
  exporter_last_sample,
  exporter_nvml_up,
};

enum class metric_type { gauge, counter };

/// What a metric is of: sets the labels that it has besides its own.
enum class metric_scope {
  gpu,       ///< gpu, uuid, name, and of a MIG slice also slice and gpu_instance
  host,      ///< none
  exporter,  ///< none
};

/// DCGM exporter's name for the same thing and the unit of its value, which times `factor` is in ours. Without a name
/// there is none with the same meaning; two names are those of the values of an own label.
struct dcgm_equivalent {
  std::string_view name;
  std::string_view unit;
  double factor = 1;
};

struct metric {
  metric_id id;
  metric_scope scope;
  metric_type type;
  std::string_view name;  ///< of Prometheus: base unit as suffix, "_total" for counters
  std::string_view help;
  std::string_view own_labels = {};  ///< with commas
  dcgm_equivalent dcgm = {};
};

/// In the order of metric_id.
std::span<const metric> all_metrics();
const metric& metric_of(metric_id id);

/// Name of the CSV column: the metric's without "gpubench_".
std::string_view column_of(const metric& of);

}  // namespace gpubench::monitoring
