#include "bench/cloud.hpp"
#include "cli/fleet_commands.hpp"
#include "cli/output.hpp"
#include "cli/values.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>

#include "fleet/task.hpp"

namespace gpubench::cli {
namespace {

struct task_options {
  fleet::task_order order;
  std::string index_variable;
  bool report = false;
};

int index_from(const std::string& variable) {
  const char* text = std::getenv(variable.c_str());
  if (text == nullptr)
    throw error(error_kind::usage, fmt::format("--index-variable: {} is not set", variable),
                "the engine sets it where it starts tasks; --index N does without");
  const auto index = parse_integer(text);
  if (!index || *index < 0 || *index > std::numeric_limits<int>::max())
    throw error(error_kind::usage,
                fmt::format("--index-variable: {} is '{}', not the number of a task", variable, text));
  return static_cast<int>(*index);
}

/// What engines begin a task again for. They do not for 2, a wrong command line, which an error of files has elsewhere:
/// a full disk or a lost mount may be another one's by the next start, and a process that still holds the task gone.
constexpr auto failed_for_now = exit_status::measurement_failed;

exit_status do_task(const program& chosen, const task_options& options) {
  auto order = options.order;
  if (options.report) {
    const auto report = fleet::report_on(order.results, order.job, order.index);
    deliver(chosen.global, [&](std::ostream& out) {
      out << fleet::to_json(report).dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
    });
    return exit_status::done;
  }
  if (order.command.empty())
    throw error(error_kind::usage, "gpubench fleet task: a command is missing", "as -- gpubench run --suite quick");
  order.tell = [&](const std::string& what) { say(chosen.global, what); };
  if (!options.index_variable.empty()) order.index = index_from(options.index_variable);
  if (const auto cloud = bench::discover_cloud(bench::system_files())) order.instance_type = cloud->instance_type;
  const auto done = fleet::do_task(order);
  const auto& record = done.record;
  if (done.was_done)
    say(chosen.global, fmt::format("Task {} of {} was done on {} at {}: nothing to do", record.index, record.job,
                                   record.node, record.finished_at.value_or("an unknown time")));
  if (!done.is_done && record.exit_code == 0)
    throw error(error_kind::usage,
                fmt::format("the command ended with exit code 0 and left no run file: {}",
                            fleet::task_files(order.results, order.job, order.index).result.string()),
                "a task adds --run-file to it: as -- gpubench run --suite quick, or collective");
  if (done.failed_for_a_file) return failed_for_now;
  // The engine sees what became of the task: its own retries and lists of failures rest on that. Where measurements
  // failed in a run that is whole, the record and the run file say so, and another start would only cost.
  if (done.is_done) return exit_status::done;
  if (!record.exit_code) throw error(error_kind::internal, "the task ended without an exit code");
  return static_cast<exit_status>(*record.exit_code);
}

exit_status do_task_or_say_why(const program& chosen, const task_options& options) {
  try {
    return do_task(chosen, options);
  } catch (const error& e) {
    if (e.kind() != error_kind::io) throw;
    std::fprintf(stderr, "%s\n", e.describe().c_str());
    return failed_for_now;
  }
}

}  // namespace

void declare_fleet_task(CLI::App& fleet, program& chosen) {
  auto* command = fleet.add_subcommand(
      "task", "What manifests call on a node: do one task, and leave its run file and record in the folder of results");
  const auto options = std::make_shared<task_options>();
  command->add_option("--campaign", options->order.campaign, "id of the campaign")->type_name("ID")->required();
  command->add_option("--job", options->order.job, "name of the job")->type_name("NAME")->required();
  command->add_option("--results-dir", options->order.results, "folder of results, as this node sees it")
      ->type_name("DIR")
      ->required();
  auto* index = add_value(
      *command, "--index", options->order.index,
      [](const std::string& text) { return parse_count(text, 0, std::numeric_limits<int>::max()); }, "N",
      "number of the task within the job (default 0)");
  command
      ->add_option("--index-variable", options->index_variable,
                   "environment variable that holds the number of the task")
      ->type_name("NAME")
      ->excludes(index);
  command->add_option("command", options->order.command, "what to run; --run-file or --resume is added to it")
      ->type_name("-- COMMAND...");
  command->add_flag("--alone", options->order.alone,
                    "wait for other tasks of this user on this machine, where no engine keeps them apart");
  command->add_flag("--report", options->report, "say how the task stands on this node, as JSON, and do nothing");
  command->callback(
      [&chosen, options] { chosen.action = [&chosen, options] { return do_task_or_say_why(chosen, *options); }; });
}

}  // namespace gpubench::cli
