#include "core/json.hpp"

#include "core/version.hpp"
#include "report/sentences.hpp"
#include "report/sink.hpp"

#include <cmath>

namespace gpubench::report {
namespace {

constexpr const char* report_schema = "gpubench.report/1";

// A value that is not finite is unknown; it is written as null on purpose.
json number(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}
json number(const std::optional<double>& value) {
  return value ? number(*value) : json(nullptr);
}
json text_or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

json estimate_json(const predictor::estimate& e) {
  return {{"seconds", number(e.seconds)},
          {"low_seconds", number(e.low)},
          {"high_seconds", number(e.high)},
          {"basis", predictor::to_string(e.basis)},
          {"bound_by", predictor::to_string(e.bound_by)}};
}

json price_json(const planner::candidate& c) {
  if (!c.price) return nullptr;
  const auto& p = *c.price;
  return {{"region", p.region},           {"model", profiles::to_string(p.model)},
          {"term", text_or_null(p.term)}, {"amount_per_hour", number(p.amount_per_hour)},
          {"currency", p.currency},       {"source", p.origin.source},
          {"date", p.origin.date},        {"age_days", number(c.price_age_days)},
          {"is_old", c.price_is_old}};
}

json instance_json(const profiles::instance* type) {
  if (!type) return nullptr;
  return {{"provider", type->provider},
          {"type", type->type},
          {"gpu", text_or_null(type->gpu)},
          {"gpu_count", type->gpu_count},
          {"gpu_fraction", number(type->gpu_fraction)},
          {"source", type->origin.source},
          {"date", type->origin.date}};
}

json cost_parts_json(const planner::candidate& c) {
  json parts = json::object();
  for (std::size_t i = 0; i < c.cost_by_part.size(); ++i)
    parts[std::string(planner::to_string(static_cast<planner::cost_part>(i)))] = number(c.cost_by_part[i]);
  return parts;
}

json spot_json(const std::optional<planner::spot_outlook>& spot) {
  if (!spot) return nullptr;
  return {{"mean_up_seconds", number(spot->mean_up_seconds)},
          {"checkpoint_seconds", number(spot->checkpoint_seconds)},
          {"interval_seconds", number(spot->interval_seconds)},
          {"restart_seconds", number(spot->restart_seconds)},
          {"interruptions", number(spot->interruptions)},
          {"undisturbed_probability", number(spot->undisturbed_probability)},
          {"basis", text_or_null(spot->basis)},
          {"assumed", spot->assumed}};
}

json candidate_json(const planner::candidate& c, std::size_t rank, const planner::constraints& limits) {
  json shares = json::object();
  for (const auto& share : c.shares) shares[std::string(predictor::to_string(share.by))] = number(share.fraction);
  return {{"rank", rank},
          {"offer", offer_name(c)},
          {"instance", instance_json(c.instance)},
          {"price", price_json(c)},
          {"nodes", c.nodes},
          {"devices", c.devices},
          {"tensor_parallel", c.tensor_parallel},
          {"data_parallel", c.data_parallel},
          {"split", c.split},
          {"memory_per_device_bytes", number(c.memory_per_device_bytes)},
          {"units_per_second", number(c.units_per_second)},
          {"step", estimate_json(c.step)},
          {"job", estimate_json(c.job)},
          {"usd_per_hour", number(c.usd_per_hour)},
          {"cost_usd", number(c.cost_usd)},
          {"cost_low_usd", number(c.cost_low_usd)},
          {"cost_high_usd", number(c.cost_high_usd)},
          {"expected_cost_usd", number(c.expected_cost_usd)},
          {"cost_by_part_usd", cost_parts_json(c)},
          {"regret_usd", number(c.regret_usd)},
          {"usd_per_million_units", number(c.usd_per_million_units)},
          {"probability_in_deadline", limits.deadline_seconds ? number(c.probability_in_deadline) : json(nullptr)},
          {"probability_in_budget", limits.budget_usd ? number(c.probability_in_budget) : json(nullptr)},
          {"violation_risk",
           limits.deadline_seconds || limits.budget_usd ? number(1 - c.probability_all_limits) : json(nullptr)},
          {"seconds_at_confidence", number(c.seconds_at_confidence)},
          {"cost_at_confidence_usd", number(c.cost_at_confidence_usd)},
          {"spot", spot_json(c.spot)},
          {"break_even_utilisation", number(c.break_even_utilisation)},
          {"on_pareto_front", c.on_pareto_front},
          {"step_share_by_bound", shares}};
}

json rejection_json(const planner::rejection& r) {
  return {{"instance", instance_json(r.instance)},
          {"region", r.price ? json(r.price->region) : json(nullptr)},
          {"price_model", r.price ? json(profiles::to_string(r.price->model)) : json(nullptr)},
          {"reason", planner::to_string(r.reason)},
          {"detail", r.detail}};
}

json limits_json(const planner::constraints& limits) {
  json price_models = json::array();
  for (const auto model : limits.price_models) price_models.push_back(profiles::to_string(model));
  return {{"deadline_seconds", number(limits.deadline_seconds)},
          {"budget_usd", number(limits.budget_usd)},
          {"providers", limits.providers},
          {"regions", limits.regions},
          {"price_models", price_models},
          {"gpu_pattern", text_or_null(limits.gpu_pattern)},
          {"max_nodes", limits.max_nodes},
          {"confidence", number(limits.confidence)},
          {"stale_after_days", limits.stale_after_days},
          {"max_price_age_days", limits.max_price_age_days},
          {"max_spot_price_age_days", limits.max_spot_price_age_days},
          {"simulations", limits.terms.spot.runs},
          {"seed", limits.terms.spot.seed}};
}

json rival_json(const planner::recommendation& answer) {
  if (!answer.next_best) return nullptr;
  return {{"rank", answer.next_best->place + 1},
          {"offer", offer_name(answer.ranked.at(answer.next_best->place))},
          {"probability_cheaper", number(answer.next_best->probability_cheaper)},
          {"expected_regret_usd", number(answer.next_best->expected_regret_usd)}};
}

json probes_json(const planner::recommendation& answer) {
  json all = json::array();
  for (const auto& one : answer.worth_measuring)
    all.push_back({{"rank", one.place + 1},
                   {"instance", instance_json(answer.ranked.at(one.place).instance)},
                   {"seconds", number(one.seconds)},
                   {"cost_usd", number(one.cost_usd)}});
  return all;
}

json rules_json(const planner::recommendation& answer) {
  json all = json::array();
  for (const auto& one : answer.rules) {
    const auto& c = one.choice;
    all.push_back({{"rule", one.rule},
                   {"offer", offer_name(c)},
                   {"region", region_of(c)},
                   {"job", estimate_json(c.job)},
                   {"usd_per_hour", number(c.usd_per_hour)},
                   {"expected_cost_usd", number(c.expected_cost_usd)},
                   {"probability_all_limits", number(c.probability_all_limits)}});
  }
  return all;
}

json recommendation_json(const planner::recommendation& answer) {
  const auto said = sentences_of(answer);
  json ranked = json::array(), rejected = json::array(), counts = json::object();
  for (std::size_t i = 0; i < answer.ranked.size(); ++i)
    ranked.push_back(candidate_json(answer.ranked[i], i + 1, answer.limits));
  for (const auto& r : answer.rejected) rejected.push_back(rejection_json(r));
  for (const auto& [reason, count] : count_by_reason(answer.rejected))
    counts[std::string(planner::to_string(reason))] = count;
  const auto& work = answer.workload;
  return {{"workload",
           {{"name", work.name},
            {"title", work.title},
            {"kind", profiles::to_string(work.kind)},
            {"unit", work.unit},
            {"total_units", number(work.total_units)},
            {"precision", models::to_string(work.precision)}}},
          {"limits", limits_json(answer.limits)},
          {"made_at", answer.made_at},
          {"answer",
           {{"feasible", said.feasible},
            {"rent", said.rent},
            {"because", text_or_null(said.because)},
            {"cpu", text_or_null(said.cpu)},
            {"prices", text_or_null(said.prices)}}},
          {"flip_points", answer.flip_points},
          {"notes", answer.notes},
          {"considered", answer.considered},
          {"not_separable", answer.not_separable},
          {"next_best", rival_json(answer)},
          {"worth_measuring", probes_json(answer)},
          {"rules_of_thumb", rules_json(answer)},
          {"ranked", ranked},
          {"rejected_by_reason", counts},
          {"rejected", rejected}};
}

void write(const document& content, const style&, std::ostream& out) {
  json recommendations = json::array();
  for (const auto& answer : content.recommendations) recommendations.push_back(recommendation_json(answer));
  const json report{{"schema", report_schema},
                    {"tool_version", version},
                    {"made_at", content.made_at},
                    {"command", content.command},
                    {"run_file", text_or_null(content.run_file)},
                    {"recommendations", recommendations},
                    {"run", content.run ? results::to_json(*content.run) : json(nullptr)}};
  // Names of files and devices may hold bytes that are not UTF-8: replaced rather than refused.
  out << report.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
}

const sink_registration registered{{"json", "every fact of the report, schema gpubench.report/1", write}};

}  // namespace
}  // namespace gpubench::report
