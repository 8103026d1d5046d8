#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rightsizing/history.hpp"

namespace gpubench::rightsizing {

/// A signal over the time that it was observed.
struct spread {
  double mean = 0, p95 = 0, max = 0;
};

/// What one GPU or slice did in the window; fractions 0 to 1.
struct device_summary {
  std::string host, gpu, uuid, model, slice, instance_type, owner;
  double covered = 0;  ///< share of the window with observations of the activity, without it of the GPU's other signals
  double observed_seconds = 0;
  /// The engine's activity, else nvidia-smi's utilisation; absent where neither was observed.
  std::optional<spread> activity;
  bool activity_is_engine = false;
  std::optional<double> busy_time;  ///< share of observed steps in which the GPU was active at all
  std::optional<double> busy_p95;   ///< 95th percentile of the activity over those steps: how full it is when it works
  /// Share of the hours of a week, by the window's mean of each, in which the GPU did nothing, in stretches of two
  /// hours or more: it can be off then. Absent for windows below two days.
  std::optional<double> idle_hours;
  /// Means over the busy steps: what the work does to the GPU while it runs.
  std::optional<double> sm_active, tensor_active, dram_active, fp64_active, fp32_active, fp16_active;
  std::optional<double> host_cpu, host_cores_used_p95;
  std::optional<double> pcie_bytes_per_second;    ///< the larger direction
  std::optional<double> nvlink_bytes_per_second;  ///< likewise
  std::optional<double> memory_used_max_bytes, memory_total_bytes;
  /// Memory in use was the same all the time, work or none: a framework keeps it, and what it needs is not known.
  bool memory_is_reserved = false;
};

/// A step counts as busy above this: below it, activity is monitoring's own and rounding's. Judgement.
inline constexpr double busy_from = 0.02;

std::vector<device_summary> summarize(const history& all);

/// Share of the window in which a machine works: that of its GPU that did the most. All of them together may be longer.
double working_time(const std::vector<device_summary>& devices);
/// The share of the week's hours in which none of them had work, two or more in a row; 0 where that is not known.
double idle_hours_of(const std::vector<device_summary>& devices);
/// "12.0 min, 3 % of the window", of the one that was seen least.
std::string observed_time_of(const std::vector<device_summary>& devices);

}  // namespace gpubench::rightsizing
