#include "cli/fleet_results.hpp"
#include "cli/forms.hpp"
#include "cli/imported_runs.hpp"
#include "cli/knowledge.hpp"
#include "cli/output.hpp"
#include "cli/place.hpp"
#include "cli/program.hpp"
#include "cli/ranking.hpp"
#include "cli/service_options.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "report/sink.hpp"

#include <fmt/format.h>

#include <memory>

namespace gpubench::cli {
namespace {

struct recommend_options {
  std::vector<std::string> workloads;
  std::vector<std::string> results;
  ranking_options ranking;
  service_options service;
  place_options place;
};

// A service has neither end nor total cost, and an instance that is taken away at any time is asked for by name.
planner::constraints service_limits(const recommend_options& options, const knowledge& known) {
  if (options.ranking.deadline || options.ranking.budget)
    throw error(error_kind::usage, "--deadline and --budget are for jobs that end, not for services",
                "leave them out, or --request-rate and the limits on latency");
  auto limits = to_constraints(options.ranking, known);
  if (options.ranking.throughput)
    throw error(error_kind::usage, "--throughput is for jobs; a service is asked for by the requests that arrive",
                "state --request-rate R, requests a second, or --trace FILE");
  if (options.ranking.price_models.empty()) limits.price_models = {profiles::price_model::on_demand};
  return limits;
}

void require_kept(const report::document& document) {
  for (const auto& each : document.services) {
    const planner::serving_answer& answer = *each;
    if (!answer.ranked.empty()) continue;
    throw error(error_kind::infeasible,
                answer.considered == 0
                    ? fmt::format("the catalogue has no offer of what {} may use", answer.workload.name)
                    : fmt::format("no offer keeps the limits of {} with {} %", answer.workload.name,
                                  serving::plain_percent(answer.limits.confidence)),
                answer.nearest_miss);
  }
}

exit_status recommend(const program& chosen, recommend_options options) {
  const auto& global = chosen.global;
  const auto& form = form_of(global);
  require_place_for_offers(global);
  auto inputs = files_of(options.ranking, options.workloads);
  inputs.insert(inputs.end(), {options.place.link, options.service.trace});
  const auto results = with_fleet_results(global, options.results);
  inputs.insert(inputs.end(), results.begin(), results.end());
  require_output(global, inputs);
  apply(global, options.place, options.ranking);
  const auto runs = load_runs(results);
  const auto& workloads = options.workloads.empty() ? options.ranking.workloads : options.workloads;
  if (workloads.empty())
    throw error(error_kind::usage, "gpubench recommend: a workload is missing",
                "name one of gpubench list workloads, or give a --request file that does");
  auto known = load_knowledge(global);
  apply(options.ranking.payment, known.catalogue, time_of(options.ranking));

  report::document document;
  std::vector<std::string> jobs;
  for (const auto& name : workloads) {
    const auto what = profiles::find_workload(known.workloads, name);
    if (!is_service(options.service, what)) {
      jobs.push_back(name);
      continue;
    }
    const auto limits = service_limits(options, known);
    document.services.push_back(std::make_shared<planner::serving_answer>(
        planner::recommend_serving(known.catalogue, known.efficiencies, what,
                                   to_goal(options.service, what, options.ranking.payment.terms.spot.seed), limits,
                                   runs, time_of(options.ranking))));
  }
  document.recommendations = rank(known, jobs, options.ranking, runs);
  say_how_runs_are_used(global, known.catalogue, runs, document.recommendations, document.services);
  document.command = chosen.command_line;
  document.made_at = format_utc(time_of(options.ranking));
  deliver(global, [&](std::ostream& out) {
    auto look = style_for(global);
    apply(options.ranking, look);
    form.write(document, look, out);
  });
  require_feasible(known, document.recommendations, runs, time_of(options.ranking), options.ranking.upload_seconds);
  require_kept(document);
  if (runs.empty() && !jobs.empty())
    say(global, labelled("Next", "gpubench evaluate --workload " + join(jobs, " --workload ")));
  return exit_status::done;
}

}  // namespace

void declare_recommend(CLI::App& app, program& chosen) {
  auto* command = app.add_subcommand("recommend", "Rank the offers of the catalogue for one or more workloads");
  const auto options = std::make_shared<recommend_options>();
  command->add_option("workload", options->workloads, "what is to be run: gpubench list workloads, or a .toml file")
      ->type_name("WORKLOAD...");
  command
      ->add_option("--results", options->results,
                   "run files, or folders of collected campaigns, whose measurements are used where they fit")
      ->type_name("FILE...");
  add_ranking_options(*command, options->ranking);
  add_service_options(*command, options->service);
  add_place_options(*command, options->place);
  command->callback([&chosen, options] { chosen.action = [&chosen, options] { return recommend(chosen, *options); }; });
}

}  // namespace gpubench::cli
