#include "cli/imported_runs.hpp"
#include "cli/knowledge.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/ranking.hpp"
#include "core/units.hpp"
#include "report/sink.hpp"

#include <memory>

namespace gpubench::cli {
namespace {

struct report_options {
  std::string run_file;
  std::vector<std::string> workloads;
  ranking_options ranking;
};

exit_status write_report(const program& chosen, const report_options& options) {
  const auto& global = chosen.global;
  const auto& form = report::find_sink(global.format);
  require_output(global, {options.run_file});
  const std::vector<results::run> runs{results::load_run(options.run_file)};

  std::optional<knowledge> known;
  report::document document;
  document.run = &runs.front();
  document.run_file = options.run_file;
  const auto& workloads = options.workloads.empty() ? options.ranking.workloads : options.workloads;
  if (!workloads.empty()) {
    known = load_knowledge(global);
    apply(options.ranking.payment, known->catalogue, time_of(options.ranking));
    say_how_imports_are_used(global, known->catalogue, runs);
    document.recommendations = rank(*known, workloads, options.ranking, runs);
  }
  document.command = chosen.command_line;
  document.made_at = format_utc(time_of(options.ranking));
  deliver(global, [&](std::ostream& out) {
    auto look = style_for(global);
    apply(options.ranking, look);
    form.write(document, look, out);
  });
  if (known) require_feasible(*known, document.recommendations, runs, time_of(options.ranking));
  return exit_status::done;
}

}  // namespace

void declare_report(CLI::App& app, program& chosen) {
  auto* command = app.add_subcommand("report", "Write a run, with or without recommendations, in any form again");
  const auto options = std::make_shared<report_options>();
  const auto as_is = [](const std::string& text) { return text; };
  command->add_option("run_file", options->run_file, "a run file")->type_name("FILE")->required();
  add_values(*command, "--workload", options->workloads, as_is, "NAME",
             "add the recommendation for this workload; repeatable");
  add_ranking_options(*command, options->ranking);
  command->callback(
      [&chosen, options] { chosen.action = [&chosen, options] { return write_report(chosen, *options); }; });
}

}  // namespace gpubench::cli
