#include "core/text.hpp"
#include "report/measured.hpp"
#include "report/sentences.hpp"
#include "report/sink.hpp"
#include "report/table.hpp"

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
                                              "flags"};
  return names;
}

template <typename T>
table::value optional_value(const std::optional<T>& value) {
  return value ? table::value(static_cast<double>(*value)) : table::value();
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
    row["price_model"] = price_model_name(*c.price);
    row["price_date"] = c.price->origin.date;
    row["price_source"] = c.price->origin.source;
    row["price_is_old"] = c.price_is_old;
  }
  return row;
}

row_values measurement_row(const results::measurement& m) {
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
  if (m.peak) {
    row["fraction_of_peak"] = m.peak->fraction;
    row["peak_kind"] = m.peak->kind;
  }
  if (m.verification) row["verified"] = m.verification->passed();
  if (m.stopped_by) row["stopped_by"] = std::string(results::to_string(*m.stopped_by));
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
  if (content.run)
    for (const auto& m : content.run->measurements) add(measurement_row(m));
  records.write_csv(out);
}

const sink_registration registered{
    {"csv", "one line for each ranked offer and each measurement, full precision", write}};

}  // namespace
}  // namespace gpubench::report
