#include "core/json_null.hpp"
#include "core/version.hpp"
#include "report/comparison_parts.hpp"

namespace gpubench::report {
namespace {

json side_json(const comparison::side_facts& facts) {
  return {{"runs", facts.runs},
          {"samples", facts.samples},
          {"failed", facts.failed},
          {"skipped", facts.skipped},
          {"time_ns", or_null(facts.time_ns)},
          {"clock_hertz", or_null(facts.clock_hertz)},
          {"reason", text_or_null(facts.reason)}};
}

json differences_json(const std::vector<comparison::difference>& differences, const comparison::criteria& by) {
  json list = json::array();
  for (const auto& d : differences)
    list.push_back({{"key", d.key},
                    {"base", d.base},
                    {"new", d.fresh},
                    {"forbids", d.forbids},
                    {"allowed", by.allowed.count(d.key) != 0}});
  return list;
}

json row_json(const comparison_document& content, const comparison::comparison_row& row,
              const comparison::criteria& by) {
  json bounds;
  if (row.change_interval) bounds = {{"low", row.change_interval->low}, {"high", row.change_interval->high}};
  return {{"benchmark", row.key.name},
          {"backend", row.key.backend},
          {"device", row.key.device},
          {"verdict", comparison::to_string(row.outcome)},
          {"fails", fails(content, row)},
          {"change", or_null(row.change)},
          {"change_interval", bounds},
          {"p", or_null(row.p)},
          {"adjusted_p", or_null(row.adjusted_p)},
          {"noise_floor", or_null(row.noise_floor)},
          {"noise", row.noise ? json(comparison::to_string(*row.noise)) : json(nullptr)},
          {"judged_in", row.judged_in ? json(comparison::to_string(*row.judged_in)) : json(nullptr)},
          {"judged_at", row.judged_at ? json(comparison::to_string(*row.judged_at)) : json(nullptr)},
          {"cycles_change", or_null(row.cycles_change)},
          {"runs_to_decide", or_null(row.runs_to_decide)},
          {"because", text_or_null(row.because)},
          {"base", side_json(row.base)},
          {"new", side_json(row.fresh)},
          {"differences", differences_json(row.differences, by)}};
}

json result_json(const comparison_document& content, const comparison::comparison_result& result) {
  json rows = json::array(), counts = json::object();
  for (const auto& row : result.rows) rows.push_back(row_json(content, row, result.by));
  const auto counted = result.counts();
  for (const auto outcome : comparison::all_verdicts)
    counts[std::string(comparison::to_string(outcome))] = counted.count(outcome) ? counted.at(outcome) : 0;
  return {{"base", {{"name", result.base}, {"runs", result.base_runs}}},
          {"new", {{"name", result.fresh}, {"runs", result.fresh_runs}}},
          {"threshold", result.by.threshold},
          {"false_discovery_rate", result.by.false_discovery_rate},
          {"noise_profile", result.by.noise ? json(result.by.noise->made_at) : json(nullptr)},
          {"assumed_run_deviation", result.by.assumed_run_deviation},
          {"allowed", result.by.allowed},
          {"counts", counts},
          {"unmeasured", result.unmeasured},
          {"differences", differences_json(result.differences, result.by)},
          {"benchmarks", rows}};
}

}  // namespace

void write_comparison_json(const comparison_document& content, const style&, std::ostream& out) {
  json failing = json::array(), results = json::array();
  for (const auto outcome : content.failing) failing.push_back(comparison::to_string(outcome));
  for (const auto& result : content.results) results.push_back(result_json(content, result));
  const json whole{{"schema", "gpubench.comparison/1"}, {"tool_version", version}, {"made_at", content.made_at},
                   {"command", content.command},        {"fail_on", failing},      {"comparisons", results}};
  // Names of files and devices may hold bytes that are not UTF-8: replaced rather than refused.
  out << whole.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
}

}  // namespace gpubench::report
