#include "core/version.hpp"
#include "report/json_parts.hpp"
#include "report/sentences.hpp"
#include "report/serving.hpp"
#include "report/sink.hpp"

namespace gpubench::report {
namespace {

constexpr const char* report_schema = "gpubench.report/1";

using json_parts::number;

json estimate_json(const predictor::estimate& e) {
  return {{"seconds", number(e.seconds)},
          {"low_seconds", number(e.low)},
          {"high_seconds", number(e.high)},
          {"basis", predictor::to_string(e.basis)},
          {"bound_by", predictor::to_string(e.bound_by)}};
}

json price_json(const profiles::price& p) {
  return {{"region", p.region},           {"model", profiles::to_string(p.model)},
          {"term", text_or_null(p.term)}, {"amount_per_hour", number(p.amount_per_hour)},
          {"currency", p.currency},       {"source", p.origin.source},
          {"date", p.origin.date}};
}

json price_json(const planner::candidate& c) {
  if (!c.price) return nullptr;
  json all = price_json(*c.price);
  all["age_days"] = number(c.price_age_days);
  all["is_old"] = c.price_is_old;
  return all;
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

json helpers_json(const std::optional<planner::helper_set>& helpers) {
  if (!helpers) return nullptr;
  return {{"count", helpers->count},
          {"instance", instance_json(helpers->instance)},
          {"price", price_json(*helpers->price)},
          {"usd_per_hour", number(helpers->usd_per_hour)}};
}

json cost_parts_json(const planner::candidate& c) {
  json parts = json::object();
  for (std::size_t i = 0; i < c.cost_by_part.size(); ++i)
    parts[std::string(planner::to_string(static_cast<planner::cost_part>(i)))] =
        c.part_is_unknown[i] ? json(nullptr) : number(c.cost_by_part[i]);
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
          {"offer", system_name(c)},
          {"instance", instance_json(c.instance)},
          {"price", price_json(c)},
          {"nodes", c.nodes},
          {"devices", c.devices},
          {"tensor_parallel", c.tensor_parallel},
          {"data_parallel", c.data_parallel},
          {"split", c.split},
          {"slice", text_or_null(c.slice)},
          {"helpers", helpers_json(c.helpers)},
          {"host_reason", text_or_null(c.host_reason)},
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
          {"break_even_months", number(c.break_even_months)},
          {"on_pareto_front", c.on_pareto_front},
          {"step_share_by_bound", shares}};
}

json rejection_json(const planner::rejection& r) {
  return {{"instance", instance_json(r.instance)},
          {"region", r.price ? json(r.price->region) : json(nullptr)},
          {"price_model", r.price ? json(profiles::to_string(r.price->model)) : json(nullptr)},
          {"term", r.price ? text_or_null(r.price->term) : json(nullptr)},
          {"reason", planner::to_string(r.reason)},
          {"detail", r.detail}};
}

json limits_json(const planner::constraints& limits) {
  json price_models = json::array();
  for (const auto model : limits.price_models) price_models.push_back(profiles::to_string(model));
  return {{"deadline_seconds", number(limits.deadline_seconds)},
          {"budget_usd", number(limits.budget_usd)},
          {"rate_units_per_second", number(limits.rate_units_per_second)},
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
          {"offer", system_name(answer.ranked.at(answer.next_best->place))},
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
                   {"offer", system_name(c)},
                   {"instance", instance_json(c.instance)},
                   {"price", price_json(c)},
                   {"nodes", c.nodes},
                   {"region", region_of(c)},
                   {"job", estimate_json(c.job)},
                   {"usd_per_hour", number(c.usd_per_hour)},
                   {"expected_cost_usd", number(c.expected_cost_usd)},
                   {"probability_all_limits", number(c.probability_all_limits)}});
  }
  return all;
}

json run_json(const shown_run& shown) {
  return {{"label", shown.label},
          {"file", shown.file},
          {"sha256", text_or_null(shown.sha256)},
          {"usd_per_hour", number(shown.usd_per_hour)},
          {"machine_gpus", shown.machine_gpus ? json(*shown.machine_gpus) : json(nullptr)},
          {"price_source", text_or_null(shown.price_source)},
          {"run", results::to_json(*shown.run)}};
}

