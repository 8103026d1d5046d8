#include "core/text.hpp"
#include "report/measured.hpp"
#include "report/sentences.hpp"
#include "report/serving.hpp"
#include "report/sink.hpp"
#include "report/table.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>

namespace gpubench::report {
namespace {

using row_values = std::map<std::string, table::value>;

// One header for both kinds of record, so that a file holds what the other forms hold; `record` says which it is.
const std::vector<std::string>& keys() {
  static const std::vector<std::string> names{"record",
                                              "workload",
                                              "rank",
                                              "provider",
                                              "instance_type",
                                              "region",
                                              "price_model",
                                              "price_date",
                                              "price_source",
                                              "price_is_old",
                                              "nodes",
                                              "gpu",
                                              "gpus",
                                              "split",
                                              "job_seconds",
                                              "job_low_seconds",
                                              "job_high_seconds",
                                              "usd_per_hour",
                                              "cost_usd",
                                              "cost_low_usd",
                                              "cost_high_usd",
                                              "expected_cost_usd",
                                              "regret_usd",
                                              "unit",
                                              "usd_per_million_units",
                                              "units_per_second",
                                              "probability_in_deadline",
                                              "violation_risk",
                                              "bound_by",
                                              "basis",
                                              "on_pareto_front",
                                              "benchmark",
                                              "parameters",
                                              "device",
                                              "phase",
                                              "status",
                                              "reason",
                                              "samples",
                                              "median_ns",
                                              "median_low_ns",
                                              "median_high_ns",
                                              "flop_per_second",
                                              "bytes_per_second",
                                              "items_per_second",
                                              "busbw_bytes_per_second",
                                              "fraction_of_peak",
                                              "peak_kind",
                                              "verified",
                                              "stopped_by",
                                              "throttled_samples",
                                              "power_watts",
                                              "energy_joules",
                                              "method",
                                              "flags",
                                              "imported_from",
                                              "broken_limit",
                                              "policy",
                                              "committed_instances",
                                              "commitment_term",
                                              "mean_instances",
                                              "peak_instances",
                                              "spot_hours",
                                              "on_demand_hours",
                                              "late_fraction",
                                              "longest_wait_seconds",
                                              "peak_backlog_units",
                                              "oracle_bound_usd",
                                              "quota_month",
                                              "budget_month",
                                              "requests_per_second",
                                              "instances",
                                              "spares",
                                              "replicas",
                                              "tensor_parallel",
                                              "usd_per_month",
                                              "probability_kept",
                                              "headroom",
                                              "utilisation",
                                              "availability",
                                              "ttft_p50_seconds",
                                              "ttft_p95_seconds",
                                              "ttft_p99_seconds",
                                              "tpot_p50_seconds",
                                              "tpot_p95_seconds",
                                              "tpot_p99_seconds",
                                              "e2e_p50_seconds",
                                              "e2e_p95_seconds",
                                              "e2e_p99_seconds"};
  return names;
}

template <typename T>
table::value optional_value(const std::optional<T>& value) {
  return value ? table::value(static_cast<double>(*value)) : table::value();
}

table::value finite(double value) {
  return std::isfinite(value) ? table::value(value) : table::value();
}

row_values service_row(const planner::serving_answer& answer, std::size_t index) {
  const auto& c = answer.ranked[index];
  const auto& size = *c.size;
  const auto offer = as_candidate(c);
  row_values row{{"record", "service"},
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

row_values ranking_row(const planner::recommendation& answer, std::size_t index) {
  const auto& c = answer.ranked[index];
  row_values row{{"record", "ranking"},
                 {"workload", answer.workload.name},
                 {"rank", static_cast<double>(index + 1)},
                 {"nodes", static_cast<double>(c.nodes)},
                 {"gpus", static_cast<double>(c.devices)},
                 {"split", c.split},
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

row_values measurement_row(const results::run& run, const results::measurement& m) {
  row_values row{{"record", "measurement"},
                 {"benchmark", m.benchmark},
                 {"parameters", results::to_string(m.params)},
                 {"device", m.device},
                 {"status", std::string(results::to_string(m.status))},
                 {"reason", m.reason},
                 {"flop_per_second", optional_value(m.rate.flop_per_second)},
                 {"bytes_per_second", optional_value(m.rate.bytes_per_second)},
                 {"items_per_second", optional_value(m.rate.items_per_second)},
                 {"busbw_bytes_per_second", optional_value(m.rate.busbw_bytes_per_second)},
                 {"power_watts", optional_value(m.telemetry.power_watts)},
                 {"energy_joules", optional_value(m.telemetry.energy_joules)},
                 {"method", method_of(m)},
                 {"flags", join(flags_of(m), "; ")}};
  if (m.phase != results::measurement_phase::normal) row["phase"] = std::string(results::to_string(m.phase));
  if (m.time_ns) {
    if (m.telemetry.throttled_samples)
      row["throttled_samples"] = static_cast<double>(m.telemetry.throttled_samples->size());
    row["samples"] = static_cast<double>(m.time_ns->n);
    row["median_ns"] = m.time_ns->median;
    if (m.time_ns->median_interval) {
      row["median_low_ns"] = m.time_ns->median_interval->low;
      row["median_high_ns"] = m.time_ns->median_interval->high;
    }
  }
  if (!m.time_ns && m.reported) row["median_ns"] = optional_value(m.reported->time_ns.median);
  if (run.provenance) row["imported_from"] = results::tools_of(*run.provenance);
  if (m.peak) {
    row["fraction_of_peak"] = m.peak->fraction;
    row["peak_kind"] = m.peak->kind;
  }
  if (m.verification) row["verified"] = m.verification->passed();
  if (m.stopped_by) row["stopped_by"] = std::string(results::to_string(*m.stopped_by));
  return row;
}

row_values plan_row(const planned_workload& planned, const capacity::offer_plan& one,
                    const capacity::policy_result& result, std::optional<std::size_t> rank) {
  row_values row{{"record", "plan"},
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

void write(const document& content, const style&, std::ostream& out) {
  std::vector<table::column> columns;
  for (const auto& key : keys()) columns.push_back({key, key, 4});
  table records(columns);
  const auto add = [&](const row_values& values) {
    std::vector<table::value> row;
    for (const auto& key : keys()) {
      const auto found = values.find(key);
      row.push_back(found == values.end() ? table::value() : found->second);
    }
    records.add_row(std::move(row));
  };
  for (const auto& answer : content.recommendations)
    for (std::size_t i = 0; i < answer.ranked.size(); ++i) add(ranking_row(answer, i));
  for (const auto& planned : content.plans) {
    const auto& plan = planned.plan;
    for (std::size_t i = 0; i < plan.ranked.size(); ++i)
      for (const auto& result : plan.ranked[i].policies)
        add(plan_row(planned, plan.ranked[i], result,
                     &result == &plan.ranked[i].best() ? std::optional(i + 1) : std::nullopt));
    for (const auto& one : plan.refused)
      for (const auto& result : one.policies) add(plan_row(planned, one, result, std::nullopt));
  }
  for (const auto& answer : content.services)
    for (std::size_t i = 0; i < answer->ranked.size(); ++i) add(service_row(*answer, i));
  if (content.run)
    for (const auto& m : content.run->measurements) add(measurement_row(*content.run, m));
  records.write_csv(out);
}

const sink_registration registered{
    {"csv", "one line for each ranked offer, planned policy and measurement, full precision", write}};

}  // namespace
}  // namespace gpubench::report
