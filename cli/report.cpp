#include "cli/forms.hpp"
#include "cli/imported_runs.hpp"
#include "cli/knowledge.hpp"
#include "cli/node_runs.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/ranking.hpp"
#include "cli/shown_runs.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "report/saved_report.hpp"
#include "report/sink.hpp"
#include "results/run_figures.hpp"

#include <fmt/format.h>

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "comparison/node_comparison.hpp"

namespace gpubench::cli {
namespace {

struct report_options {
  std::vector<std::string> run_files;
  std::string recommendation;  ///< a saved report, in place of run files
  std::string form;            ///< --to
  std::vector<std::string> workloads;
  std::vector<run_price> prices;
  ranking_options ranking;
  std::vector<std::string> questions;  ///< names of the options given that ask something of a ranking
};

// What was given on the command line beyond runs, saved answers and how they are shown. An answer is dated by --as-of
// with a ranking or without.
std::vector<std::string> questions_of(const CLI::App& command) {
  static const std::set<std::string> others{"run_file", "--to",  "--recommendation", "--price", "--workload",
                                            "--top",    "--all", "--rejected",       "--wide",  "--as-of"};
  std::vector<std::string> names;
  for (const auto* option : command.get_options())
    if (option->count() > 0 && others.count(option->get_name()) == 0) names.push_back(option->get_name());
  return names;
}

void deliver(const program& chosen, const report_options& options, const report::document& document) {
  const auto& form = form_of(chosen.global);
  if (!document.recommendations.empty()) require_place_for_offers(chosen.global);
  require_one_machine(chosen.global, document);
  deliver(chosen.global, [&](std::ostream& out) {
    auto look = style_for(chosen.global);
    apply(options.ranking, look);
    form.write(document, look, out);
  });
  say_left_out(chosen.global, document);
}

// A saved answer is shown as it was made: nothing is ranked again.
exit_status write_saved(const program& chosen, const report_options& options) {
  if (!options.run_files.empty() || !options.workloads.empty() || !options.prices.empty())
    throw error(error_kind::usage, "--recommendation stands alone: it has its runs, workloads and prices in it",
                "leave the run files, --workload and --price out");
  auto unheard = options.questions;
  if (options.ranking.as_of) unheard.emplace_back("--as-of");
  if (!unheard.empty())
    throw error(error_kind::usage,
                fmt::format("{}: a saved answer is shown as it was made, and not ranked again", join(unheard, ", ")),
                "leave it out, or ask anew: gpubench recommend");
  require_output(chosen.global, {options.recommendation});
  deliver(chosen, options, report::load_report(options.recommendation).content);
  return exit_status::done;
}

/// The runs as nodes that are held against each other; nothing unless some of them are peers enough for a verdict.
std::shared_ptr<const comparison::node_comparison> compare_shown(const std::vector<report::shown_run>& runs) {
  std::vector<comparison::measured_node> nodes;
  std::set<std::string> ids;
  for (const auto& shown : runs) {
    if (shown.run->provenance) continue;  // other tools' figures lack what makes nodes peers
    // The same run twice is laid side by side, and is no peer of itself.
    if (ids.insert(shown.run->id).second) nodes.push_back({shown.label, results::figures_of(*shown.run)});
  }
  if (nodes.size() < 2) return nullptr;
  auto found = std::make_shared<comparison::node_comparison>(comparison::compare_nodes(nodes, {}));
  const bool has_peers = !found->groups.empty() && found->groups.front().nodes.size() >= 2 && found->compared > 0;
  return has_peers ? found : nullptr;
}

exit_status write_runs(const program& chosen, const report_options& options) {
  const auto& global = chosen.global;
  if (options.run_files.empty())
    throw error(error_kind::usage, "gpubench report: no run file is named",
                "name one or several, or --recommendation FILE");
  const auto& workloads = options.workloads.empty() ? options.ranking.workloads : options.workloads;
  if (workloads.empty() && !options.questions.empty())
    throw error(error_kind::usage,
                fmt::format("{}: nothing is ranked, as no workload is named", join(options.questions, ", ")),
                "name one with --workload");
  if (!workloads.empty()) require_place_for_offers(global);
  const auto shown = with_campaign_nodes(global, options.run_files);
  std::vector<std::string> files;
  for (const auto& run : shown) files.push_back(run.path);
  auto inputs = files_of(options.ranking, workloads);
  inputs.insert(inputs.end(), files.begin(), files.end());
  require_output(global, inputs);
  const auto runs = load_runs(files);

  report::document document;
  document.runs = show_runs(runs, files);
  for (std::size_t i = 0; i < shown.size(); ++i)
    if (!shown[i].node.empty()) document.runs[i].label = shown[i].node;
  set_prices(document.runs, options.prices);
  std::optional<knowledge> known;
  if (!workloads.empty()) {
    known = load_knowledge(global);
    apply(options.ranking.payment, known->catalogue, time_of(options.ranking));
    document.recommendations = rank(*known, workloads, options.ranking, runs);
    say_how_runs_are_used(global, known->catalogue, runs, document.recommendations);
  }
  if (name_instances(document.runs))
    set_catalogue_facts(document.runs, known ? known->catalogue : load_catalogue(global));
  if (document.runs.size() > 1) explain_prices(document.runs);
  document.nodes = compare_shown(document.runs);
  document.command = chosen.command_line;
  document.made_at = format_utc(time_of(options.ranking));
  deliver(chosen, options, document);
  if (known) require_feasible(*known, document.recommendations, runs, time_of(options.ranking));
  return exit_status::done;
}

exit_status write_report(program& chosen, const report_options& options) {
  auto& global = chosen.global;
  if (!options.form.empty()) {
    if (global.format_given && global.format != options.form)
      throw error(error_kind::usage, fmt::format("--to {} and --format {} name two forms", options.form, global.format),
                  "give one");
    global.format = options.form;
  }
  static_cast<void>(form_of(global));  // refused before anything is read
  return options.recommendation.empty() ? write_runs(chosen, options) : write_saved(chosen, options);
}

}  // namespace

void declare_report(CLI::App& app, program& chosen) {
  auto* command = app.add_subcommand("report", "Write runs, with or without recommendations, in any form again");
  const auto options = std::make_shared<report_options>();
  const auto as_is = [](const std::string& text) { return text; };
  command
      ->add_option("run_file", options->run_files,
                   "run files, several are laid side by side; or the folder of a collected campaign")
      ->type_name("FILE...");
  command->add_option("--to", options->form, "as --format")->type_name("FORM");
  command
      ->add_option("--recommendation", options->recommendation,
                   "in place of run files: a report saved with --format json, in another form")
      ->type_name("FILE");
  command
      ->add_option_function<std::vector<std::string>>(
          "--price",
          [options](const std::vector<std::string>& texts) {
            try {
              for (const auto& text : texts)
                for (auto& price : parse_run_prices(text)) options->prices.push_back(std::move(price));
            } catch (const error& e) {
              refuse_option("--price", e);
            }
          },
          "what a run's machine costs, for the cost of a unit of work; RUN is the file's name; repeatable")
      ->type_name("RUN=USD_PER_HOUR")
      ->allow_extra_args(false);
  add_values(*command, "--workload", options->workloads, as_is, "NAME",
             "add the recommendation for this workload; repeatable");
  add_ranking_options(*command, options->ranking);
  command->callback([&chosen, options, command] {
    options->questions = questions_of(*command);
    chosen.action = [&chosen, options] { return write_report(chosen, *options); };
  });
}

}  // namespace gpubench::cli
