#include "report/records.hpp"

#include "report/sentences.hpp"
#include "report/serving.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>

namespace gpubench::report {
namespace {

template <typename T>
table::value optional_value(const std::optional<T>& value) {
  return value ? table::value(static_cast<double>(*value)) : table::value();
}

table::value finite(double value) {
  return std::isfinite(value) ? table::value(value) : table::value();
}

record service_row(const planner::serving_answer& answer, std::size_t index) {
  const auto& c = answer.ranked[index];
  const auto& size = *c.size;
  const auto offer = as_candidate(c);
  record row{{"record", "service"},
             {"workload", answer.workload.name},
             {"rank", static_cast<double>(index + 1)},
             {"provider", c.instance->provider},
             {"instance_type", c.instance->type},
             {"region", c.price->region},
             {"price_model", std::string(profiles::to_string(c.price->model))},
             {"price_date", c.price->origin.date},
             {"price_source", c.price->origin.source},
             {"nodes", static_cast<double>(offer.nodes)},
             {"gpus", static_cast<double>(offer.devices)},
             {"usd_per_hour", c.usd_per_hour},
             {"unit", answer.workload.unit},
             {"usd_per_million_units", c.usd_per_million_output_tokens},
             {"basis", std::string(predictor::to_string(size.basis))},
             {"requests_per_second", answer.requests_per_second},
             {"instances", static_cast<double>(size.instances)},
             {"spares", static_cast<double>(size.spares)},
             {"replicas", static_cast<double>(size.replicas)},
             {"tensor_parallel", static_cast<double>(size.split.tensor_parallel)},
             {"usd_per_month", c.usd_per_month},
             {"probability_kept", size.probability_kept},
             {"headroom", size.headroom},
             {"utilisation", size.utilisation},
             {"availability", size.availability}};
  if (c.instance->has_gpu()) row["gpu"] = c.instance->gpu;
  if (c.price->model == profiles::price_model::commitment) row["commitment_term"] = c.price->term;
  for (const auto metric : {serving::latency_metric::ttft, serving::latency_metric::tpot, serving::latency_metric::e2e})
    for (const int percentile : {50, 95, 99})
      row[fmt::format("{}_p{}_seconds", to_string(metric), percentile)] =
          finite(latency_of(size.predicted, metric, percentile / 100.0));
  return row;
}

record ranking_row(const planner::recommendation& answer, std::size_t index) {
  const auto& c = answer.ranked[index];
  record row{{"record", "ranking"},
             {"workload", answer.workload.name},
             {"rank", static_cast<double>(index + 1)},
             {"nodes", static_cast<double>(c.nodes)},
             {"gpus", static_cast<double>(c.devices)},
             {"split", c.split},
             {"helpers", c.helpers ? c.helpers->name() : std::string()},
             {"job_seconds", c.job.seconds},
             {"job_low_seconds", c.job.low},
             {"job_high_seconds", c.job.high},
             {"usd_per_hour", c.usd_per_hour},
             {"cost_usd", c.cost_usd},
             {"cost_low_usd", c.cost_low_usd},
             {"cost_high_usd", c.cost_high_usd},
             {"expected_cost_usd", c.expected_cost_usd},
             {"regret_usd", c.regret_usd},
             {"unit", answer.workload.unit},
             {"usd_per_million_units", c.usd_per_million_units},
             {"units_per_second", c.units_per_second},
             {"bound_by", std::string(predictor::to_string(c.step.bound_by))},
             {"basis", std::string(predictor::to_string(c.job.basis))},
             {"on_pareto_front", c.on_pareto_front}};
  if (answer.limits.deadline_seconds) row["probability_in_deadline"] = c.probability_in_deadline;
  if (answer.limits.deadline_seconds || answer.limits.budget_usd) row["violation_risk"] = 1 - c.probability_all_limits;
  if (c.instance) {
    row["provider"] = c.instance->provider;
    row["instance_type"] = c.instance->type;
    row["gpu"] = c.instance->gpu;
  }
  if (c.price) {
    row["region"] = c.price->region;
    row["price_model"] = std::string(profiles::to_string(c.price->model));
    if (c.price->model == profiles::price_model::commitment) row["commitment_term"] = c.price->term;
    row["price_date"] = c.price->origin.date;
    row["price_source"] = c.price->origin.source;
    row["price_is_old"] = c.price_is_old;
  }
  return row;
}

record plan_row(const planned_workload& planned, const capacity::offer_plan& one, const capacity::policy_result& result,
                std::optional<std::size_t> rank) {
  record row{{"record", "plan"},
             {"workload", planned.workload.name},
             {"rank", optional_value(rank)},
             {"provider", one.from.provider},
             {"instance_type", one.from.instance_type},
             {"region", one.from.region},
             {"cost_usd", result.paid.total_usd()},
             {"unit", planned.workload.unit},
             {"units_per_second", one.from.units_per_second},
             {"policy", std::string(capacity::to_string(result.how))},
             {"committed_instances", static_cast<double>(result.paid.most_committed())},
             {"mean_instances", result.mean_instances},
             {"peak_instances", static_cast<double>(result.peak_instances())},
             {"spot_hours", result.paid.spot_hours},
             {"on_demand_hours", result.paid.on_demand_hours},
             {"late_fraction", result.service.late_fraction()},
             {"longest_wait_seconds", result.service.longest_wait_seconds},
             {"peak_backlog_units", result.service.peak_backlog_units},
             {"oracle_bound_usd", optional_value(one.bound_usd)}};
  if (result.paid.bought) row["commitment_term"] = result.paid.bought->term;
  // What is said of the offer holds for the policy that was chosen for it.
  if (&result != &one.best()) return row;
  row["quota_month"] = optional_value(one.quota_month);
  row["budget_month"] = optional_value(one.budget_month);
  if (one.broken != capacity::plan_limit::none) row["broken_limit"] = std::string(to_string(one.broken));
  return row;
}

}  // namespace

std::vector<record> ranking_records(const document& content) {
  std::vector<record> all;
  for (const auto& answer : content.recommendations)
    for (std::size_t i = 0; i < answer.ranked.size(); ++i) all.push_back(ranking_row(answer, i));
  return all;
}

std::vector<record> plan_records(const document& content) {
  std::vector<record> all;
  for (const auto& planned : content.plans) {
    const auto& plan = planned.plan;
    for (std::size_t i = 0; i < plan.ranked.size(); ++i)
      for (const auto& result : plan.ranked[i].policies)
        all.push_back(plan_row(planned, plan.ranked[i], result,
                               &result == &plan.ranked[i].best() ? std::optional(i + 1) : std::nullopt));
    for (const auto& one : plan.refused)
      for (const auto& result : one.policies) all.push_back(plan_row(planned, one, result, std::nullopt));
  }
  return all;
}

std::vector<record> service_records(const document& content) {
  std::vector<record> all;
  for (const auto& answer : content.services)
    for (std::size_t i = 0; i < answer->ranked.size(); ++i) all.push_back(service_row(*answer, i));
  return all;
}

std::vector<record> all_records(const document& content) {
  auto all = ranking_records(content);
  for (auto& part : {plan_records(content), service_records(content), measurement_records(content)})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace gpubench::report
