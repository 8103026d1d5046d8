#include "cli/fleet_commands.hpp"
#include "cli/fleet_next.hpp"
#include "cli/output.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "fleet/campaign_status.hpp"
#include "fleet/collect.hpp"
#include "fleet/collection_file.hpp"
#include "fleet/folder_word.hpp"
#include "fleet/hand_made.hpp"

namespace gpubench::cli {
namespace {

using fleet::collected_state;

report::table::value known(const std::string& text) {
  return text.empty() ? report::table::value() : report::table::value(text);
}

report::table status_table(const std::vector<fleet::task_status>& tasks) {
  report::table rows(
      {{"job", "job"}, {"task", "task"}, {"state", "state"}, {"node", "node"}, {"reason", "reason", 4, 1}});
  for (const auto& task : tasks)
    rows.add_row({task.job, static_cast<double>(task.index), std::string(to_string(task.state)), known(task.node),
                  known(task.reason)});
  return rows;
}

bool is_handed_over(const fleet::opened_campaign& what) {
  for (const auto& one : what.of.jobs)
    for (int task = 0; task < one.tasks(); ++task) {
      const auto* last = what.submitted.last_of(one.name, task);
      if (last == nullptr || last->id.empty()) return false;
    }
  return true;
}

/// What was submitted by hand counts too; where the engine cannot tell, a line says so.
fleet::opened_campaign open_with_what_is_there(const program& chosen, const std::filesystem::path& folder) {
  auto what = fleet::open_campaign(folder);
  if (const auto why = fleet::add_submitted_by_hand(what))
    say(chosen.global, labelled("Note", "whether tasks were submitted by hand is not known: " + *why));
  return what;
}

void say_out_of_reach(const program& chosen, std::size_t tasks) {
  if (tasks > 0)
    say(chosen.global, labelled("No answer", fmt::format("from the hosts of {}: how they stand is not known",
                                                         count_of(tasks, "task"))));
}

exit_status show_status(const program& chosen, const std::filesystem::path& folder) {
  require_table_format(chosen.global, "a table of tasks");
  require_output(chosen.global);
  const auto what = open_with_what_is_there(chosen, folder);
  const auto tasks = fleet::statuses_of(what);
  const auto out_of_reach = static_cast<std::size_t>(
      std::count_if(tasks.begin(), tasks.end(), [](const fleet::task_status& one) { return one.is_out_of_reach; }));
  deliver_table(chosen.global, status_table(tasks));
  say_out_of_reach(chosen, out_of_reach);
  say(chosen.global, labelled("Next", fmt::format("gpubench fleet {} {}", is_handed_over(what) ? "collect" : "submit",
                                                  fleet::folder_word(folder))));
  return out_of_reach > 0 ? exit_status::environment : exit_status::done;
}

report::table collection_table(const fleet::collection& found) {
  report::table rows({{"job", "job"},
                      {"task", "task"},
                      {"state", "state"},
                      {"node", "node"},
                      {"suite", "suite", 4, 3},
                      {"file", "run file", 4, 2},
                      {"reason", "reason", 4, 1}});
  for (const auto& task : found.tasks)
    rows.add_row({task.job, static_cast<double>(task.index), std::string(to_string(task.state)), known(task.node),
                  task.head ? report::table::value(task.head->suite) : report::table::value(),
                  known(task.file.string()), known(task.reason)});
  return rows;
}

std::string counts_text(const fleet::collection& found) {
  std::vector<std::string> parts{
      fmt::format("{} of {} measured", found.count(collected_state::measured), count_of(found.tasks.size(), "task"))};
  for (const auto state :
       {collected_state::failed, collected_state::refused, collected_state::foreign, collected_state::running,
        collected_state::waiting, collected_state::not_submitted, collected_state::unknown})
    if (const auto count = found.count(state); count > 0)
      parts.push_back(fmt::format("{} {}", count, to_string(state)));
  return join(parts, ", ");
}

exit_status status_of(const fleet::collection& found) {
  if (found.count(collected_state::failed) + found.count(collected_state::refused) +
          found.count(collected_state::foreign) >
      0)
    return exit_status::measurement_failed;
  if (found.count(collected_state::measured) == found.tasks.size()) return exit_status::done;
  return found.engine_problem || found.count_out_of_reach() > 0 ? exit_status::environment : exit_status::answer_is_no;
}

exit_status collect(const program& chosen, const std::filesystem::path& folder) {
  const auto& global = chosen.global;
  require_table_format(global, "a table of tasks");
  require_output(global);
  const auto what = open_with_what_is_there(chosen, folder);
  const auto found = fleet::collect(what, std::chrono::system_clock::now());
  const bool is_saved = fleet::save_unless_poorer(folder, found);
  if (global.format == "json")
    deliver(global, [&](std::ostream& out) {
      out << fleet::to_json(found).dump(2, ' ', false, json::error_handler_t::replace) << '\n';
    });
  else
    deliver_table(global, collection_table(found));
  say(global, labelled("Collected", counts_text(found)));
  for (const auto& note : found.notes) say(global, labelled("Note", note));
  if (found.engine_problem) say(global, labelled("Engine", *found.engine_problem));
  say_out_of_reach(chosen, found.count_out_of_reach());
  if (!is_saved) say(global, kept_collection(folder));
  say(global, labelled("Next", next_after(found, fleet::folder_word(folder))));
  return status_of(found);
}

}  // namespace

void declare_fleet_collect(CLI::App& fleet, program& chosen) {
  const auto declare = [&](const char* name, const char* description, auto run) {
    auto* command = fleet.add_subcommand(name, description);
    const auto folder = std::make_shared<std::filesystem::path>();
    command->add_option("folder", *folder, "folder that fleet render made")->type_name("DIR")->required();
    command->callback(
        [&chosen, folder, run] { chosen.action = [&chosen, folder, run] { return run(chosen, *folder); }; });
  };
  declare("status", "Ask the engine what became of each task", show_status);
  declare("collect", "Fetch results, hold them against their records, and list what failed and why", collect);
}

}  // namespace gpubench::cli
