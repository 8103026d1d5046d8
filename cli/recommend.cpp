#include "cli/imported_runs.hpp"
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
  const auto known = load_knowledge(global);

  say_how_imports_are_used(global, known.catalogue, runs);

  report::document document;
  document.recommendations = rank(known, options.workloads, options.ranking, runs);
  document.command = chosen.command_line;
  document.made_at = format_utc(std::chrono::system_clock::now());
  deliver(global, [&](std::ostream& out) {
    auto look = style_for(global);
    apply(options.ranking, look);
    form.write(document, look, out);
  });
  require_feasible(known, document.recommendations, runs);
  if (runs.empty())
    say(global, labelled("Next", "gpubench evaluate --workload " + join(options.workloads, " --workload ")));
  return exit_status::done;
}

}  // namespace

void declare_recommend(CLI::App& app, program& chosen) {
  auto* command = app.add_subcommand("recommend", "Rank the offers of the catalogue for one or more workloads");
  const auto options = std::make_shared<recommend_options>();
  command->add_option("workload", options->workloads, "what is to be run: gpubench list workloads, or a .toml file")
      ->type_name("WORKLOAD...")
      ->required();
  command->add_option("--results", options->results, "run files whose measurements are used where they fit")
      ->type_name("FILE...");
  add_ranking_options(*command, options->ranking);
  command->callback([&chosen, options] { chosen.action = [&chosen, options] { return recommend(chosen, *options); }; });
}

}  // namespace gpubench::cli
