#include "fleet/engine_view.hpp"

#include <algorithm>
#include <set>

namespace gpubench::fleet {
namespace {

bool is_under_way(const task_status& status) {
  return status.state == task_state::waiting || status.state == task_state::running;
}

}  // namespace

engine_view ask_engine(const opened_campaign& what, const std::vector<filed_task>& found) {
  const bool asks_of_all = what.runs_on->tells_all_at_once();
  std::set<std::pair<std::string, int>> open;
  for (const auto& one : found)
    if (!one.decided || can_be_done_again(one.task)) open.insert({one.task.job, one.task.index});
  std::vector<submission> asked;
  for (const auto& one : what.submitted.submissions) {
    const bool matters = std::any_of(one.tasks.begin(), one.tasks.end(), [&](int task) {
      return open.count({one.job, task}) > 0;
    });
    // One question tells of a whole array: of clocks too.
    if (one.id.empty() || (!matters && !asks_of_all && one.tasks.size() < 2)) continue;
    asked.push_back(one);
  }
  engine_view view;
  if (asked.empty()) return view;
  for (auto& tasks : what.runs_on->statuses(what.of, asked))
    for (auto& status : tasks) {
      // How an earlier submission ended says nothing of one that may be on its way.
      if (what.submitted.is_unresolved(status.job, status.index)) continue;
      const std::pair<std::string, int> key{status.job, status.index};
      // What still goes on of an earlier one must not be done again beside it.
      if (const auto before = view.find(key);
          before != view.end() && is_under_way(before->second) && !is_under_way(status))
        continue;
      view[key] = std::move(status);
    }
  return view;
}

}  // namespace gpubench::fleet