json recommendation_json(const planner::recommendation& answer) {
  const auto said = sentences_of(answer);
  json ranked = json::array(), rejected = json::array(), counts = json::object();
  for (std::size_t i = 0; i < answer.ranked.size(); ++i)
    ranked.push_back(candidate_json(answer.ranked[i], i + 1, answer.limits));
  for (const auto& r : answer.rejected) rejected.push_back(rejection_json(r));
  for (const auto& [reason, count] : count_by_reason(answer.rejected))
    counts[std::string(planner::to_string(reason))] = count;
  return {{"workload", json_parts::workload(answer.workload)},
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

json latency_json(const serving::latency_histogram& h) {
  return {{"mean_seconds", number(h.mean_seconds())},
          {"p50_seconds", number(h.quantile_seconds(0.5))},
          {"p95_seconds", number(h.quantile_seconds(0.95))},
          {"p99_seconds", number(h.quantile_seconds(0.99))}};
}

json simulation_json(const serving::simulation_result& found) {
  return {{"requests", found.e2e.count()},
          {"ttft", latency_json(found.ttft)},
          {"tpot", latency_json(found.tpot)},
          {"e2e", latency_json(found.e2e)},
          {"requests_per_second", number(found.requests_per_second)},
          {"output_tokens_per_second", number(found.output_tokens_per_second)},
          {"peak_waiting", found.peak_waiting},
          {"mean_in_system", number(found.mean_in_system)}};
}

json service_candidate_json(const planner::serving_candidate& c, std::size_t rank) {
  const auto& size = *c.size;
  const auto offer = as_candidate(c);
  return {{"rank", rank},
          {"offer", offer_name(offer)},
          {"instance", instance_json(c.instance)},
          {"price", price_json(offer)},
          {"instances", size.instances},
          {"spares", size.spares},
          {"replicas", size.replicas},
          {"fewest_replicas", size.fewest_replicas},
          {"tensor_parallel", size.split.tensor_parallel},
          {"precision", models::to_string(size.split.precision)},
          {"memory_per_device_bytes", number(size.memory_per_device_bytes)},
          {"basis", predictor::to_string(size.basis)},
          {"usd_per_hour", number(c.usd_per_hour)},
          {"usd_per_month", number(c.usd_per_month)},
          {"usd_per_million_output_tokens", number(c.usd_per_million_output_tokens)},
          {"probability_kept", number(size.probability_kept)},
          {"headroom", number(size.headroom)},
          {"utilisation", number(size.utilisation)},
          {"availability", number(size.availability)},
          {"predicted", simulation_json(size.predicted)},
          {"at_confidence", simulation_json(size.at_confidence)}};
}

json service_json(const planner::serving_answer& answer) {
  const auto said = sentences_of(answer);
  json ranked = json::array(), rejected = json::array(), limits = json::array(), floors = json::array();
  const auto limit_json = [](const serving::latency_limit& limit) -> json {
    return {{"metric", to_string(limit.metric)}, {"quantile", limit.quantile}, {"seconds", number(limit.seconds)}};
  };
  for (std::size_t i = 0; i < answer.ranked.size(); ++i)
    ranked.push_back(service_candidate_json(answer.ranked[i], i + 1));
  for (const auto& r : answer.rejected) rejected.push_back(rejection_json(r));
  for (const auto& limit : answer.latency_limits) limits.push_back(limit_json(limit));
  for (const auto& floor : answer.floors)
    floors.push_back({{"limit", limit_json(floor.limit)},
                      {"seconds", number(floor.seconds)},
                      {"low_seconds", number(floor.low_seconds)},
                      {"system", floor.system}});
  const auto& work = answer.workload;
  return {
      {"workload", {{"name", work.name}, {"title", work.title}, {"precision", models::to_string(work.precision)}}},
      {"requests_per_second", number(answer.requests_per_second)},
      {"mean_prompt_tokens", number(answer.mean_prompt_tokens)},
      {"mean_output_tokens", number(answer.mean_output_tokens)},
      {"arrival_cv", answer.goal.recorded ? json(nullptr) : number(answer.goal.level.arrival_cv)},
      {"availability_asked", number(answer.goal.level.availability)},
      {"instance_availability_assumed", number(answer.goal.instance_availability)},
      {"seed", answer.goal.seed},
      {"latency_limits", limits},
      {"floors", floors},
      {"limits", limits_json(answer.limits)},
      {"made_at", answer.made_at},
      {"answer", {{"feasible", !answer.ranked.empty()}, {"rent", said.rent}, {"because", text_or_null(said.because)}}},
      {"notes", answer.notes},
      {"considered", answer.considered},
      {"simulated_systems", answer.simulated},
      {"not_simulated", answer.not_simulated},
      {"ranked", ranked},
      {"rejected", rejected}};
}

void write(const document& content, const style&, std::ostream& out) {
  json recommendations = json::array();
  for (const auto& answer : content.recommendations) recommendations.push_back(recommendation_json(answer));
  json services = json::array();
  for (const auto& answer : content.services) services.push_back(service_json(*answer));
  json report{{"schema", report_schema},
              {"tool_version", version},
              {"made_at", content.made_at},
              {"command", content.command},
              {"run_file", text_or_null(content.run_file())},
              {"recommendations", recommendations},
              {"run", content.run() ? results::to_json(*content.run()) : json(nullptr)}};
  if (!content.plans.empty()) {
    json plans = json::array();
    for (const auto& planned : content.plans) plans.push_back(json_parts::capacity_plan(planned));
    report["plans"] = plans;
  }
  if (!services.empty()) report["services"] = services;
  if (content.runs.size() > 1) {
    json& runs = report["runs"] = json::array();
    for (const auto& shown : content.runs) runs.push_back(run_json(shown));
    report["side_by_side"] = json_parts::side_by_side(content);
  }
  // Names of files and devices may hold bytes that are not UTF-8: replaced rather than refused.
  out << report.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
}

const sink_registration registered{{.name = "json",
                                    .description = "every fact of the report, schema gpubench.report/1",
                                    .write = write,
                                    .ending = ".json"}};

}  // namespace
}  // namespace gpubench::report
