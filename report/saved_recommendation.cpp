#include "report/saved_fields.hpp"

#include <cstdint>
#include <utility>

namespace gpubench::report {
namespace {

using results::json_field;

planner::rejection rejection_of(const json_field& field, saved_report& owner) {
  planner::rejection r;
  r.instance = saved::instance(field.find("instance"), owner);
  if (const auto model = field.find("price_model")) {
    profiles::price read;
    read.model = saved::price_model(*model);
    read.region = saved::text_or_empty(field.find("region"));
    read.term = saved::text_or_empty(field.find("term"));
    r.price = saved::keep(std::move(read), r.instance, owner);
  }
  r.reason = saved::reason(field.at("reason"));
  r.detail = field.at("detail").text();
  return r;
}

planner::constraints limits_of(const json_field& field) {
  planner::constraints limits;
  limits.deadline_seconds = saved::optional_positive(field.find("deadline_seconds"));
  limits.budget_usd = saved::optional_positive(field.find("budget_usd"));
  limits.rate_units_per_second = saved::optional_positive(field.find("rate_units_per_second"));
  limits.providers = field.at("providers").texts();
  limits.regions = field.at("regions").texts();
  limits.price_models.clear();
  for (const auto& model : field.at("price_models").elements())
    limits.price_models.push_back(saved::price_model(model));
  limits.gpu_pattern = saved::text_or_empty(field.find("gpu_pattern"));
  limits.max_nodes = saved::count(field.at("max_nodes"), 1);
  limits.confidence = saved::share(field.at("confidence"));
  if (limits.confidence == 0 || limits.confidence == 1) field.at("confidence").refuse("is not between 0 and 1");
  limits.stale_after_days = saved::count(field.at("stale_after_days"));
  limits.max_price_age_days = saved::count(field.at("max_price_age_days"));
  limits.max_spot_price_age_days = saved::count(field.at("max_spot_price_age_days"));
  // Fields that came later; what they say is shown nowhere but in JSON.
  using simulations = decltype(limits.terms.spot.runs);
  using seeds = decltype(limits.terms.spot.seed);
  if (const auto runs = field.find("simulations")) limits.terms.spot.runs = static_cast<simulations>(runs->integer(0));
  if (const auto seed = field.find("seed")) limits.terms.spot.seed = static_cast<seeds>(seed->integer(0));
  return limits;
}

profiles::workload workload_of(const json_field& field) {
  profiles::workload work;
  work.name = field.at("name").text();
  work.title = field.at("title").text();
  work.unit = field.at("unit").text();
  work.total_units = saved::positive(field.find("total_units"));
  const auto kind = field.at("kind"), precision = field.at("precision");
  const auto known_kind = profiles::parse_workload_kind(kind.text());
  if (!known_kind) kind.refuse("is no kind of workload that this program knows", "update gpubench");
  const auto known_precision = models::parse_precision(precision.text());
  if (!known_precision) precision.refuse("is no precision that this program knows", "update gpubench");
  work.kind = *known_kind;
  work.precision = *known_precision;
  if (const auto source = field.find("source")) work.origin.source = source->text();
  if (const auto date = field.find("date")) work.origin.date = date->text();
  return work;
}

// A place in the ranking, which counts from 1 in the file.
std::size_t place_of(const json_field& field, const planner::recommendation& answer) {
  if (answer.ranked.empty()) field.refuse("is a rank, and nothing is ranked");
  return static_cast<std::size_t>(field.integer(1, static_cast<std::int64_t>(answer.ranked.size()))) - 1;
}

std::optional<planner::rule_choice> rule_of(const json_field& field, saved_report& owner) {
  const auto instance = field.find("instance");
  if (!instance) return std::nullopt;  // written before the field was: the offer stands there as a sentence alone
  planner::rule_choice rule;
  rule.rule = field.at("rule").text();
  auto& c = rule.choice;
  c.instance = saved::instance(instance, owner);
  c.price = saved::price(field.find("price"), c.instance, owner);
  c.nodes = saved::count(field.at("nodes"), 1);
  c.job = saved::estimate(field.at("job"));
  c.usd_per_hour = saved::amount(field.find("usd_per_hour"));
  c.expected_cost_usd = saved::amount(field.find("expected_cost_usd"));
  c.probability_all_limits = saved::share(field.find("probability_all_limits"));
  saved::read_price_age(field, c);
  return rule;
}

}  // namespace

planner::recommendation recommendation_from_json(const json_field& field, saved_report& owner) {
  planner::recommendation answer;
  answer.workload = workload_of(field.at("workload"));
  answer.limits = limits_of(field.at("limits"));
  answer.made_at = field.at("made_at").text();
  for (const auto& one : field.at("ranked").elements())
    answer.ranked.push_back(saved::candidate(one, answer.limits, owner));
  for (const auto& one : field.at("rejected").elements()) answer.rejected.push_back(rejection_of(one, owner));
  answer.considered = static_cast<std::size_t>(field.at("considered").integer(0));
  answer.not_separable =
      static_cast<std::size_t>(field.at("not_separable").integer(0, static_cast<std::int64_t>(answer.ranked.size())));
  answer.flip_points = field.at("flip_points").texts();
  answer.notes = field.at("notes").texts();
  if (const auto rival = field.find("next_best"))
    answer.next_best = {place_of(rival->at("rank"), answer), saved::share(rival->find("probability_cheaper")),
                        saved::amount(rival->find("expected_regret_usd"))};
  if (const auto probes = field.find("worth_measuring"))
    for (const auto& probe : probes->elements())
      answer.worth_measuring.push_back({place_of(probe.at("rank"), answer), saved::amount(probe.find("seconds")),
                                        saved::amount(probe.find("cost_usd"))});
  bool left_out = false;
  if (const auto rules = field.find("rules_of_thumb"))
    for (const auto& one : rules->elements()) {
      auto rule = rule_of(one, owner);
      left_out = left_out || !rule;
      if (rule && !answer.ranked.empty()) answer.rules.push_back(std::move(*rule));
    }
  if (left_out)
    answer.notes.emplace_back(
        "What rules of thumb would choose is left out: this report's file is older than their form.");
  return answer;
}

}  // namespace gpubench::report
