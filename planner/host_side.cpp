#include "planner/host_side.hpp"

#include "core/units.hpp"
#include "planner/job_state.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::planner {

std::optional<double> slower_of(const std::optional<double>& a, const std::optional<double>& b) {
  if (a && b) return std::min(*a, *b);
  return a ? a : b;
}

host_pace pace_of(const profiles::workload& what, double cores, double network_bytes_per_second, int nodes,
                  double sharing, const storage_rates& measured) {
  host_pace pace;
  if (what.host_cpu_seconds_per_unit > 0 && cores > 0)
    pace.prepared_units_per_second = nodes * cores / what.host_cpu_seconds_per_unit;
  // Cores and network are given as shared; what the workload says of storage is a whole node's.
  std::optional<double> rate = what.storage_bytes_per_second;
  if (rate) *rate /= sharing;
  if (network_bytes_per_second > 0) rate = std::min(rate.value_or(network_bytes_per_second), network_bytes_per_second);
  const auto of_device = [&](const std::optional<double>& node) {
    return node ? std::optional(*slower_of(node, what.storage_bytes_per_second) / sharing) : rate;
  };
  const auto read = of_device(measured.read_bytes_per_second), write = of_device(measured.checkpoint_bytes_per_second);
  if (read && what.bytes_read_per_unit > 0) pace.read_units_per_second = nodes * *read / what.bytes_read_per_unit;
  // Every node writes its part.
  if (write && what.checkpoint_interval_seconds)
    pace.checkpoint_share = checkpoint_bytes(what) / (*write * nodes) / *what.checkpoint_interval_seconds;
  return pace;
}

std::string host_sentence(const profiles::workload& what, const host_pace& host, double cores,
                          double device_units_per_second, double units_per_second) {
  if (host.prepared_units_per_second && units_per_second < 0.99 * device_units_per_second) {
    return std::to_string(std::lround(cores)) + " cores prepare " + format_number(*host.prepared_units_per_second) +
           " " + what.unit + "s/s, the devices could take " + format_number(device_units_per_second);
  }
  if (host.read_units_per_second && *host.read_units_per_second < 1.01 * units_per_second)
    return "storage and network deliver " + format_number(*host.read_units_per_second) + " " + what.unit + "s/s";
  if (host.checkpoint_share > 0.05)
    return "writing checkpoints adds " + format_number(100 * host.checkpoint_share, 2) + " % to the time";
  return {};
}

}  // namespace gpubench::planner
