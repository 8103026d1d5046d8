#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::rightsizing {

/// What is known of a GPU over time. Fractions are 0 to 1, memory is in bytes, rates in bytes a second.
enum class signal {
  gpu_utilization,  ///< share of time with a kernel, however small: nvidia-smi's figure
  engine_active,    ///< share of time with the engine active: the same from hardware counters, under MIG too
  sm_active,        ///< share of multiprocessors and time with work
  tensor_active,    ///< tensor cores over their peak
  dram_active,      ///< memory traffic over the peak bandwidth
  fp64_active,
  fp32_active,
  fp16_active,
  memory_used,
  memory_free,
  memory_total,
  pcie_transmit,
  pcie_receive,
  nvlink_transmit,
  nvlink_receive,
  host_cpu,         ///< of the CPUs that the work may use, the share in use
  host_cores_used,  ///< CPUs in use
};
/// "gpu_utilization", ...
std::string_view to_string(signal of);
/// Whether it is a fraction, 0 to 1.
bool is_fraction(signal of);
/// Whether it tells of the host and not of the GPU: it is there without one.
bool is_of_host(signal of);

struct observation {
  double at_seconds = 0;  ///< since 1970
  double value = 0;
};
using series = std::vector<observation>;

/// One GPU, or one slice of one. What its source does not say is empty.
struct device_history {
  std::string host, gpu, uuid, model;
  std::string slice;          ///< "1g.10gb"
  std::string instance_type;  ///< "p4d.24xlarge"
  std::string owner;          ///< "namespace/pod", a team; the one that had it longest
  std::map<signal, series> signals;
  series utilization_peaks;  ///< the largest reading of each step, where those of gpu_utilization are means and low

  const series* find(signal of) const {
    const auto found = signals.find(of);
    return found == signals.end() || found->second.empty() ? nullptr : &found->second;
  }
};

struct history {
  std::vector<device_history> devices;
  double begin_seconds = 0, end_seconds = 0, step_seconds = 0;
  bool are_means = false;          ///< of several readings, each observation of a GPU's activity
  std::string source;              ///< "Prometheus at http://...", a file's name
  std::vector<std::string> units;  ///< which metric was taken for what, in which unit: a sentence each
  std::vector<std::string> notes;  ///< what was left out or taken in another unit than its name says
};

/// Whether it is never above 1 %, as fractions under a name of per cent are.
bool is_low_utilization(const series& values);

/// Puts the observations of each signal in order of time. Two at the same time (one GPU seen by two pods) become the
/// larger. Fractions most of which are above 1 are percentages, and so are those of which more than one and more than
/// a hundredth are above 1 and the largest is that of a busy GPU; with them is all that the same exporter writes of
/// the GPU. Where the largest does not tell, the signal is left out. Memory most of which cannot be bytes is MiB, and
/// the other way about. Single observations that the signal cannot have are left out: a driver's blank value, a broken
/// line. All of it is noted.
void settle(history& all);

}  // namespace gpubench::rightsizing
