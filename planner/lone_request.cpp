#include "planner/lone_request.hpp"

#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "serving/mean_field.hpp"

namespace gpubench::planner {
namespace {

constexpr double fast_end = 0.05;

// The devices of one replica: "8 × H100", "1/4 of A10", or a CPU instance by its name.
std::string name_of(const serving_system& system, const replica_plan& plan) {
  const profiles::instance& type = *system.example;
  if (!type.has_gpu()) return type.name();
  if (type.gpu_fraction < 1) return fmt::format("{} of {}", format_number(type.gpu_fraction), type.gpu);
  return fmt::format("{} × {}", plan.split.tensor_parallel, type.gpu);
}

}  // namespace

double lone_request::seconds(const replica_plan& plan, serving::latency_metric metric, double quantile) const {
  return serving::mean_field_at(serving::model_at(plan.model, plan.error, quantile), prompt_tokens_, output_tokens_, 1)
      .seconds_of(metric);
}

latency_floor lone_request::floor_of(const serving::latency_limit& limit,
                                     const std::vector<const serving_system*>& systems) const {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  latency_floor floor{limit, infinite, infinite, {}};
  for (const serving_system* system : systems) {
    for (const replica_plan& plan : system->plans.all) {
      floor.low_seconds = std::min(floor.low_seconds, seconds(plan, limit.metric, fast_end));
      const double here = seconds(plan, limit.metric, 0.5);
      if (here >= floor.seconds) continue;
      floor.seconds = here;
      floor.system = name_of(*system, plan);
    }
  }
  return floor;
}

lone_request::worst_limit lone_request::worst_of(const replica_plan& plan) const {
  worst_limit worst;
  for (const serving::latency_limit& limit : limits_) {
    const double ratio = seconds(plan, limit.metric, confidence_) / limit.seconds;
    if (ratio > worst.ratio) worst = {&limit, ratio};
  }
  return worst;
}

std::string lone_request::excess(const serving_system& system) const {
  worst_limit least{nullptr, std::numeric_limits<double>::infinity()};
  for (const replica_plan& plan : system.plans.all) {
    const worst_limit here = worst_of(plan);
    if (here.ratio < least.ratio) least = here;
  }
  if (!(least.ratio > 1) || least.limit == nullptr) return "no number of replicas keeps the limits in the simulation";
  return fmt::format("a request alone takes {} of {} at {} %, limit {}",
                     format_duration(least.ratio * least.limit->seconds), to_string(least.limit->metric),
                     serving::plain_percent(confidence_), format_duration(least.limit->seconds));
}

std::string lone_request::nearest_miss(const std::vector<const serving_system*>& systems) const {
  worst_limit least{nullptr, std::numeric_limits<double>::infinity()};
  const serving_system* nearest = nullptr;
  const replica_plan* layout = nullptr;
  for (const serving_system* system : systems) {
    for (const replica_plan& plan : system->plans.all) {
      const worst_limit here = worst_of(plan);
      if (here.ratio >= least.ratio) continue;
      least = here;
      nearest = system;
      layout = &plan;
    }
  }
  if (nearest == nullptr || least.limit == nullptr) return {};
  const serving::latency_limit& limit = *least.limit;
  const std::string option =
      fmt::format("relax --{}-p{}", to_string(limit.metric), serving::plain_percent(limit.quantile));
  if (least.ratio <= 1)
    return fmt::format(
        "nearest is {}, where a request alone keeps the limits but not those that arrive, however many "
        "replicas there are; {}",
        name_of(*nearest, *layout), option);
  return fmt::format("nearest is {}: a request alone takes {} of {} at {} % (predicted {}); {}",
                     name_of(*nearest, *layout), format_duration(least.ratio * limit.seconds), to_string(limit.metric),
                     serving::plain_percent(confidence_), format_duration(seconds(*layout, limit.metric, 0.5)), option);
}

}  // namespace gpubench::planner
