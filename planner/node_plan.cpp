#include "planner/node_plan.hpp"

#include "planner/duration_spread.hpp"

#include <algorithm>

namespace gpubench::planner {

std::optional<double> rate_asked_for(const profiles::workload& what, const constraints& limits) {
  return limits.rate_units_per_second ? limits.rate_units_per_second : what.rate_units_per_second;
}

void settle(node_plan& plan, const profiles::workload& what, const constraints& limits) {
  const performance& speed = plan.speed;
  const double steps = what.total_units / speed.units_per_second / speed.step.seconds;
  plan.work = speed.step;
  for (double* seconds : {&plan.work.seconds, &plan.work.low, &plan.work.high}) *seconds *= steps;
  plan.job = plan.work;
  plan.sustained_units_per_second =
      speed.units_per_second * speed.step.seconds / duration_at_confidence(speed.step, limits.confidence);
  if (const auto rate = rate_asked_for(what, limits)) {
    plan.keeps_rate = plan.sustained_units_per_second >= *rate * (1 - 1e-9);  // hosts may be sized for it exactly
    plan.arriving_seconds = what.total_units / *rate;
    for (double* seconds : {&plan.job.seconds, &plan.job.low, &plan.job.high})
      *seconds = std::max(*seconds, plan.arriving_seconds);
  }
  plan.mean_seconds = mean_duration(plan.job);
  plan.seconds_at_confidence = duration_at_confidence(plan.job, limits.confidence);
  if (limits.deadline_seconds) plan.probability_in_deadline = probability_within(plan.job, *limits.deadline_seconds);
}

}  // namespace gpubench::planner
