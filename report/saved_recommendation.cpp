#include "report/saved_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <limits>

namespace gpubench::report {
namespace {

using results::json_field;

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

double number_or_unknown(const std::optional<json_field>& field) {
  return field ? field->number() : unknown;
}

std::optional<double> optional_number(const std::optional<json_field>& field) {
  return field ? std::optional(field->number()) : std::nullopt;
}

std::string text_or_empty(const std::optional<json_field>& field) {
  return field ? field->text() : std::string();
}

int whole(const json_field& field) {
  return static_cast<int>(field.integer(0, std::numeric_limits<int>::max()));
}

// The names stand in one place, the enumeration's to_string().
template <class Enum>
Enum named(const json_field& field, std::initializer_list<Enum> all) {
  const auto name = field.text();
  const auto found = std::find_if(all.begin(), all.end(), [&](Enum one) { return to_string(one) == name; });
  if (found == all.end())
    field.refuse(fmt::format("is '{}', which this program does not know", name), "update gpubench");
  return *found;
}

predictor::basis basis_of(const json_field& field) {
  using predictor::basis;
  return named(field, {basis::measured, basis::interpolated, basis::scaled, basis::calibrated, basis::architecture,
                       basis::data_sheet});
}

predictor::bound bound_of(const json_field& field) {
  using predictor::bound;
  return named(field,
               {bound::compute, bound::memory, bound::interconnect, bound::network, bound::host, bound::overhead});
}

profiles::price_model price_model_of(const json_field& field) {
  using profiles::price_model;
  return named(field, {price_model::on_demand, price_model::spot, price_model::commitment});
}

planner::rejection_reason reason_of(const json_field& field) {
  using planner::rejection_reason;
  return named(field,
               {rejection_reason::memory, rejection_reason::latency, rejection_reason::rate, rejection_reason::deadline,
                rejection_reason::budget, rejection_reason::no_price, rejection_reason::old_price, rejection_reason::later_price,
                rejection_reason::no_data, rejection_reason::unsupported, rejection_reason::interruptions});
}

predictor::estimate estimate_of(const json_field& field) {
  return {number_or_unknown(field.find("seconds")), number_or_unknown(field.find("low_seconds")),
          number_or_unknown(field.find("high_seconds")), basis_of(field.at("basis")), bound_of(field.at("bound_by"))};
}

// Offers of one type share it, as those of the catalogue do: what is the same offer is told by the pointers.
const profiles::instance* instance_of(const std::optional<json_field>& field, saved_report& owner) {
  if (!field) return nullptr;
  profiles::instance read;
  read.provider = field->at("provider").text();
  read.type = field->at("type").text();
  read.gpu = text_or_empty(field->find("gpu"));
  read.gpu_count = whole(field->at("gpu_count"));
  read.gpu_fraction = field->at("gpu_fraction").positive_number();
  read.origin.source = field->at("source").text();
  read.origin.date = field->at("date").text();
  const auto same = std::find_if(owner.instances.begin(), owner.instances.end(), [&](const auto& known) {
    return known.provider == read.provider && known.type == read.type && known.gpu == read.gpu &&
           known.gpu_count == read.gpu_count && known.gpu_fraction == read.gpu_fraction;
  });
  return same != owner.instances.end() ? &*same : &owner.instances.emplace_back(std::move(read));
}

const profiles::price* keep(profiles::price read, const profiles::instance* of, saved_report& owner) {
  if (of) {
    read.provider = of->provider;
    read.instance_type = of->type;
  }
  const auto same = std::find_if(owner.prices.begin(), owner.prices.end(), [&](const auto& known) {
    return known.provider == read.provider && known.instance_type == read.instance_type &&
           known.region == read.region && known.model == read.model && known.term == read.term &&
           known.amount_per_hour == read.amount_per_hour && known.origin.source == read.origin.source;
  });
  return same != owner.prices.end() ? &*same : &owner.prices.emplace_back(std::move(read));
}

const profiles::price* price_of(const std::optional<json_field>& field, const profiles::instance* of,
                                saved_report& owner) {
  if (!field) return nullptr;
  profiles::price read;
  read.region = field->at("region").text();
  read.model = price_model_of(field->at("model"));
  read.term = text_or_empty(field->find("term"));
  read.amount_per_hour = number_or_unknown(field->find("amount_per_hour"));
  read.currency = field->at("currency").text();
  read.origin.source = field->at("source").text();
  read.origin.date = field->at("date").text();
  return keep(std::move(read), of, owner);
}

void read_cost_parts(const json_field& field, planner::candidate& c) {
  for (std::size_t i = 0; i < c.cost_by_part.size(); ++i) {
    const auto usd = field.find(planner::to_string(static_cast<planner::cost_part>(i)));
    c.part_is_unknown[i] = !usd;
    c.cost_by_part[i] = usd ? usd->number() : 0;
  }
}

planner::spot_outlook spot_of(const json_field& field) {
  planner::spot_outlook spot;
  spot.mean_up_seconds = number_or_unknown(field.find("mean_up_seconds"));
  spot.checkpoint_seconds = number_or_unknown(field.find("checkpoint_seconds"));
  spot.interval_seconds = optional_number(field.find("interval_seconds"));
  spot.restart_seconds = number_or_unknown(field.find("restart_seconds"));
  spot.interruptions = number_or_unknown(field.find("interruptions"));
  spot.undisturbed_probability = number_or_unknown(field.find("undisturbed_probability"));
  spot.basis = text_or_empty(field.find("basis"));
  spot.assumed = field.at("assumed").flag();
  return spot;
}

// Null where no limit was set, or where it is unknown whether it is kept.
double probability_of(const std::optional<json_field>& field, bool limited) {
  return field ? field->number() : limited ? unknown : 1;
}

planner::candidate candidate_of(const json_field& field, const planner::constraints& limits, saved_report& owner) {
  planner::candidate c;
  c.instance = instance_of(field.find("instance"), owner);
  c.price = price_of(field.find("price"), c.instance, owner);
  if (const auto price = field.find("price")) {
    c.price_age_days = number_or_unknown(price->find("age_days"));
    c.price_is_old = price->at("is_old").flag();
  }
  c.nodes = whole(field.at("nodes"));
  c.devices = whole(field.at("devices"));
  c.tensor_parallel = whole(field.at("tensor_parallel"));
  c.data_parallel = whole(field.at("data_parallel"));
  c.split = field.at("split").text();
  c.host_reason = text_or_empty(field.find("host_reason"));
  if (const auto helpers = field.find("helpers")) {
    c.helpers = helpers->at("description").text();
    c.helpers_usd_per_hour = number_or_unknown(helpers->find("usd_per_hour"));
  }
  c.memory_per_device_bytes = number_or_unknown(field.find("memory_per_device_bytes"));
  c.units_per_second = number_or_unknown(field.find("units_per_second"));
  c.step = estimate_of(field.at("step"));
  c.job = estimate_of(field.at("job"));
  c.usd_per_hour = number_or_unknown(field.find("usd_per_hour"));
  c.cost_usd = number_or_unknown(field.find("cost_usd"));
  c.cost_low_usd = number_or_unknown(field.find("cost_low_usd"));
  c.cost_high_usd = number_or_unknown(field.find("cost_high_usd"));
  c.expected_cost_usd = number_or_unknown(field.find("expected_cost_usd"));
  read_cost_parts(field.at("cost_by_part_usd"), c);
  c.regret_usd = number_or_unknown(field.find("regret_usd"));
  c.usd_per_million_units = number_or_unknown(field.find("usd_per_million_units"));
  c.probability_in_deadline =
      probability_of(field.find("probability_in_deadline"), limits.deadline_seconds.has_value());
  c.probability_in_budget = probability_of(field.find("probability_in_budget"), limits.budget_usd.has_value());
  if (const auto risk = field.find("violation_risk"))
    c.probability_all_limits = 1 - risk->number();
  else
    c.probability_all_limits = limits.deadline_seconds || limits.budget_usd ? unknown : 1;
  c.seconds_at_confidence = number_or_unknown(field.find("seconds_at_confidence"));
  c.cost_at_confidence_usd = number_or_unknown(field.find("cost_at_confidence_usd"));
  if (const auto spot = field.find("spot")) c.spot = spot_of(*spot);
  c.break_even_utilisation = optional_number(field.find("break_even_utilisation"));
  c.break_even_months = optional_number(field.find("break_even_months"));
  c.on_pareto_front = field.at("on_pareto_front").flag();
  for (const auto& [name, share] : field.at("step_share_by_bound").members()) {
    using predictor::bound;
    for (const auto by :
         {bound::compute, bound::memory, bound::interconnect, bound::network, bound::host, bound::overhead})
      if (predictor::to_string(by) == name) c.shares.push_back({by, share.is_null() ? unknown : share.number()});
  }
  return c;
}

planner::rejection rejection_of(const json_field& field, saved_report& owner) {
  planner::rejection r;
  r.instance = instance_of(field.find("instance"), owner);
  if (const auto model = field.find("price_model")) {
    profiles::price read;
    read.model = price_model_of(*model);
    read.region = text_or_empty(field.find("region"));
    read.term = text_or_empty(field.find("term"));
    r.price = keep(std::move(read), r.instance, owner);
  }
  r.reason = reason_of(field.at("reason"));
  r.detail = field.at("detail").text();
  return r;
}

planner::constraints limits_of(const json_field& field) {
  planner::constraints limits;
  limits.deadline_seconds = optional_number(field.find("deadline_seconds"));
  limits.budget_usd = optional_number(field.find("budget_usd"));
  limits.rate_units_per_second = optional_number(field.find("rate_units_per_second"));
  limits.providers = field.at("providers").texts();
  limits.regions = field.at("regions").texts();
  limits.price_models.clear();
  for (const auto& model : field.at("price_models").elements()) limits.price_models.push_back(price_model_of(model));
  limits.gpu_pattern = text_or_empty(field.find("gpu_pattern"));
  limits.max_nodes = whole(field.at("max_nodes"));
  limits.confidence = field.at("confidence").number();
  limits.stale_after_days = whole(field.at("stale_after_days"));
  limits.max_price_age_days = whole(field.at("max_price_age_days"));
  limits.max_spot_price_age_days = whole(field.at("max_spot_price_age_days"));
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
  work.total_units = number_or_unknown(field.find("total_units"));
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
  c.instance = instance_of(instance, owner);
  c.price = price_of(field.find("price"), c.instance, owner);
  c.nodes = whole(field.at("nodes"));
  c.job = estimate_of(field.at("job"));
  c.usd_per_hour = number_or_unknown(field.find("usd_per_hour"));
  c.expected_cost_usd = number_or_unknown(field.find("expected_cost_usd"));
  c.probability_all_limits = number_or_unknown(field.find("probability_all_limits"));
  if (const auto price = field.find("price")) {
    c.price_age_days = number_or_unknown(price->find("age_days"));
    c.price_is_old = price->at("is_old").flag();
  }
  return rule;
}

}  // namespace

planner::recommendation recommendation_from_json(const json_field& field, saved_report& owner) {
  planner::recommendation answer;
  answer.workload = workload_of(field.at("workload"));
  answer.limits = limits_of(field.at("limits"));
  answer.made_at = field.at("made_at").text();
  for (const auto& one : field.at("ranked").elements())
    answer.ranked.push_back(candidate_of(one, answer.limits, owner));
  for (const auto& one : field.at("rejected").elements()) answer.rejected.push_back(rejection_of(one, owner));
  answer.considered = static_cast<std::size_t>(field.at("considered").integer(0));
  answer.not_separable = static_cast<std::size_t>(field.at("not_separable").integer(0));
  answer.flip_points = field.at("flip_points").texts();
  answer.notes = field.at("notes").texts();
  if (const auto rival = field.find("next_best"))
    answer.next_best = {place_of(rival->at("rank"), answer), number_or_unknown(rival->find("probability_cheaper")),
                        number_or_unknown(rival->find("expected_regret_usd"))};
  if (const auto probes = field.find("worth_measuring"))
    for (const auto& probe : probes->elements())
      answer.worth_measuring.push_back({place_of(probe.at("rank"), answer), number_or_unknown(probe.find("seconds")),
                                        number_or_unknown(probe.find("cost_usd"))});
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
