#include "cli/knowledge.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/ranking.hpp"
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
};

exit_status recommend(const program& chosen, const recommend_options& options) {
  const auto& global = chosen.global;
  const auto& form = report::find_sink(global.format);
  require_output(global);
  const auto runs = load_runs(options.results);
  const auto& workloads = options.workloads.empty() ? options.ranking.workloads : options.workloads;
  if (workloads.empty())
    throw error(error_kind::usage, "gpubench recommend: a workload is missing",
                "name one of gpubench list workloads, or give a --request file that does");
  auto known = load_knowledge(global);
  apply(options.ranking.payment, known.catalogue);

  report::document document;
  document.recommendations = rank(known, workloads, options.ranking, runs);
  document.command = chosen.command_line;
  document.made_at = format_utc(time_of(options.ranking));
  deliver(global, [&](std::ostream& out) {
    auto look = style_for(global);
    apply(options.ranking, look);
    form.write(document, look, out);
  });
  require_feasible(known, document.recommendations, runs, time_of(options.ranking));
  if (runs.empty()) say(global, labelled("Next", "gpubench evaluate --workload " + join(workloads, " --workload ")));
  return exit_status::done;
}

}  // namespace

void declare_recommend(CLI::App& app, program& chosen) {
  auto* command = app.add_subcommand("recommend", "Rank the offers of the catalogue for one or more workloads");
  const auto options = std::make_shared<recommend_options>();
  command->add_option("workload", options->workloads, "what is to be run: gpubench list workloads, or a .toml file")
      ->type_name("WORKLOAD...");
  command->add_option("--results", options->results, "run files whose measurements are used where they fit")
      ->type_name("FILE...");
  add_ranking_options(*command, options->ranking);
  command->callback([&chosen, options] { chosen.action = [&chosen, options] { return recommend(chosen, *options); }; });
}

}  // namespace gpubench::cli
