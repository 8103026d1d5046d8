#include "planner/performance.hpp"

namespace gpubench::planner {

outcome plan_host(const system_under_plan& system, const profiles::workload& what) {
  if (system.host_cores <= 0) return {std::nullopt, rejection_reason::no_data, "the number of its cores is not known"};
  if (!system.core_time) return {std::nullopt, rejection_reason::no_data, "a device by itself has no cores to work on"};
  // A step is one unit on each core: what they take is the step itself, and no wait beside one.
  profiles::workload reading = what;
  reading.host_cpu_seconds_per_unit = 0;
  estimate_sum parts;
  parts.add(*system.core_time);
  performance best =
      with_host(system, reading, parts, *system.core_time, system.links.nodes * system.host_cores / system.sharing);
  best.split.precision = what.precision;
  return {best, rejection_reason::no_data, {}};
}

}  // namespace gpubench::planner
