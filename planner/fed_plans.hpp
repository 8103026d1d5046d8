#pragma once

#include "planner/helper_hosts.hpp"
#include "planner/system_planner.hpp"

#include <functional>

namespace gpubench::planner {

/// Calls body(helpers, plan with them) for each plan of a system that helpers could feed and that then keeps the rate
/// asked for. On spot with a rate also with one and two helpers more: interruptions cost some of the speed that just
/// keeps it.
/// @param usd_per_hour  of one instance of the system
void for_each_fed(const system_plan& system, const helper_hosts& hosts, const profiles::instance& type,
                  const profiles::price& offer, double usd_per_hour, const profiles::workload& what,
                  const constraints& limits,
                  const std::function<void(const helper_plan& helpers, const node_plan& plan)>& body);

/// Less than this the work of a plan cannot cost: interruptions, start-up and the rest only add to it. Spot has
/// checkpoints at an interval of its own in place of the plan's.
/// @param usd_per_hour  of all its nodes and helpers
double least_usd(const node_plan& plan, const profiles::price& offer, double usd_per_hour);

}  // namespace gpubench::planner
