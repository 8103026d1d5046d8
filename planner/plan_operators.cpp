#include "planner/listed_operators.hpp"
#include "planner/performance.hpp"

#include <algorithm>

namespace gpubench::planner {

outcome plan_operators(const system_under_plan& system, const profiles::workload& what, models::precision precision) {
  layout split;
  split.precision = precision;
  split.data_parallel = std::min(system.links.devices(), what.most_devices.value_or(system.links.devices()));
  memory_need need;
  need.activations = what.device_memory_bytes;
  need.reserve = reserved_memory(*system.device, 1, false);
  if (need.total() > system.device->memory_bytes)
    return {std::nullopt, rejection_reason::memory, memory_shortage(need.total(), *system.device)};
  const timed_list list = time_list(what, *system.device, *system.model);
  if (!list.missing.empty()) return {std::nullopt, list.reason, list.missing};
  estimate_sum parts;
  for (const timed_entry& entry : list.entries) parts.add(entry.each, entry.op->count);
  performance best =
      with_host(system, what, parts, parts.total(), what.units_per_step * static_cast<double>(split.data_parallel));
  best.split = split;
  best.memory = need;
  return {best, rejection_reason::memory, {}};
}

}  // namespace gpubench::planner
