#include "cli/fleet_commands.hpp"
#include "cli/fleet_next.hpp"
#include "cli/output.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "fleet/collect.hpp"
#include "fleet/collection_file.hpp"
#include "fleet/folder_word.hpp"
#include "fleet/record.hpp"
#include "fleet/submit.hpp"

namespace gpubench::cli {
namespace {

fleet::on_submission teller(const program& chosen) {
  return [&chosen](const fleet::submission& one, fleet::handed_over how) {
    const char* by = how == fleet::handed_over::before    ? " was handed over by a command that could not note it"
                     : how == fleet::handed_over::by_copy ? " was handed over from a copy of the campaign's folder"
                     : how == fleet::handed_over::by_hand ? " was submitted by hand"
                                                          : "";
    say(chosen.global,
        labelled(how == fleet::handed_over::now ? "Submitted" : "Found",
                 fmt::format("{} {}, {} {}: {}{}", one.job, one.id, one.tasks.size() == 1 ? "task" : "tasks",
                             fleet::ranges_of(one.tasks), one.key, by)));
  };
}

fleet::on_nothing_found teller_of_places(const program& chosen) {
  return [&chosen](const std::string& place) {
    say(chosen.global, labelled("Looked in", place + ": no job of this campaign there"));
  };
}

report::table submissions_table(const fleet::opened_campaign& what) {
  report::table rows({{"job", "job"},
                      {"tasks", "tasks"},
                      {"id", what.of.engine + " id"},
                      {"key", "key"},
                      {"submitted_at", "submitted at"}});
  for (const auto& one : what.submitted.submissions)
    rows.add_row({one.job, fleet::ranges_of(one.tasks),
                  one.id.empty() ? report::table::value() : report::table::value(one.id), one.key,
                  one.submitted_at.empty() ? report::table::value() : report::table::value(one.submitted_at)});
  return rows;
}

void finish(const program& chosen, const fleet::opened_campaign& what) {
  deliver_table(chosen.global, submissions_table(what));
  say(chosen.global, labelled("Next", "gpubench fleet status " + fleet::folder_word(what.folder)));
}

exit_status submit(const program& chosen, const std::filesystem::path& folder) {
  require_table_format(chosen.global, "a table of submissions");
  require_output(chosen.global);
  static_cast<void>(fleet::open_campaign_to_submit(folder));  // refuses what is none before a lock is made in it
  const auto lock = fleet::lock_state(folder);
  auto what = fleet::open_campaign_to_submit(folder);
  fleet::submit_all(what, teller(chosen), teller_of_places(chosen));
  finish(chosen, what);
  return exit_status::done;
}

/// Why a task is not submitted again though it has no result that counts; empty: it is.
std::string objection_to(const fleet::collected_task& task, const fleet::campaign& of) {
  if (task.state == fleet::collected_state::foreign) return task.reason;
  if (task.can_be_repeated) return {};
  if (task.state != fleet::collected_state::refused || task.is_out_of_reach) return task.reason;
  const fleet::task_files files(of.results, task.job, task.index);
  return fmt::format("{}; so its node does not measure it again: move {} and {} away there, and it does", task.reason,
                     files.result.string(), files.record.string());
}

exit_status resume(const program& chosen, const std::filesystem::path& folder) {
  require_table_format(chosen.global, "a table of submissions");
  require_output(chosen.global);
  static_cast<void>(fleet::open_campaign_to_submit(folder));
  const auto lock = fleet::lock_state(folder);
  auto what = fleet::open_campaign_to_submit(folder);
  const auto before = what.submitted.submissions.size();
  // A host that is down keeps what failed on others from being done again no more than from being submitted.
  std::optional<error> left;
  try {
    fleet::submit_all(what, teller(chosen), teller_of_places(chosen));
  } catch (const error& e) {
    if (e.kind() != error_kind::environment) throw;
    left = e;
  }
  const auto found = fleet::collect(what, std::chrono::system_clock::now());
  if (found.engine_problem)
    throw error(error_kind::environment, *found.engine_problem,
                "nothing was submitted again: tasks may still run, or have left results that are not seen here");
  if (!fleet::save_unless_poorer(folder, found)) say(chosen.global, kept_collection(folder));
  fleet::tasks_by_job again;
  for (const auto& task : found.tasks) {
    if (const auto objection = objection_to(task, what.of); !objection.empty())
      say(chosen.global, labelled("Not again", fmt::format("{} {}: {}", task.job, task.index, objection)));
    if (!fleet::can_be_done_again(task)) continue;
    if (what.submitted.is_unresolved(task.job, task.index)) {
      const auto* last = what.submitted.last_of(task.job, task.index);
      say(chosen.global,
          labelled("Not again", fmt::format("{} {}: {} was begun, and {}", task.job, task.index, last->key,
                                            last->refused ? "is not handed over: gpubench fleet submit completes it"
                                                          : "may be handed over: gpubench fleet submit finds out")));
      continue;
    }
    say(chosen.global, labelled("Again", fmt::format("{} {}: {}", task.job, task.index, task.reason)));
    again[task.job].push_back(task.index);
  }
  fleet::submit_again(what, again, teller(chosen));
  if (left) throw error(*left);
  const bool is_all_known = found.count_out_of_reach() == 0;
  if (what.submitted.submissions.size() == before)
    say(chosen.global, is_all_known ? "Nothing to submit again: every task is done, or still with the engine"
                                    : "Nothing to submit again, as far as hosts answer");
  finish(chosen, what);
  return is_all_known ? exit_status::done : exit_status::environment;
}

using action = exit_status (*)(const program&, const std::filesystem::path&);

void declare(CLI::App& fleet, program& chosen, const char* name, const char* description, action run) {
  auto* command = fleet.add_subcommand(name, description);
  const auto folder = std::make_shared<std::filesystem::path>();
  command->add_option("folder", *folder, "folder that fleet render made")->type_name("DIR")->required();
  command->callback(
      [&chosen, folder, run] { chosen.action = [&chosen, folder, run] { return run(chosen, *folder); }; });
}

}  // namespace

void declare_fleet_submit(CLI::App& fleet, program& chosen) {
  declare(fleet, chosen, "submit", "Hand a campaign to its engine; again it hands over only what was not", submit);
  declare(fleet, chosen, "resume", "Submit what is missing, and again what failed or was lost", resume);
}

}  // namespace gpubench::cli
