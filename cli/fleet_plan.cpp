#include "bench/registry.hpp"
#include "cli/fleet_commands.hpp"
#include "cli/fleet_results.hpp"
#include "cli/imported_runs.hpp"
#include "cli/knowledge.hpp"
#include "cli/output.hpp"
#include "cli/ranking.hpp"
#include "cli/values.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "report/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <set>

#include "fleet/plan_json.hpp"
#include "fleet/probe_plan.hpp"

namespace gpubench::cli {
namespace {

struct fleet_plan_options {
  std::vector<std::string> workloads, results;
  ranking_options ranking;
  std::optional<money> budget, spend;
  std::optional<int> max_instances;
  double jobs = 1;
  bench::suite suite = bench::suite::standard;
  std::chrono::duration<double> setup{fleet::probe_terms{}.setup_seconds};
};

bench::suite parse_probed_suite(const std::string& text) {
  const auto suite = bench::parse_suite(text);
  if (!suite || !bench::default_budget(*suite))
    throw error(error_kind::usage, fmt::format("'{}' is no suite of a known length", text), "quick, standard or apps");
  return *suite;
}

double parse_jobs(const std::string& text) {
  const auto number = parse_number(text);
  if (!number || !(*number > 0) || *number > 1e9)
    throw error(error_kind::usage, fmt::format("'{}' is no number of jobs", text), "above 0, as 12 or 0.5");
  return *number;
}

double usd_of(const std::string& option, const money& amount, const knowledge& known) {
  try {
    return known.catalogue.rates.to_usd(amount.amount, amount.currency);
  } catch (const error& e) {
    refuse_option(option, error(error_kind::usage, e.what(), e.hint()));
  }
}

fleet::probe_terms terms_of(const fleet_plan_options& options, const knowledge& known) {
  fleet::probe_terms terms;
  terms.suite_seconds = bench::default_budget(options.suite)->count();
  terms.setup_seconds = options.setup.count();
  terms.jobs = options.jobs;
  if (options.spend) terms.spend_usd = usd_of("--spend", *options.spend, known);
  if (options.budget) terms.budget_usd = usd_of("--budget", *options.budget, known);
  terms.max_instances = options.max_instances;
  terms.now = time_of(options.ranking);
  return terms;
}

using value = report::table::value;

// For people in whole cents.
report::table probe_table(const fleet::probe_plan& plan, std::size_t rows, bool rounded = false) {
  const auto usd = [rounded](double amount) { return value(rounded ? std::round(amount * 100) / 100 : amount); };
  report::table probes({{"order", "#"},
                        {"verdict", "verdict"},
                        {"device", "device", 4, 2},
                        {"provider", "provider", 4, 1},
                        {"instance_type", "instance"},
                        {"nodes", "nodes", 4, 3},
                        {"region", "region", 4, 4},
                        {"price_model", "price", 4, 3},
                        {"billed_seconds", "billed s", 4, 4},
                        {"cost_usd", "costs $", 3},
                        {"expected_gain_usd", "gains $", 3},
                        {"expected_gain_alone_usd", "alone $", 3, 2},
                        {"perfect_information_usd", "at most $", 3, 3},
                        {"workloads", "for", 4, 3}});
  for (std::size_t i = 0; i < std::min(rows, plan.probes.size()); ++i) {
    const fleet::probe& one = plan.probes[i];
    probes.add_row({i < plan.chosen ? value(static_cast<double>(i + 1)) : value(),
                    std::string(fleet::to_string(one.verdict)), one.device, one.type->provider, one.type->type,
                    static_cast<double>(one.nodes), one.offer ? value(one.offer->region) : value(),
                    one.offer ? value(std::string(profiles::to_string(one.offer->model))) : value(), one.billed_seconds,
                    one.cost_usd ? usd(*one.cost_usd) : value(), usd(one.gain_usd), usd(one.alone_usd),
                    usd(one.perfect_usd), join(one.workloads, " ")});
  }
  return probes;
}

std::string advice(const fleet::probe_plan& plan) {
  if (plan.chosen > 0)
    return fmt::format("Measure {} first, for ${}; expected to save ${} of ${}.",
                       count_of(plan.chosen, "instance type"), format_number(plan.cost_usd),
                       format_number(plan.gain_usd), format_number(plan.regret_usd));
  const fleet::probe* most = fleet::most_valuable_left(plan);
  if (most && most->verdict == fleet::probe_verdict::price_unknown)
    return "Nothing is known to be worth measuring: what the most valuable costs is not known.";
  if (most && most->verdict == fleet::probe_verdict::not_measurable)
    return "Nothing that gpubench can measure is worth it.";
  return "Measure nothing: choose now.";
}

void write_text(const fleet::probe_plan& plan, const fleet_plan_options& options, const report::style& look,
                std::ostream& out) {
  for (const fleet::stake& one : plan.stakes)
    out << fmt::format("{}: today {} of {}; {} ${}, of which a wrong choice is expected to waste ${}\n", one.workload,
                       one.choice->instance->name(), count_of(one.alternatives, "device"),
                       one.jobs == 1 ? std::string("one job costs") : format_number(one.jobs) + " jobs cost",
                       format_number(one.cost_usd), format_number(one.regret_usd));
  out << advice(plan) << "\n\n";
  const auto rows = options.ranking.all ? plan.probes.size() : static_cast<std::size_t>(options.ranking.top);
  if (!plan.probes.empty()) {
    probe_table(plan, rows, true).write_text(out, look);
    if (plan.probes.size() > rows) out << fmt::format("({} more: --all)\n", plan.probes.size() - rows);
    out << '\n';
  }
  out << labelled("Stop", plan.stop) << '\n';
  for (const std::string& note : plan.notes) out << labelled("Note", note) << '\n';
}

std::string next_command(const fleet::probe_plan& plan) {
  if (plan.chosen == 0) return "gpubench recommend";
  const fleet::probe& first = plan.probes.front();
  const bool is_spot = first.offer && first.offer->model == profiles::price_model::spot;
  return fmt::format("gpubench fleet render --engine ENGINE --instance {}{}, and plan again with its --results",
                     first.type->type, is_spot ? " --spot" : "");
}

// Its stake would count twice.
void require_each_once(const std::vector<planner::recommendation>& answers) {
  std::set<std::string> names;
  for (const auto& one : answers)
    if (!names.insert(one.workload.name).second)
      throw error(error_kind::usage, fmt::format("workload {} is given twice", one.workload.name),
                  "--jobs says how often its job is done");
}

exit_status fleet_plan(const program& chosen, const fleet_plan_options& options) {
  const auto& global = chosen.global;
  require_table_format(global, "a plan of probes");
  auto inputs = files_of(options.ranking, options.workloads);
  const auto results = with_fleet_results(global, options.results);
  inputs.insert(inputs.end(), results.begin(), results.end());
  require_output(global, inputs);
  const auto runs = load_runs(results);
  auto known = load_knowledge(global);
  const auto now = time_of(options.ranking);
  apply(options.ranking.payment, known.catalogue, now);
  const auto terms = terms_of(options, known);
  const auto answers = rank(known, options.workloads, options.ranking, runs);
  say_how_runs_are_used(global, known.catalogue, runs, answers);
  require_each_once(answers);
  require_feasible(known, answers, runs, now, 0, "what gpubench recommend shows with --rejected");
  const auto plan = fleet::plan_probes(known.catalogue, answers, terms);
  if (global.format == "json") {
    deliver(global, [&](std::ostream& out) {
      out << fleet::to_json(plan, terms, format_utc(now), chosen.command_line)
                 .dump(2, ' ', false, json::error_handler_t::replace)
          << '\n';
    });
  } else if (global.format == "table") {
    deliver(global, [&](std::ostream& out) {
      auto look = style_for(global);
      write_text(plan, options, look, out);
    });
  } else {
    deliver_table(global, probe_table(plan, plan.probes.size()));
  }
  say(global, labelled("Next", next_command(plan)));
  return exit_status::done;
}

void add_limits(CLI::App& app, ranking_options& options) {
  add_value(app, "--deadline", options.deadline, parse_duration, "DURATION", "each job ends within this time, as 24h");
  add_value(app, "--confidence", options.confidence, parse_probability, "P",
            "probability of meeting the deadline that an offer needs (default 0.95)");
  add_offer_filters(app, options);
  add_value(
      app, "--max-nodes", options.max_nodes, [](const std::string& text) { return parse_count(text, 1, 1024); }, "N",
      "a job may use up to this many instances together (default 1)");
  add_price_filters(app, options);
  add_value(
      app, "--top", options.top, [](const std::string& text) { return parse_count(text, 1, 1'000'000); }, "N",
      "show this many (default 10); json and csv hold all");
  app.add_flag("--all", options.all, "show all");
}

}  // namespace

void declare_fleet_plan(CLI::App& fleet, program& chosen) {
  auto* command = fleet.add_subcommand(
      "plan", "Which instance types to measure before choosing, what that costs and saves, and when to stop");
  const auto options = std::make_shared<fleet_plan_options>();
  command->add_option("workload", options->workloads, "what is to be run: gpubench list workloads, or a .toml file")
      ->type_name("WORKLOAD...")
      ->required();
  command->add_option("--results", options->results, "run files of what is measured already")->type_name("FILE...");
  add_value(*command, "--budget", options->budget, parse_money, "MONEY", "spend at most this on measuring, as 50");
  add_value(
      *command, "--max-instances", options->max_instances,
      [](const std::string& text) { return parse_count(text, 1, 100'000); }, "N",
      "rent at most this many instances for measuring");
  auto* jobs = add_value(*command, "--jobs", options->jobs, parse_jobs, "N",
                         "each workload's job will be done this often (default 1)");
  add_value(*command, "--spend", options->spend, parse_money, "MONEY",
            "the workloads together will cost about this, as 20000; each is done equally often")
      ->excludes(jobs);
  add_value(*command, "--suite", options->suite, parse_probed_suite, "NAME",
            "what is measured: quick, standard or apps (default standard)");
  add_value(*command, "--setup", options->setup, parse_duration, "DURATION",
            "rented beside the suite's time: boot, image, reserve (default 29m)");
  add_limits(*command, options->ranking);
  add_payment_options(*command, options->ranking.payment);
  command->callback(
      [&chosen, options] { chosen.action = [&chosen, options] { return fleet_plan(chosen, *options); }; });
}

}  // namespace gpubench::cli
