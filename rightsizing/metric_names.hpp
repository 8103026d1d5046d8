#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rightsizing/history.hpp"

namespace gpubench::rightsizing {

/// How one exporter's metric becomes a signal.
struct known_metric {
  std::string_view name;
  signal of;
  double factor = 1;          ///< our unit for one of the metric's
  std::string_view unit;      ///< the metric's, for people
  std::string_view exporter;  ///< "DCGM exporter"
};

/// Of Prometheus. Names are told apart by their suffix: nvidia_gpu_exporter's have units ("_ratio", "_bytes"),
/// Telegraf's of the same stem are per cent and MiB.
const std::vector<known_metric>& prometheus_metrics();

/// Of `nvidia-smi --query-gpu`, without "[unit]": "utilization.gpu". The unit is that of nvidia-smi where a log names
/// none.
const std::vector<known_metric>& nvidia_smi_fields();

/// Of the CloudWatch agent.
const std::vector<known_metric>& cloudwatch_metrics();

/// Our own log, by column: "gpu_utilization_ratio".
const std::vector<known_metric>& monitor_columns();

const known_metric* find_metric(const std::vector<known_metric>& among, std::string_view name);

/// "gpu_utilization from DCGM_FI_DEV_GPU_UTIL (DCGM exporter), %".
std::string unit_sentence(const known_metric& used);

}  // namespace gpubench::rightsizing
