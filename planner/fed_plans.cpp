#include "planner/fed_plans.hpp"

#include "core/units.hpp"

namespace gpubench::planner {

void for_each_fed(const system_plan& system, const helper_hosts& hosts, const profiles::instance& type,
                  const profiles::price& offer, double usd_per_hour, const profiles::workload& what,
                  const constraints& limits,
                  const std::function<void(const helper_plan& helpers, const node_plan& plan)>& body) {
  const bool may_need_spare = offer.model == profiles::price_model::spot && rate_asked_for(what, limits);
  for (const node_plan& alone : system.feasible) {
    for (int spare = 0; spare <= (may_need_spare ? 2 : 0); ++spare) {
      const auto helpers = hosts.beside(type, offer, alone, usd_per_hour, spare);
      if (!helpers) continue;
      const node_plan fed = fed_by(*helpers, alone, what, limits);
      if (fed.keeps_rate) body(*helpers, fed);
    }
  }
}

double least_usd(const node_plan& plan, const profiles::price& offer, double usd_per_hour) {
  const double checkpoints = offer.model == profiles::price_model::spot ? plan.speed.host.checkpoint_share : 0;
  return usd_per_hour / seconds_per_hour * plan.mean_seconds / (1 + checkpoints);
}

}  // namespace gpubench::planner
