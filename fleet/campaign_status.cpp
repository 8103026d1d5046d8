#include "fleet/campaign_status.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <utility>

#include "fleet/record.hpp"

namespace gpubench::fleet {
namespace {

std::string why_not_handed_over(const submission* last, const engine& runs_on) {
  if (last == nullptr) return "not submitted yet";
  if (last->problem.empty())
    return fmt::format("submission {} was begun: gpubench fleet submit completes it", last->key);
  if (last->refused || runs_on.reaches_hosts_apart())
    return fmt::format("handing it over failed: {}; gpubench fleet submit tries it again", last->problem);
  return fmt::format("it may have been handed over: {}; gpubench fleet submit finds out", last->problem);
}

/// Of a task that the engine has forgotten, or cannot tell of, or that no command could hand over: its node may have
/// told more.
void add_record(const opened_campaign& what, const submission* last, task_status& status) {
  for (const auto& results : {what.of.results, what.folder / "results"}) {
    try {
      const auto record = load_record(task_files(results, status.job, status.index).record);
      if (!record || record->campaign != what.of.id) continue;
      std::vector<std::string> parts;
      if (!status.reason.empty()) parts.push_back(status.reason);
      parts.push_back(
          record->finished_at
              ? fmt::format("its record says that it ended on {} at {} {}: gpubench fleet collect holds its "
                            "result against that",
                            record->node, *record->finished_at, end_in_words(*record))
              : fmt::format("its record says that it began on {} at {}", record->node, record->started_at));
      status.reason = join(parts, "; ");
      if (has_ended_since(record->finished_at, last)) status.is_out_of_reach = false;
      if (status.node.empty()) status.node = record->node;
      return;
    } catch (const error&) {
      // collect refuses it by name.
    }
  }
}

}  // namespace

std::vector<task_status> statuses_of(const opened_campaign& what) {
  std::vector<submission> asked;
  std::set<const submission*> known;
  for (const auto& job : what.of.jobs)
    for (int task = 0; task < job.tasks(); ++task)
      if (const auto* last = what.submitted.last_of(job.name, task);
          last != nullptr && !last->id.empty() && known.insert(last).second)
        asked.push_back(*last);
  // A submission tells of all its tasks, of which some may have a later one.
  std::map<std::pair<std::string, int>, task_status> said;
  const auto answers = asked.empty() ? std::vector<std::vector<task_status>>() : what.runs_on->statuses(what.of, asked);
  for (std::size_t i = 0; i < asked.size(); ++i)
    for (const auto& one : answers.at(i))
      // By hand several go by one key.
      if (*what.submitted.last_of(one.job, one.index) == asked[i]) said[{one.job, one.index}] = one;

  std::vector<task_status> all;
  for (const auto& job : what.of.jobs)
    for (int task = 0; task < job.tasks(); ++task) {
      const auto* last = what.submitted.last_of(job.name, task);
      const auto found = said.find({job.name, task});
      if (last == nullptr || last->id.empty())
        all.push_back({job.name,
                       task,
                       task_state::unknown,
                       named_host(job, task),
                       why_not_handed_over(last, *what.runs_on),
                       {},
                       {}});
      else if (found != said.end())
        all.push_back(found->second);
      else
        all.push_back({job.name, task, task_state::unknown, "", "the engine says nothing of it", {}, {}});
      if (all.back().state == task_state::unknown) add_record(what, last, all.back());
    }
  return all;
}

}  // namespace gpubench::fleet
