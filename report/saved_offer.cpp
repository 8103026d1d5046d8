#include "report/saved_fields.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace gpubench::report::saved {
namespace {

void read_cost_parts(const json_field& field, planner::candidate& c) {
  for (std::size_t i = 0; i < c.cost_by_part.size(); ++i) {
    const auto usd = field.find(planner::to_string(static_cast<planner::cost_part>(i)));
    c.part_is_unknown[i] = !usd;
    c.cost_by_part[i] = usd ? usd->number_from(0) : 0;
  }
}

planner::spot_outlook spot_of(const json_field& field) {
  planner::spot_outlook spot;
  spot.mean_up_seconds = amount(field.find("mean_up_seconds"));
  spot.checkpoint_seconds = amount(field.find("checkpoint_seconds"));
  spot.interval_seconds = optional_positive(field.find("interval_seconds"));
  spot.restart_seconds = amount(field.find("restart_seconds"));
  spot.interruptions = amount(field.find("interruptions"));
  spot.undisturbed_probability = share(field.find("undisturbed_probability"));
  spot.basis = text_or_empty(field.find("basis"));
  spot.assumed = field.at("assumed").flag();
  return spot;
}

// Null where no limit was set, or where it is unknown whether it is kept.
double probability_of(const std::optional<json_field>& field, bool limited) {
  return field || limited ? share(field) : 1;
}

}  // namespace

const profiles::instance* instance(const std::optional<json_field>& field, saved_report& owner) {
  if (!field) return nullptr;
  profiles::instance read;
  read.provider = field->at("provider").text();
  read.type = field->at("type").text();
  read.gpu = text_or_empty(field->find("gpu"));
  read.gpu_count = count(field->at("gpu_count"));
  read.gpu_fraction = positive(field->at("gpu_fraction"));
  if (read.gpu_fraction > 1) field->at("gpu_fraction").refuse("is a share above 1");
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

const profiles::price* price(const std::optional<json_field>& field, const profiles::instance* of,
                             saved_report& owner) {
  if (!field) return nullptr;
  profiles::price read;
  read.region = field->at("region").text();
  read.model = price_model(field->at("model"));
  read.term = text_or_empty(field->find("term"));
  read.amount_per_hour = amount(field->find("amount_per_hour"));
  read.currency = field->at("currency").text();
  read.origin.source = field->at("source").text();
  read.origin.date = field->at("date").text();
  return keep(std::move(read), of, owner);
}

void read_price_age(const json_field& offer, planner::candidate& c) {
  const auto price = offer.find("price");
  if (!price) return;
  c.price_age_days = amount(price->find("age_days"));
  c.price_is_old = price->at("is_old").flag();
}

planner::candidate candidate(const json_field& field, const planner::constraints& limits, saved_report& owner) {
  planner::candidate c;
  c.instance = instance(field.find("instance"), owner);
  c.price = price(field.find("price"), c.instance, owner);
  read_price_age(field, c);
  c.nodes = count(field.at("nodes"), 1);
  c.devices = count(field.at("devices"));
  c.tensor_parallel = count(field.at("tensor_parallel"), 1);
  c.data_parallel = count(field.at("data_parallel"), 1);
  c.split = field.at("split").text();
  c.slice = text_or_empty(field.find("slice"));
  c.host_reason = text_or_empty(field.find("host_reason"));
  if (const auto helpers = field.find("helpers")) {
    planner::helper_set set;
    set.count = count(helpers->at("count"), 1);
    set.instance = instance(helpers->at("instance"), owner);
    set.price = price(helpers->at("price"), set.instance, owner);
    set.usd_per_hour = amount(helpers->find("usd_per_hour"));
    c.helpers = set;
  }
  c.memory_per_device_bytes = amount(field.find("memory_per_device_bytes"));
  c.units_per_second = amount(field.find("units_per_second"));
  c.step = estimate(field.at("step"));
  c.job = estimate(field.at("job"));
  c.usd_per_hour = amount(field.find("usd_per_hour"));
  require_order(field, "cost_low_usd", "cost_high_usd");
  c.cost_usd = amount(field.find("cost_usd"));
  c.cost_low_usd = amount(field.find("cost_low_usd"));
  c.cost_high_usd = amount(field.find("cost_high_usd"));
  c.expected_cost_usd = amount(field.find("expected_cost_usd"));
  read_cost_parts(field.at("cost_by_part_usd"), c);
  c.regret_usd = number(field.find("regret_usd"));
  c.usd_per_million_units = amount(field.find("usd_per_million_units"));
  c.probability_in_deadline =
      probability_of(field.find("probability_in_deadline"), limits.deadline_seconds.has_value());
  c.probability_in_budget = probability_of(field.find("probability_in_budget"), limits.budget_usd.has_value());
  if (const auto risk = field.find("violation_risk"))
    c.probability_all_limits = 1 - share(risk);
  else
    c.probability_all_limits = limits.deadline_seconds || limits.budget_usd ? share(std::nullopt) : 1;
  c.seconds_at_confidence = amount(field.find("seconds_at_confidence"));
  c.cost_at_confidence_usd = amount(field.find("cost_at_confidence_usd"));
  if (const auto spot = field.find("spot")) c.spot = spot_of(*spot);
  c.break_even_utilisation = optional_amount(field.find("break_even_utilisation"));
  c.break_even_months = optional_amount(field.find("break_even_months"));
  c.on_pareto_front = field.at("on_pareto_front").flag();
  for (const auto& [name, fraction] : field.at("step_share_by_bound").members())
    if (const auto by = find_bound(name))
      c.shares.push_back({*by, share(fraction.is_null() ? std::nullopt : std::optional(fraction))});
  return c;
}

}  // namespace gpubench::report::saved
