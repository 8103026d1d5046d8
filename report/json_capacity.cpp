#include "report/capacity.hpp"
#include "report/json_parts.hpp"

namespace gpubench::report::json_parts {
namespace {

json commitments_json(const capacity::offer& from) {
  json all = json::array();
  for (const auto& bought : from.commitments) {
    const auto against = from.on_demand_usd_per_hour;
    all.push_back(
        {{"term", bought.term},
         {"term_years", number(bought.term_years)},
         {"usd_per_hour", number(bought.usd_per_hour)},
         {"upfront_usd", number(bought.upfront_usd)},
         {"break_even_utilisation",
          against ? number(capacity::break_even_utilisation(bought, *against)) : json(nullptr)},
         {"break_even_month", against ? number(capacity::break_even_month(bought, *against)) : json(nullptr)}});
  }
  return all;
}

json policy_json(const capacity::policy_result& result) {
  const auto& paid = result.paid;
  const auto& service = result.service;
  json committed = json::array();
  for (const auto& stretch : paid.committed)
    committed.push_back(
        {{"first_minute", stretch.first_step}, {"minutes", stretch.steps}, {"instances", stretch.instances}});
  return {{"policy", capacity::to_string(result.how)},
          {"cost_usd", number(paid.total_usd())},
          {"commitment_usd", number(paid.commitment_usd)},
          {"on_demand_usd", number(paid.on_demand_usd)},
          {"spot_usd", number(paid.spot_usd)},
          {"after_horizon_usd", number(paid.after_horizon_usd)},
          {"commitment_term", paid.bought ? json(paid.bought->term) : json(nullptr)},
          {"committed", committed},
          {"commitment_utilisation", paid.bought ? number(paid.commitment_utilisation) : json(nullptr)},
          {"committed_hours", number(paid.committed_hours)},
          {"on_demand_hours", number(paid.on_demand_hours)},
          {"spot_hours", number(paid.spot_hours)},
          {"mean_instances", number(result.mean_instances)},
          {"peak_instances", result.peak_instances()},
          {"arrived_units", number(service.arrived_units)},
          {"served_units", number(service.served_units)},
          {"late_units", number(service.late_units)},
          {"late_fraction", number(service.late_fraction())},
          {"backlog_units", number(service.backlog_units)},
          {"peak_backlog_units", number(service.peak_backlog_units)},
          {"longest_wait_seconds", number(service.longest_wait_seconds)},
          {"usd_by_month", result.usd_by_month},
          {"peak_instances_by_month", result.peak_by_month}};
}

json offer_plan_json(const capacity::offer_plan& one, const json& rank) {
  json policies = json::array();
  for (const auto& result : one.policies) policies.push_back(policy_json(result));
  const auto& from = one.from;
  return {{"rank", rank},
          {"provider", from.provider},
          {"instance_type", from.instance_type},
          {"region", from.region},
          {"units_per_second", number(from.units_per_second)},
          {"expected_units_per_second", number(from.expected_units_per_second)},
          {"on_demand_usd_per_hour", number(from.on_demand_usd_per_hour)},
          {"spot_usd_per_hour", number(from.spot_usd_per_hour)},
          {"effective_spot_usd_per_hour", number(capacity::effective_spot_usd_per_hour(from))},
          {"spot_availability", number(from.spot_availability)},
          {"spot_overhead", number(from.spot_overhead)},
          {"commitments", commitments_json(from)},
          {"quota_instances", or_null(from.quota_instances)},
          {"policy", one.policies.empty() ? json(nullptr) : json(capacity::to_string(one.best().how))},
          {"oracle_bound_usd", number(one.bound_usd)},
          {"broken_limit", one.broken == capacity::plan_limit::none ? json(nullptr) : json(to_string(one.broken))},
          {"excess", number(one.excess)},
          {"quota_month", or_null(one.quota_month)},
          {"budget_month", or_null(one.budget_month)},
          {"policies", policies}};
}

json autoscaler_json(const capacity::autoscaler_settings& s) {
  return {{"interval_seconds", number(s.interval_seconds)},
          {"window_seconds", number(s.window_seconds)},
          {"target_utilisation", number(s.target_utilisation)},
          {"up_delay_seconds", number(s.up_delay_seconds)},
          {"down_delay_seconds", number(s.down_delay_seconds)},
          {"boot_seconds", number(s.boot_seconds)},
          {"image_seconds", number(s.image_seconds)},
          {"weights_seconds", number(s.weights_seconds)},
          {"min_instances", s.min_instances},
          {"max_instances", s.max_instances}};
}

}  // namespace

json workload(const profiles::workload& work) {
  return {{"name", work.name},
          {"title", work.title},
          {"kind", profiles::to_string(work.kind)},
          {"unit", work.unit},
          {"total_units", number(work.total_units)},
          {"precision", models::to_string(work.precision)},
          {"source", text_or_null(work.origin.source)},
          {"date", text_or_null(work.origin.date)}};
}

json capacity_plan(const planned_workload& planned) {
  const auto& plan = planned.plan;
  const auto& asked = plan.request;
  const auto said = sentences_of(planned);
  json ranked = json::array(), refused = json::array(), sensitivities = json::array();
  for (std::size_t i = 0; i < plan.ranked.size(); ++i) ranked.push_back(offer_plan_json(plan.ranked[i], i + 1));
  for (const auto& one : plan.refused) refused.push_back(offer_plan_json(one, nullptr));
  for (const auto& s : plan.sensitivities)
    sensitivities.push_back({{"changed", capacity::to_string(s.changed)},
                             {"value", number(s.value)},
                             {"cost_usd", number(s.usd)},
                             {"committed_instances", s.committed_instances},
                             {"late_fraction", number(s.late_fraction)}});
  json peaks = json::array();
  for (const double peak : plan.monthly_peak_units_per_second) peaks.push_back(number(peak));
  return {{"workload", workload(planned.workload)},
          {"horizon_seconds", static_cast<double>(asked.demand.size()) * capacity::step_seconds},
          {"demand",
           {{"description", planned.demand},
            {"total_units", number(plan.total_units)},
            {"mean_units_per_second", number(plan.mean_units_per_second)},
            {"peak_units_per_second", number(plan.peak_units_per_second)},
            {"peak_units_per_second_by_month", peaks}}},
          {"limits",
           {{"confidence", number(planned.confidence)},
            {"wait_seconds", number(asked.wanted.wait_seconds)},
            {"max_late_fraction", number(asked.wanted.max_late_fraction)},
            {"max_spot_share", number(asked.max_spot_share)},
            {"budget_usd", number(asked.budget_usd)},
            {"growth_per_month", number(asked.growth_per_month)}}},
          {"autoscaler", autoscaler_json(asked.scaling)},
          {"answer",
           {{"feasible", said.feasible},
            {"rent", said.rent},
            {"because", text_or_null(said.because)},
            {"breaks", said.breaks}}},
          {"considered", planned.considered},
          {"ranked", ranked},
          {"refused", refused},
          {"sensitivities", sensitivities},
          {"notes", planned.notes}};
}

}  // namespace gpubench::report::json_parts
