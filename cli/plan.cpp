#include "capacity/plan.hpp"

#include "cli/fleet_results.hpp"
#include "cli/forms.hpp"
#include "cli/knowledge.hpp"
#include "cli/output.hpp"
#include "cli/plan_offers.hpp"
#include "cli/plan_settings.hpp"
#include "cli/program.hpp"
#include "cli/ranking.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "report/capacity.hpp"
#include "report/figures.hpp"
#include "report/sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>

namespace gpubench::cli {
namespace {

struct plan_command {
  std::string workload;
  std::filesystem::path config;
  plan_texts flags;
  int top = 10;
  bool all = false;
  bool rejected = false;
  bool wide = false;
};

std::optional<double> units_per_request(const plan_options& options, const profiles::workload& what) {
  if (options.units_per_request) return options.units_per_request;
  if (what.output_tokens > 0) return static_cast<double>(what.output_tokens);
  return std::nullopt;
}

capacity::demand_series recorded_demand(const plan_options& options, const profiles::workload& what,
                                        report::planned_workload& said) {
  capacity::trace_options reading{options.fill, units_per_request(options, what), options.horizon_steps};
  auto trace = capacity::load_demand_trace(options.trace, reading);
  const std::size_t steps = trace.demand.size();
  said.demand = fmt::format("{}, {} rows over {}", options.trace.filename().string(), trace.rows,
                            format_duration(static_cast<double>(steps) * capacity::step_seconds));
  if (trace.is_in_seconds && trace.spacing_seconds > seconds_per_hour)
    said.notes.push_back(
        fmt::format("rows of the trace are {} apart: if its times are milliseconds, name the column time_milliseconds",
                    format_duration(trace.spacing_seconds)));
  if (trace.is_cut) said.notes.push_back("the trace goes on beyond the horizon, and was read up to it");
  if (trace.gaps > 0)
    said.notes.push_back(fmt::format("{} in the trace, {} together, filled as asked", count_of(trace.gaps, "gap"),
                                     format_duration(trace.filled_seconds)));
  if (steps < options.horizon_steps)
    said.notes.push_back(fmt::format(
        "the trace is shorter than the horizon: it is repeated by whole {}, growing {} a month",
        steps >= capacity::steps_per_week ? "weeks" : "days", report::percent(options.pattern.growth_per_month)));
  try {
    return capacity::extended(std::move(trace.demand), options.horizon_steps, options.pattern.growth_per_month);
  } catch (const error& e) {
    throw error(error_kind::input, {options.trace.string(), 0, 0}, e.what(), e.hint());
  }
}

capacity::demand_series made_up_demand(const plan_options& options, const profiles::workload& what,
                                       report::planned_workload& said) {
  capacity::demand_pattern pattern = options.pattern;
  if (options.mean_units_per_second.has_value() == options.mean_requests_per_second.has_value())
    throw error(error_kind::usage,
                options.mean_units_per_second ? "--mean and --mean-requests say the same twice"
                                              : "nothing says how much is asked for",
                "give a trace with --demand FILE, or --mean RATE in units a second, or --mean-requests RATE");
  if (options.mean_units_per_second) {
    pattern.mean_units_per_second = *options.mean_units_per_second;
  } else {
    const auto each = units_per_request(options, what);
    if (!each)
      throw error(error_kind::usage, "--mean-requests: nothing says how many units a request has",
                  "give --units-per-request, or --mean");
    pattern.mean_units_per_second = *options.mean_requests_per_second * *each;
  }
  said.demand = fmt::format("made up (seed {}), swing {}, weekend {:g}, growth {} a month", pattern.seed,
                            report::percent(pattern.daily_swing), pattern.weekend_factor,
                            report::percent(pattern.growth_per_month));
  if (pattern.bursts_per_day > 0)
    said.demand += fmt::format(", {:g} bursts a day of {:g} times", pattern.bursts_per_day, pattern.burst_factor);
  return capacity::generate(pattern, options.horizon_steps);
}

planner::constraints constraints_of(const plan_options& options, const knowledge& known) {
  planner::constraints limits;
  limits.providers = options.providers;
  limits.regions = options.regions;
  limits.price_models = options.price_models;
  if (limits.price_models.empty())
    limits.price_models = {profiles::price_model::on_demand, profiles::price_model::spot,
                           profiles::price_model::commitment};
  limits.gpu_pattern = options.gpu_pattern;
  limits.confidence = options.confidence;
  limits.terms = agreed_terms(options.payment, known.billing, known.catalogue);
  if (options.payment.machine) {
    if (!limits.providers.empty()) limits.providers.emplace_back(cost::own_provider);
    if (!limits.regions.empty()) limits.regions.emplace_back(cost::own_provider);
  }
  if (options.max_price_age_days)
    limits.max_price_age_days = limits.max_spot_price_age_days = *options.max_price_age_days;
  return limits;
}

void set_quotas(std::vector<capacity::offer>& offers, const plan_options& options, const profiles::catalogue& known) {
  std::set<std::string> names;
  for (const auto& type : known.instances) names.insert({type.type, type.name()});
  for (const auto& [type, quota] : options.quota_of_type) {
    if (names.count(type) == 0)
      throw error(error_kind::usage, fmt::format("--quota: '{}' is no instance type", type),
                  suggestion(type, {names.begin(), names.end()}));
  }
  for (auto& offer : offers) {
    offer.quota_instances = options.quota;
    for (const std::string& name : {offer.instance_type, offer.name()}) {
      const auto own = options.quota_of_type.find(name);
      if (own != options.quota_of_type.end()) offer.quota_instances = own->second;
    }
  }
}

/// Share of time in which the trace holds an instance.
std::optional<double> availability_in(const planner::constraints& limits) {
  const auto& trace = limits.terms.spot.trace;
  if (!trace) return std::nullopt;
  const auto up = std::count_if(trace->available.begin(), trace->available.end(), [](int count) { return count > 0; });
  return static_cast<double>(up) / static_cast<double>(trace->available.size());
}

std::string spot_assumption(const plan_options& options, const offer_assumptions& taken) {
  std::string text = fmt::format("spot runs {} of the time ({})",
                                 report::percent(taken.spot_availability.value_or(assumed_availability)),
                                 options.spot_availability ? "--spot-availability"
                                 : taken.spot_availability ? options.payment.spot_trace
                                                           : "assumed: --spot-availability");
  text += options.spot_overhead
              ? fmt::format(", loses {} of its work (--spot-overhead)", report::percent(*options.spot_overhead))
              : ", loses a launch's time at each interruption";
  return text + ", and more of it makes up for that: an outage of all of it at once is not among the late";
}

std::vector<std::string> assumptions(const plan_options& options, const offer_assumptions& taken,
                                     const std::vector<capacity::offer>& offers) {
  std::vector<std::string> notes;
  notes.push_back(
      fmt::format("an instance counts with the rate that it reaches with {}; one offer serves all of the demand",
                  report::percent(options.confidence)));
  const bool with_spot = std::any_of(offers.begin(), offers.end(),
                                     [](const capacity::offer& from) { return from.spot_usd_per_hour.has_value(); });
  if (with_spot) notes.push_back(spot_assumption(options, taken));
  notes.push_back(fmt::format("an instance serves {} after its launch (--boot, --image-load, --weights-load)",
                              report::set_duration(std::max(1e-9, options.scaling.ready_seconds()))));
  notes.push_back(
      "waiting is that for capacity, from minute to minute; within a minute work is taken to arrive evenly");
  return notes;
}

double budget_usd(const money& budget, const profiles::catalogue& known) {
  try {
    return known.rates.to_usd(budget.amount, budget.currency);
  } catch (const error& e) {
    refuse_option("--budget", error(error_kind::usage, e.what(), e.hint()));
  }
}

void require_plan(const report::planned_workload& planned) {
  if (!planned.plan.ranked.empty()) return;
  const auto& refused = planned.plan.refused;
  if (refused.empty())
    throw error(error_kind::infeasible, fmt::format("no offer does {}", planned.workload.name),
                "gpubench recommend " + planned.workload.name + " --rejected says why");
  const auto& nearest = refused.front();
  const int most = planned.plan.request.scaling.max_instances;
  const char* relax = nearest.broken == capacity::plan_limit::late && nearest.best().peak_instances() >= most
                          ? "the demand: the fleet has the most instances that are planned with"
                      : nearest.broken == capacity::plan_limit::late
                          ? "--max-late or --wait, or give a lower --target-utilisation or a shorter --up-delay"
                      : nearest.broken == capacity::plan_limit::quota  ? "--quota"
                      : nearest.broken == capacity::plan_limit::budget ? "--budget"
                                                                       : "--max-spot-share, or the price models";
  throw error(error_kind::infeasible,
              fmt::format("no plan for {} stays within the limits; the nearest is {}", planned.workload.name,
                          report::describe_miss(nearest, planned.plan.request)),
              std::string("loosen ") + relax);
}

exit_status make(const program& chosen, const plan_command& command) {
  const auto& global = chosen.global;
  const auto& form = form_of(global);
  require_place_for_offers(global);
  const plan_options options = read_plan_options(command.config, command.flags, command.workload);
  std::vector<std::filesystem::path> inputs{command.config, options.trace, options.payment.spot_trace,
                                            options.workload};
  const auto results = with_fleet_results(global, options.results);
  inputs.insert(inputs.end(), results.begin(), results.end());
  require_output(global, inputs);
  if (options.workload.empty())
    throw error(error_kind::usage, "gpubench plan: a workload is missing",
                "name one of gpubench list workloads, or give it as `workload` in the --config file");
  const auto runs = load_runs(results);
  auto known = load_knowledge(global);
  const auto now = options.as_of.value_or(std::chrono::system_clock::now());

  apply(options.payment, known.catalogue, now);

  report::planned_workload planned;
  planned.workload = profiles::find_workload(known.workloads, options.workload);
  planned.confidence = options.confidence;
  capacity::plan_request request;
  request.demand = options.trace.empty() ? made_up_demand(options, planned.workload, planned)
                                         : recorded_demand(options, planned.workload, planned);
  const auto limits = constraints_of(options, known);
  const std::vector<planner::recommendation> answers{
      planner::recommend(known.catalogue, known.efficiencies, planned.workload, limits, runs, now)};
  require_feasible(known, answers, runs, now);
  offer_assumptions taken;
  taken.confidence = options.confidence;
  taken.most = static_cast<std::size_t>(options.offers.value_or(usual_offers));
  taken.ready_seconds = options.scaling.ready_seconds();
  taken.horizon_years = static_cast<double>(options.horizon_steps) / capacity::steps_per_year;
  taken.spot_availability = options.spot_availability ? options.spot_availability : availability_in(limits);
  taken.spot_overhead = options.spot_overhead;
  request.wanted = options.wanted;
  request.scaling = options.scaling;
  request.max_spot_share = options.max_spot_share;
  request.growth_per_month = options.pattern.growth_per_month;
  if (options.budget) request.budget_usd = budget_usd(*options.budget, known.catalogue);
  auto found = offers_of(answers.front(), taken);
  const auto plan_with = [&](std::vector<capacity::offer> offers) {
    set_quotas(offers, options, known.catalogue);
    request.offers = std::move(offers);
    return capacity::make_plan(request);
  };
  planned.plan = plan_with(found.offers);
  if (planned.plan.ranked.empty() && !options.offers && found.offers.size() < found.considered) {
    planned.notes.push_back(
        fmt::format("none of the {} instance types that are cheapest per unit (--offers) stays "
                    "within the limits: all {} were planned with",
                    found.offers.size(), found.considered));
    taken.most = found.considered;
    found = offers_of(answers.front(), taken);
    planned.plan = plan_with(found.offers);
  }
  planned.considered = found.considered;
  for (const auto& notes : {assumptions(options, taken, planned.plan.request.offers), found.notes})
    planned.notes.insert(planned.notes.end(), notes.begin(), notes.end());

  report::document document;
  document.plans.push_back(std::move(planned));
  document.command = chosen.command_line;
  document.made_at = format_utc(now);
  deliver(global, [&](std::ostream& out) {
    auto look = style_for(global);
    look.max_rows = command.all ? 0 : static_cast<std::size_t>(command.top);
    look.show_rejected = command.rejected;
    look.wide = command.wide;
    form.write(document, look, out);
  });
  require_plan(document.plans.front());
  say(global, labelled("Next", "gpubench recommend " + options.workload));
  return exit_status::done;
}

}  // namespace

void declare_plan(CLI::App& app, program& chosen) {
  auto* command =
      app.add_subcommand("plan", "Plan capacity over time: what to rent, on which price model, how it scales");
  const auto given = std::make_shared<plan_command>();
  command->add_option("workload", given->workload, "what is to be served: gpubench list workloads, or a .toml file")
      ->type_name("WORKLOAD");
  command->add_option("--config", given->config, "a TOML file with the options below as keys, as up_delay = \"300s\"")
      ->type_name("FILE");
  for (const auto& setting : plan_settings()) {
    const auto take = [given, name = setting.name](const std::vector<std::string>& texts) {
      given->flags[name] = texts;
    };
    auto* option = command->add_option_function<std::vector<std::string>>("--" + setting.name, take, setting.help);
    option->type_name(setting.type)->allow_extra_args(false);
    if (setting.is_list) {
      option->delimiter(',');
    } else {
      option->multi_option_policy(CLI::MultiOptionPolicy::Throw)->expected(1);
    }
  }
  add_value(
      *command, "--top", given->top, [](const std::string& text) { return parse_count(text, 1, 1'000'000); }, "N",
      "show this many plans (default 10); json and csv hold all");
  command->add_flag("--all", given->all, "show every plan");
  command->add_flag("--rejected", given->rejected, "show the refused offers with their reasons");
  command->add_flag("--wide", given->wide, "show every column, and the months of the first plan");
  command->callback([&chosen, given] { chosen.action = [&chosen, given] { return make(chosen, *given); }; });
}

}  // namespace gpubench::cli
