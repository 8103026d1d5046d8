#include "cli/forms.hpp"
#include "cli/imported_runs.hpp"
#include "cli/knowledge.hpp"
#include "cli/measuring.hpp"
#include "cli/output.hpp"
#include "cli/place.hpp"
#include "cli/program.hpp"
#include "cli/ranking.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "report/measured.hpp"
#include "report/sink.hpp"

#include <fmt/format.h>

#include <memory>
#include <sstream>

namespace gpubench::cli {
namespace {

struct evaluate_options {
  std::vector<std::string> workloads;
  std::vector<std::string> results;
  std::filesystem::path output_dir = ".";
  measuring_options measuring;
  ranking_options ranking;
  place_options place;
};

struct output_files {
  std::filesystem::path run, html;
};

output_files choose_files(const evaluate_options& options) {
  output_files files{new_file_name(options.output_dir, "run", ".json"),
                     new_file_name(options.output_dir, "report", ".html")};
  for (const auto& file : {files.run, files.html}) require_writable(file, "name another folder with --output-dir");
  return files;
}

std::string next_command(const evaluate_options& options, const std::string& run_file) {
  std::string command = "gpubench recommend " + join(options.workloads, " ") + " --results " + run_file;
  return command + (options.ranking.rejected ? " --all --wide" : " --rejected");
}

std::string reuse_command(const evaluate_options& options, const std::string& run_file) {
  return "gpubench evaluate --workload " + join(options.workloads, " --workload ") + " --results " + run_file;
}

/// The answer is worth more than its report: why that could not be written is told after the answer.
std::optional<error> try_to_write_page(const report::document& document, const std::filesystem::path& file,
                                       const std::string& retry) {
  std::ostringstream page;
  report::find_sink("html").write(document, report::style{}, page);
  try {
    write_file_atomically(file, page.str());
  } catch (const error& e) {
    return error(e.kind(), e.where(), e.what(), "nothing needs to be measured again: " + retry + " --output-dir DIR");
  }
  return std::nullopt;
}

exit_status evaluate(const program& chosen, evaluate_options options) {
  const auto& global = chosen.global;
  const auto& form = form_of(global);
  require_place_for_offers(global);
  auto inputs = files_of(options.ranking, options.workloads);
  inputs.push_back(options.place.link);
  inputs.insert(inputs.end(), options.results.begin(), options.results.end());
  require_output(global, inputs);
  apply(global, options.place, options.ranking);
  auto known = load_knowledge(global);
  apply(options.ranking.payment, known.catalogue, time_of(options.ranking));
  auto runs = load_runs(options.results);
  // Ranked once without the measurements: whatever this refuses is refused before minutes are spent on measuring.
  const auto foreseen = rank(known, options.workloads, options.ranking, runs);
  say_how_runs_are_used(global, known.catalogue, runs, foreseen);
  require_feasible(known, foreseen, runs, time_of(options.ranking), options.ranking.upload_seconds);
  const auto files = choose_files(options);

  report::document document;
  std::string run_file;
  std::unique_ptr<measuring> work;
  if (runs.empty()) {
    work = std::make_unique<measuring>(known.catalogue, options.measuring);
    say(global, labelled("Machine", report::machine_line(work->machine())));
    const bool complete = work->measure(global, files.run);
    const std::string name = files.run.lexically_normal().string();
    if (!complete) {
      say(global, fmt::format("Interrupted: {} kept in {}; the rest:\n  gpubench run --resume {}\nand then:\n  {}",
                              count_of(work->run().measurements.size(), "measurement"), name, name,
                              reuse_command(options, name)));
      return exit_status::interrupted;
    }
    runs.push_back(work->run());
    run_file = name;
  } else {
    run_file = options.results.front();
  }

  document.runs = {{&runs.front(), run_file}};
  document.recommendations = rank(known, options.workloads, options.ranking, runs);
  document.command = chosen.command_line;
  document.made_at = format_utc(time_of(options.ranking));
  const std::string html_file = files.html.lexically_normal().string();
  const auto unwritten = try_to_write_page(document, files.html, reuse_command(options, run_file));
  const std::string trailer = (unwritten ? "" : labelled("Report", html_file) + "\n") + labelled("Run file", run_file) +
                              "\n" + labelled("Next", next_command(options, run_file));
  const bool for_people = global.format == "table";
  deliver(global, [&](std::ostream& out) {
    auto look = style_for(global);
    apply(options.ranking, look);
    form.write(document, look, out);
    if (for_people) out << '\n' << trailer << '\n';
  });
  if (!for_people) say(global, trailer);
  if (unwritten) throw *unwritten;
  require_feasible(known, document.recommendations, runs, time_of(options.ranking), options.ranking.upload_seconds);
  if (!work || work->failed() == 0) return exit_status::done;
  say(global, count_of(work->failed(), "measurement") + " failed");
  return exit_status::measurement_failed;
}

}  // namespace

void declare_evaluate(CLI::App& app, program& chosen) {
  auto* command = app.add_subcommand("evaluate", "Measure this machine, then say which instance to rent, and why");
  const auto options = std::make_shared<evaluate_options>();
  const auto as_is = [](const std::string& text) { return text; };
  add_values(*command, "--workload", options->workloads, as_is, "NAME",
             "what is to be run, a name or a .toml file; repeatable (default resnet50-train)");
  add_ranking_options(*command, options->ranking);
  add_place_options(*command, options->place);
  add_measuring_options(*command, options->measuring, "--time-budget");
  command->add_option("--results", options->results, "use these run files and measure nothing")->type_name("FILE...");
  command->add_option("--output-dir", options->output_dir, "folder of the run file and report (default: current one)")
      ->type_name("DIR");
  command->callback([&chosen, options] {
    if (options->workloads.empty()) options->workloads = options->ranking.workloads;
    if (options->workloads.empty()) options->workloads.emplace_back("resnet50-train");
    chosen.action = [&chosen, options] { return evaluate(chosen, *options); };
  });
}

}  // namespace gpubench::cli
