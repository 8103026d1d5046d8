#include "cli/kept_files.hpp"
#include "cli/knowledge.hpp"
#include "cli/measuring.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/push.hpp"
#include "cli/run_files.hpp"
#include "cli/values.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "report/measured.hpp"
#include "report/sink.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace gpubench::cli {
namespace {

struct run_options {
  measuring_options measuring;
  std::filesystem::path output_dir = ".";
  std::filesystem::path run_file;
  std::filesystem::path resume;
  std::optional<http::url> push;
  bool list = false;
  bool dry_run = false;
};

void list_cases(const global_options& global, const measuring& work) {
  deliver(global, [&](std::ostream& out) { out << bench::list_names(work.plan()); });
}

void show_plan(const global_options& global, const measuring& work) {
  report::table plan({{"benchmark", "benchmark"},
                      {"backend", "back-end"},
                      {"device", "device"},
                      {"time_limit_seconds", "at most s", 3},
                      {"skipped_because", "skipped because"}});
  std::size_t to_run = 0;
  for (const auto& next : work.plan()) {
    const auto& definition = *next.definition;
    using value = report::table::value;
    if (!next.skip_reason) ++to_run;
    plan.add_row({bench::full_name(next), definition.backend, definition.device,
                  next.skip_reason ? value() : value(next.policy.time_limit.count()),
                  next.skip_reason ? value(*next.skip_reason) : value()});
  }
  deliver_table(global, plan);
  say(global, fmt::format("{} to run, {} skipped; nothing was measured", count_of(to_run, "case"),
                          work.plan().size() - to_run));
}

/// A run that measured nothing, as its budget ended before, leaves what was pushed before.
void push_measured(const global_options& global, const http::url& gateway, const report::document& document,
                   const results::run& run) {
  const bool any = std::any_of(run.measurements.begin(), run.measurements.end(),
                               [](const auto& each) { return each.status != results::measurement_status::skipped; });
  if (any)
    push_results(global, gateway, document);
  else
    say(global, labelled("Not pushed", "nothing was measured, and it would take the place of what was pushed before"));
}

exit_status measure(const program& chosen, const run_options& options) {
  const auto& global = chosen.global;
  const auto& form = form_of(global);
  if (options.dry_run) require_table_format(global, "a plan");
  require_output(global);
  std::optional<results::run> resume;
  if (!options.resume.empty()) resume = results::load_run(options.resume);
  if (resume && resume->provenance)
    throw error(error_kind::input, {options.resume.string(), 0, 0},
                "was imported from another tool: there is nothing to go on with", "start a run of its own");
  const auto known = load_catalogue(global);
  measuring work(known, options.measuring, std::move(resume));
  if (options.list || options.dry_run) {
    options.list ? list_cases(global, work) : show_plan(global, work);
    return exit_status::done;
  }

  if (options.run_file.empty() && options.resume.empty()) make_folder(options.output_dir);
  auto file = options.run_file.empty() ? new_file_name(options.output_dir, "run", ".json") : options.run_file;
  if (!options.resume.empty()) file = options.resume;
  if (options.resume.empty()) require_replaceable(file);
  require_distinct(options.resume.empty() ? "--run-file" : "--resume", file, "--output", global.output);
  require_distinct("--google-benchmark-out", options.measuring.google_benchmark_out, "--output", global.output);
  require_distinct("--google-benchmark-out", options.measuring.google_benchmark_out,
                   options.resume.empty() ? "--run-file" : "--resume", file);
  require_writable(file,
                   options.run_file.empty() && options.resume.empty() ? "name another folder with --output-dir" : "");
  if (!options.measuring.google_benchmark_out.empty()) {
    require_same_kind("--google-benchmark-out", options.measuring.google_benchmark_out);
    require_writable(options.measuring.google_benchmark_out);
  }
  say(global, labelled("Machine", report::machine_line(work.machine())));
  const bool complete = work.measure(global, file);
  const std::string name = file.lexically_normal().string();
  if (!complete) {
    say(global, fmt::format("Interrupted: {} kept in {}; the rest:\n  gpubench run --resume {}",
                            count_of(work.run().measurements.size(), "measurement"), name, name));
    return exit_status::interrupted;
  }

  report::document document;
  document.runs = {{&work.run(), name}};
  document.command = chosen.command_line;
  document.made_at = format_utc(std::chrono::system_clock::now());
  deliver(global, [&](std::ostream& out) { form.write(document, style_for(global), out); });
  say(global, labelled("Run file", name));
  // Last: whatever becomes of it, the file is written and told of.
  if (options.push) push_measured(global, *options.push, document, work.run());
  say(global, labelled("Next", "gpubench recommend resnet50-train --results " + name));
  if (work.failed() == 0) return exit_status::done;
  say(global, count_of(work.failed(), "measurement") + " failed");
  return exit_status::measurement_failed;
}

}  // namespace

void declare_run(CLI::App& app, program& chosen) {
  auto* command = app.add_subcommand("run", "Measure this machine and write a run file");
  const auto options = std::make_shared<run_options>();
  add_measuring_options(*command, options->measuring, "--budget");
  options->measuring.test_slowdowns = true;
  auto* directory =
      command->add_option("--output-dir", options->output_dir, "folder of the run file (default: the current one)");
  directory->type_name("DIR");
  auto* file = command->add_option("--run-file", options->run_file, "name of the run file")->type_name("FILE");
  file->excludes(directory);
  command->add_option("--resume", options->resume, "go on with an interrupted run: measure what it lacks, into it")
      ->type_name("FILE")
      ->excludes(directory)
      ->excludes(file);
  command
      ->add_option("--google-benchmark-out", options->measuring.google_benchmark_out,
                   "also write Google Benchmark's own JSON, for its tools")
      ->type_name("FILE");
  add_value(
      *command, "--push", options->push, [](const std::string& text) { return std::optional(parse_pushgateway(text)); },
      "URL", "also push the results to this Prometheus Pushgateway");
  auto* list = command->add_flag("--list", options->list, "list the full names of the cases and measure nothing");
  command->add_flag("--dry-run", options->dry_run, "show the plan with its time limits and measure nothing")
      ->excludes(list);
  command->callback([&chosen, options] {
    chosen.action = [&chosen, options] { return measure(chosen, *options); };
    chosen.check = [&chosen] { static_cast<void>(form_of(chosen.global)); };
  });
}

}  // namespace gpubench::cli
