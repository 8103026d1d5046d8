#pragma once

#include "planner/measured_host.hpp"
#include "planner/prediction.hpp"
#include "profiles/catalogue.hpp"
#include "profiles/instance.hpp"
#include "profiles/workload.hpp"

#include <optional>
#include <vector>

namespace gpubench::planner {

/// How long one core of an instance takes for a unit of a workload of kind `host`. As the latest run measured it on
/// that instance type; else as the latest run, or the workload itself, says of another machine, times the ratio of the
/// two CPUs' all-core turbo clocks in the catalogue, 1 where one of them is not known. Intervals are assumed: 0.95
/// to 1.25 on the type itself (what runs on all cores at once is slower), 0.85 to 1.4 on the same CPU, else 0.7 to 2.2,
/// as cores of other kinds do more or less in a cycle. Nothing where the workload takes no core's time, as on a device
/// by itself.
std::optional<estimate> core_time(const profiles::workload& what, const std::vector<measured_host>& measured,
                                  const profiles::instance& type, const profiles::catalogue& known);

}  // namespace gpubench::planner
