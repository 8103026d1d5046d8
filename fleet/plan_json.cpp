#include "fleet/plan_json.hpp"

#include "core/json_null.hpp"

namespace gpubench::fleet {
namespace {

json probe_json(const probe& one) {
  json row;
  row["verdict"] = to_string(one.verdict);
  row["device"] = one.device;
  row["provider"] = one.type->provider;
  row["instance_type"] = one.type->type;
  row["nodes"] = one.nodes;
  row["region"] = one.offer ? json(one.offer->region) : json(nullptr);
  row["price_model"] = one.offer ? json(profiles::to_string(one.offer->model)) : json(nullptr);
  row["price_date"] = one.offer ? json(one.offer->origin.date) : json(nullptr);
  row["billed_seconds"] = one.billed_seconds;
  row["cost_usd"] = or_null(one.cost_usd);
  row["expected_gain_usd"] = one.gain_usd;
  row["expected_gain_alone_usd"] = one.alone_usd;
  row["perfect_information_usd"] = one.perfect_usd;
  row["workloads"] = one.workloads;
  return row;
}

json stake_json(const stake& one) {
  return {{"workload", one.workload},
          {"choice", one.choice->instance->name()},
          {"jobs", one.jobs},
          {"expected_cost_usd", one.cost_usd},
          {"expected_regret_usd", one.regret_usd},
          {"alternatives", one.alternatives}};
}

}  // namespace

json to_json(const probe_plan& plan, const probe_terms& terms, const std::string& made_at, const std::string& command) {
  json document;
  document["schema"] = "gpubench.fleet-plan/1";
  document["made_at"] = made_at;
  document["command"] = command;
  document["terms"] = {{"suite_seconds", terms.suite_seconds},
                       {"setup_seconds", terms.setup_seconds},
                       {"measured_width", terms.measured_width},
                       {"budget_usd", or_null(terms.budget_usd)},
                       {"max_instances", or_null(terms.max_instances)}};
  document["workloads"] = json::array();
  for (const stake& one : plan.stakes) document["workloads"].push_back(stake_json(one));
  document["expected_regret_usd"] = plan.regret_usd;
  document["expected_gain_usd"] = plan.gain_usd;
  document["cost_usd"] = plan.cost_usd;
  document["chosen"] = plan.chosen;
  document["stop"] = plan.stop;
  document["probes"] = json::array();
  for (const probe& one : plan.probes) document["probes"].push_back(probe_json(one));
  document["notes"] = plan.notes;
  return document;
}

}  // namespace gpubench::fleet
