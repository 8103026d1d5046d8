#include <fmt/format.h>

#include <string>
#include <vector>

#include "monitoring/dashboard.hpp"
#include "monitoring/metrics.hpp"

namespace gpubench::monitoring {
namespace {

using enum metric_id;

struct rule {
  const char* name;
  std::string condition;
  const char* lasting;  ///< before it fires
  const char* severity;
  const char* summary;
  const char* description;
};

std::string name(metric_id id) {
  return std::string(metric_of(id).name);
}

// Thresholds are judgements, each said in its description, but for those that the driver itself draws: a slowdown
// reason, a lost GPU, a pending remap.
std::vector<rule> rules() {
  return {
      {"GpuLost", name(gpu_up) + " == 0", "1m", "critical",
       "GPU {{ $labels.gpu }} of {{ $labels.instance }} does not answer",
       "The driver lost it, or may not ask it. Look for Xid lines in the kernel log; drain the machine and reset the "
       "GPU."},
      {"GpuSamplesOld", fmt::format("time() - {} > 60", name(exporter_last_sample)), "1m", "warning",
       "{{ $labels.instance }} serves values that are {{ $value | humanizeDuration }} old",
       "The exporter has ended and its text file is still there, the file is written less often than once a minute, or "
       "the clocks of the two machines differ."},
      {"GpuThermalSlowdown",
       fmt::format("{}{{reason=~\"sw_thermal_slowdown|hw_thermal_slowdown\"}} == 1", name(gpu_clock_slowed)), "5m",
       "warning", "GPU {{ $labels.gpu }} of {{ $labels.instance }} is too hot and runs slower",
       "The driver has lowered the clock for five minutes. Look at fans, air flow and neighbours."},
      {"GpuPowerBrake",
       fmt::format("{}{{reason=~\"hw_power_brake_slowdown|hw_slowdown\"}} == 1", name(gpu_clock_slowed)), "5m",
       "warning", "GPU {{ $labels.gpu }} of {{ $labels.instance }} is held back by hardware",
       "The power brake or another hardware limit has lowered the clock for five minutes. Look at the power supplies."},
      {"GpuUncorrectedMemoryErrors", fmt::format("increase({}[1h]) > 0", name(gpu_ecc_uncorrected)), "0m", "critical",
       "GPU {{ $labels.gpu }} of {{ $labels.instance }} had uncorrectable memory errors",
       "Results of that time may be wrong, and jobs have ended. Reset the GPU; exchange it if errors come back."},
      {"GpuRowRemapPending", name(gpu_row_remap_pending) + " == 1", "0m", "warning",
       "GPU {{ $labels.gpu }} of {{ $labels.instance }} waits for a reset to replace a memory row",
       "Drain the machine and reset the GPU."},
      {"GpuPcieReplays", fmt::format("rate({}[15m]) * 60 > 1", name(gpu_pcie_replays)), "15m", "warning",
       "GPU {{ $labels.gpu }} of {{ $labels.instance }} sends PCIe packets again",
       "More than one a minute: a bad slot, riser or cable. Copies are slower than they should be."},
      {"GpuMemoryNearlyFull", fmt::format("{} / {} > 0.95", name(gpu_memory_used), name(gpu_memory_total)), "10m",
       "info", "Memory of GPU {{ $labels.gpu }} of {{ $labels.instance }} is nearly full",
       "Above 95 % for ten minutes. Frameworks that keep memory for later do this by themselves; else the next larger "
       "batch fails."},
      {"GpuIdle",
       fmt::format("avg_over_time({}[1h]) < 0.05 or (avg_over_time({}[1h]) < 0.05 unless {})", name(gpu_utilization),
                   name(gpu_graphics_engine_active), name(gpu_utilization)),
       "1h", "info", "GPU {{ $labels.gpu }} of {{ $labels.instance }} has nothing to do",
       "Below 5 % for two hours: it costs what a busy one costs. gpubench rightsize says what would do."},
      {"GpuWaitsForHost",
       fmt::format("avg by (instance, job) (avg_over_time({}[10m])) < 0.5 and on (instance, job) "
                   "rate({}[10m]) / {} > 0.9",
                   name(gpu_utilization), name(host_cpu_busy), name(host_cpus)),
       "10m", "warning", "GPUs of {{ $labels.instance }} wait for its CPUs",
       "CPUs are above 90 % and GPUs below 50 %. More CPUs a GPU, or preparing data elsewhere, makes the GPUs work."},
      {"ContainerHeldBackByCpuLimit", fmt::format("rate({}[10m]) > 0.25", name(cgroup_cpu_throttled)), "10m", "warning",
       "The container of {{ $labels.instance }} is held back by its CPU limit",
       "More than a quarter of the time of one CPU. Raise the limit, or start fewer threads."},
      {"HostMemoryLow", fmt::format("{} / {} < 0.05", name(host_memory_available), name(host_memory_total)), "10m",
       "warning", "{{ $labels.instance }} has little memory left",
       "Below 5 %. Data loaders are among the first that the kernel ends."},
  };
}

/// A YAML scalar in double quotes.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

}  // namespace

std::string alert_rules() {
  std::string text =
      "# Made by gpubench monitor --write-rules from its list of metrics. Check: promtool check rules FILE\n"
      "groups:\n  - name: gpubench\n    rules:\n";
  for (const auto& each : rules())
    text += fmt::format(
        "      - alert: {}\n        expr: {}\n        for: {}\n        labels:\n          severity: {}\n"
        "        annotations:\n          summary: {}\n          description: {}\n",
        each.name, quoted(each.condition), each.lasting, each.severity, quoted(each.summary), quoted(each.description));
  return text;
}

}  // namespace gpubench::monitoring
