#include "fleet/node_clocks.hpp"

#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace gpubench::fleet {
namespace {

std::size_t submissions_with(const state& submitted, const collected_task& task) {
  return static_cast<std::size_t>(
      std::count_if(submitted.submissions.begin(), submitted.submissions.end(), [&](const submission& one) {
        return one.job == task.job && std::find(one.tasks.begin(), one.tasks.end(), task.index) != one.tasks.end();
      }));
}

/// Whether the engine's times must be of the start that the record tells of. Of a task that was submitted again they
/// are of the last, and the record may be of an earlier one. What was submitted by hand may have been so more than
/// once, of which the engine need not know any more, or under another name.
bool are_of_one_start(const opened_campaign& what, const collected_task& task, const task_status& status) {
  if (submissions_with(what.submitted, task) != 1) return false;
  if (what.runs_on->reaches_hosts_apart()) return true;  // its times are those of the record
  const bool is_by_hand = what.submitted.last_of(task.job, task.index)->submitted_at.empty();
  const bool is_on_one_node = status.node.empty() || task.node.empty() || status.node == task.node;
  return !is_by_hand && task.starts == 1 && is_on_one_node;
}

/// The times between which a task must have run.
std::pair<std::string, std::string> bounds_of(const opened_campaign& what, const collected_task& task,
                                              const task_status* status, const std::string& now) {
  std::pair<std::string, std::string> bounds{"", now};
  const auto first =
      std::find_if(what.submitted.submissions.begin(), what.submitted.submissions.end(), [&](const submission& one) {
        return one.job == task.job && std::find(one.tasks.begin(), one.tasks.end(), task.index) != one.tasks.end();
      });
  if (first != what.submitted.submissions.end()) bounds.first = first->submitted_at;
  if (status && are_of_one_start(what, task, *status)) {
    if (status->started_at && !status->restarted) bounds.first = std::max(bounds.first, *status->started_at);
    if (status->ended_at) bounds.second = std::min(bounds.second, *status->ended_at);
  }
  return bounds;
}

}  // namespace

std::optional<double> clock_skew_seconds(const std::optional<std::string>& started_at,
                                         const std::optional<std::string>& finished_at, const std::string& not_before,
                                         const std::string& not_after) {
  constexpr double tolerance_seconds = 5;  // times are whole seconds, and an engine notes an end when it hears of it
  const auto seconds = [](const std::string& text) { return parse_utc_seconds(text); };
  const auto from = seconds(not_before), to = seconds(not_after);
  if (const auto end = finished_at ? seconds(*finished_at) : std::nullopt; end && to && *end > *to + tolerance_seconds)
    return *end - *to;
  const auto start = started_at ? seconds(*started_at) : std::nullopt;
  if (start && to && *start > *to + tolerance_seconds) return *start - *to;
  if (start && from && *start < *from - tolerance_seconds) return *start - *from;
  return std::nullopt;
}

std::vector<std::string> notes_on_clocks(const opened_campaign& what, const engine_view& view, const collection& all) {
  std::map<std::string, double> worst;
  for (const auto& task : all.tasks) {
    if (!task.started_at) continue;
    const auto found = view.find({task.job, task.index});
    const auto [from, to] = bounds_of(what, task, found == view.end() ? nullptr : &found->second, all.made_at);
    const auto skew = clock_skew_seconds(task.started_at, task.finished_at, from, to);
    if (skew && std::abs(*skew) > std::abs(worst[task.node])) worst[task.node] = *skew;
  }
  std::vector<std::string> notes;
  for (const auto& [node, seconds] : worst) {
    if (seconds == 0) continue;
    notes.push_back(fmt::format("the clock of {} is at least {} {} that of the engine: times of its runs are off", node,
                                format_duration(std::abs(seconds)), seconds > 0 ? "ahead of" : "behind"));
  }
  return notes;
}

}  // namespace gpubench::fleet
