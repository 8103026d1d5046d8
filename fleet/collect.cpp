#include "fleet/collect.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/file_lock.hpp"
#include "core/parallel.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "fleet/collection_file.hpp"
#include "fleet/filed_task.hpp"
#include "fleet/record.hpp"
#include "fleet/seen_results.hpp"
#include "fleet/task_log.hpp"

namespace gpubench::fleet {
namespace {

/// What the engine says, by job and task: of the last submission of each.
using engine_view = std::map<std::pair<std::string, int>, task_status>;

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
      view[key] = std::move(status);
    }
  return view;
}

// Without an id it may have been killed before the engine heard of it.
bool is_submitted(const submission* last) {
  return last != nullptr && !last->id.empty();
}

/// Whether its record tells that the last submission, and no earlier one, has ended.
bool has_ended_since(const collected_task& task, const submission* last) {
  return task.finished_at && (last == nullptr || *task.finished_at >= last->submitted_at);
}

/// Whether the engine does not know of it and may have it all the same, so that it may run.
bool may_still_run(const collected_task& task, const task_status* status, const submission* last) {
  if (status == nullptr || status->state != task_state::unknown) return false;
  return status->may_be_hidden || (!status->can_be_repeated && !has_ended_since(task, last));
}

/// @param last     its last submission, or null
/// @param fetched  whether what nodes left until now is here
void decide(collected_task& task, const task_status* status, const submission* last, bool fetched) {
  std::vector<std::string> reasons;
  if (status && !status->reason.empty()) reasons.push_back(status->reason);
  const auto state = status ? status->state : task_state::unknown;
  // That it did not end is none while it runs.
  if (!task.reason.empty() && (state != task_state::running || task.finished_at)) reasons.push_back(task.reason);
  if (status && task.node.empty()) task.node = status->node;
  switch (state) {
    case task_state::waiting:
      task.state = collected_state::waiting;
      break;
    case task_state::running:
      task.state = collected_state::running;
      break;
    case task_state::failed:
      task.state = collected_state::failed;
      break;
    case task_state::ended:
      task.state = fetched ? collected_state::failed : collected_state::unknown;
      if (!fetched)
        reasons.emplace_back("it ended, and what it left was not fetched");
      else if (task.reason.empty())
        reasons.emplace_back("it ended and left nothing");
      break;
    case task_state::unknown:
      if (last != nullptr && !is_submitted(last))
        task.state = collected_state::not_submitted;  // not again, whatever an earlier submission left
      else if (may_still_run(task, status, last)) {
        task.state = collected_state::unknown;
        task.can_be_repeated = false;
      } else
        task.state = task.finished_at  ? collected_state::failed
                     : last != nullptr ? collected_state::unknown
                                       : collected_state::not_submitted;
      break;
  }
  task.reason = join(reasons, "; ");
}

// What ended in good order and could not be fetched has not failed.
void note_not_fetched(const fetched_results& fetched, engine_view& view, filed_task& one) {
  const auto problem = fetched.problems.find({one.task.job, one.task.index});
  const auto status = view.find({one.task.job, one.task.index});
  if (one.decided || problem == fetched.problems.end() || status == view.end()) return;
  if (status->second.state != task_state::ended) return;
  status->second.state = task_state::unknown;
  status->second.reason = "it ended, and what it left could not be fetched: " + problem->second;
  one.task.can_be_repeated = false;
}

std::size_t submissions_with(const state& submitted, const collected_task& task) {
  return static_cast<std::size_t>(
      std::count_if(submitted.submissions.begin(), submitted.submissions.end(), [&](const submission& one) {
        return one.job == task.job && std::find(one.tasks.begin(), one.tasks.end(), task.index) != one.tasks.end();
      }));
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
  // Of a task that was submitted again the engine's times are those of the last, and its record may be of an earlier.
  if (status && submissions_with(what.submitted, task) == 1) {
    if (status->started_at && !status->restarted) bounds.first = std::max(bounds.first, *status->started_at);
    if (status->ended_at) bounds.second = std::min(bounds.second, *status->ended_at);
  }
  return bounds;
}

void note_clocks(const opened_campaign& what, const engine_view& view, const std::string& now, collection& into) {
  std::map<std::string, double> worst;
  for (const auto& task : into.tasks) {
    if (!task.started_at) continue;
    const auto found = view.find({task.job, task.index});
    const auto [from, to] = bounds_of(what, task, found == view.end() ? nullptr : &found->second, now);
    const auto skew = clock_skew_seconds(task.started_at, task.finished_at, from, to);
    if (skew && std::abs(*skew) > std::abs(worst[task.node])) worst[task.node] = *skew;
  }
  for (const auto& [node, seconds] : worst) {
    if (seconds == 0) continue;
    into.notes.push_back(fmt::format("the clock of {} is at least {} {} that of the engine: times of its runs are off",
                                     node, format_duration(std::abs(seconds)), seconds > 0 ? "ahead of" : "behind"));
  }
}

void note_repeated_nodes(collection& into) {
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> tasks_of;
  for (const auto& task : into.tasks)
    if (task.state == collected_state::measured) tasks_of[{task.job, task.node}].push_back(std::to_string(task.index));
  for (const auto& [where, tasks] : tasks_of)
    if (tasks.size() > 1)
      into.notes.push_back(fmt::format("{} was measured {} times, by tasks {} of {}: another node was not",
                                       where.second, tasks.size(), join(tasks, ", "), where.first));
}

// While files are fetched into their places, nobody else may read or fetch them.
file_lock lock_collection(const std::filesystem::path& folder) {
  require_writable(
      folder / collection_file_name,
      "collect keeps there what it found: call it as a user who may write into that folder; gpubench fleet "
      "status only reads");
  auto lock = file_lock::try_take(folder / ".collect.lock");
  if (lock) return std::move(*lock);
  throw error(error_kind::environment, {folder.string(), 0, 0}, "another gpubench fleet command collects it just now",
              "wait for its end");
}

void explain_not_submitted(const opened_campaign& what, collected_task& task) {
  if (task.node.empty()) task.node = named_host(find_job(what.of, task.job), task.index);
  const auto* last = what.submitted.last_of(task.job, task.index);
  if (last != nullptr && !last->problem.empty())
    task.reason = last->problem + (task.reason.empty() ? "" : "; " + task.reason);
}

/// What is known of a campaign's tasks, from their files and from the engine.
class gathering {
 public:
  explicit gathering(const opened_campaign& what) : what_(what), brought_(what.folder / "results") {
    for (const auto& one : what.of.jobs)
      for (int task = 0; task < one.tasks(); ++task) wanted_.emplace_back(&one, task);
    found_.resize(wanted_.size());
  }

  /// What was fetched before does not count less where the engine cannot be reached now.
  void fetch() {
    try {
      brought_ = what_.runs_on->fetch(what_.of, what_.submitted.submissions, what_.folder / "results");
      fetched_ = true;
    } catch (const no_trace_of_results& e) {
      if (fetched_)
        note(e);  // there was one a moment ago
      else
        no_trace_ = e;
      fetched_ = false;
    } catch (const error& e) {
      if (e.kind() != error_kind::environment) throw;
      fetched_ = !is_anything_submitted();  // else there is nothing yet, nor a place for it
      if (!fetched_) note(e);
    }
  }

  /// At the files of the chosen tasks.
  template <class Chosen>
  void look(const Chosen& chosen) {
    in_parallel(wanted_.size(), 4, [&](std::size_t i) {
      if (chosen(found_[i])) found_[i] = filed_task_of(what_.of, *wanted_[i].first, wanted_[i].second, brought_.folder);
    });
  }

  void ask() {
    try {
      view_ = ask_engine(what_, found_);
    } catch (const error& e) {
      note(e);
    }
    if (!no_trace_) return;
    fetched_ = !may_have_left_results();
    if (!fetched_) note(*no_trace_);
  }

  bool fetched() const { return fetched_; }
  /// What ended after files were fetched, and before the engine was asked, has left its result by now; what ended
  /// while they were may have come in part.
  bool may_have_more(const filed_task& one) const {
    const auto* status = status_of(one.task);
    return one.doubtful || (!one.decided && status != nullptr && status->state == task_state::ended);
  }
  bool any_may_have_more() const {
    return std::any_of(found_.begin(), found_.end(), [&](const filed_task& one) { return may_have_more(one); });
  }
  std::optional<std::string> problem() const {
    return problems_.empty() ? std::nullopt : std::optional(join(problems_, "; "));
  }
  const engine_view& view() const { return view_; }

  std::vector<collected_task> tasks() && {
    std::vector<collected_task> all;
    for (auto& one : found_) {
      if (one.doubtful || (one.decided && can_be_done_again(one.task))) settle(one);
      note_not_fetched(brought_, view_, one);
      if (!one.decided)
        decide(one.task, status_of(one.task), what_.submitted.last_of(one.task.job, one.task.index), fetched_);
      keep_what_was_measured(one.task);
      if (one.task.state == collected_state::not_submitted) explain_not_submitted(what_, one.task);
      if (one.task.state == collected_state::failed) add_log(one.task);
      all.push_back(std::move(one.task));
    }
    return all;
  }

 private:
  /// What is refused is so after the second look alone, and not as long as the engine works on it: it was begun again.
  void settle(filed_task& one) const {
    const auto* status = status_of(one.task);
    one.decided = status == nullptr || (status->state != task_state::running && status->state != task_state::waiting);
    const auto* last = what_.submitted.last_of(one.task.job, one.task.index);
    if (one.decided && may_still_run(one.task, status, last)) {
      one.task.state = collected_state::unknown;
      one.task.can_be_repeated = false;
      one.task.reason = status->reason + "; " + one.task.reason;
      return;
    }
    const bool was_looked_at_twice = fetched_ && brought_.problems.count({one.task.job, one.task.index}) == 0;
    if (!one.doubtful || was_looked_at_twice) return;
    one.task.state = collected_state::unknown;
    one.task.can_be_repeated = false;
  }
  /// What was measured before has left something, if not its result then the log of another start.
  void keep_what_was_measured(collected_task& task) {
    const bool may_be_repeated = task.state == collected_state::failed || task.state == collected_state::unknown;
    std::error_code ignored;
    if (!may_be_repeated || task.started_at || !was_measured(task) ||
        std::filesystem::exists(task_files(brought_.folder, task.job, task.index).log, ignored))
      return;
    task.state = collected_state::unknown;
    task.can_be_repeated = false;
    const std::string why =
        "the last collection had its result, of which nothing is left: is the file system of results mounted? If it "
        "was deleted, move collection.json away";
    task.reason += (task.reason.empty() ? "" : "; ") + why;
  }
  bool was_measured(const collected_task& task) {
    if (!former_) former_ = former_collection(what_.folder, what_.of.id).value_or(collection());
    const auto& all = former_->tasks;
    return std::any_of(all.begin(), all.end(), [&](const collected_task& one) {
      return one.job == task.job && one.index == task.index && one.state == collected_state::measured;
    });
  }
  bool is_anything_submitted() const {
    const auto& all = what_.submitted.submissions;
    return std::any_of(all.begin(), all.end(), [](const submission& one) { return is_submitted(&one); });
  }
  /// Whether some task may have ended in good order, as far as the engine knows.
  bool may_have_left_results() const {
    return std::any_of(found_.begin(), found_.end(), [&](const filed_task& one) {
      const auto* status = status_of(one.task);
      const bool may_have =
          status == nullptr || status->state == task_state::ended || status->state == task_state::unknown;
      return may_have && is_submitted(what_.submitted.last_of(one.task.job, one.task.index));
    });
  }
  const task_status* status_of(const collected_task& task) const {
    const auto status = view_.find({task.job, task.index});
    return status == view_.end() ? nullptr : &status->second;
  }
  void add_log(collected_task& task) const {
    auto said = last_error_in(task_files(brought_.folder, task.job, task.index).log);
    const auto* last = what_.submitted.last_of(task.job, task.index);
    if (said.empty() && is_submitted(last))
      if (const auto command = what_.runs_on->log_command(what_.of, *last); !command.empty()) said = "see " + command;
    if (!said.empty()) task.reason += (task.reason.empty() ? "" : "; ") + said;
  }
  void note(const error& e) {
    std::string text = (e.where().file.empty() ? "" : e.where().to_string() + ": ") + e.what();
    if (!e.hint().empty()) text += fmt::format(" ({})", e.hint());
    if (std::find(problems_.begin(), problems_.end(), text) == problems_.end()) problems_.push_back(text);
  }

  const opened_campaign& what_;
  std::vector<std::pair<const job*, int>> wanted_;
  std::vector<filed_task> found_;
  fetched_results brought_;
  bool fetched_ = false;
  engine_view view_;
  std::vector<std::string> problems_;
  std::optional<error> no_trace_;
  std::optional<collection> former_;
};

}  // namespace

std::string_view to_string(collected_state state) {
  switch (state) {
    case collected_state::measured:
      return "measured";
    case collected_state::failed:
      return "failed";
    case collected_state::refused:
      return "refused";
    case collected_state::foreign:
      return "foreign";
    case collected_state::running:
      return "running";
    case collected_state::waiting:
      return "waiting";
    case collected_state::not_submitted:
      return "not-submitted";
    case collected_state::unknown:
      break;
  }
  return "unknown";
}

bool can_be_done_again(const collected_task& task) {
  if (!task.can_be_repeated) return false;
  return task.state == collected_state::failed || task.state == collected_state::unknown ||
         task.state == collected_state::refused;
}

std::size_t collection::count(collected_state state) const {
  return static_cast<std::size_t>(
      std::count_if(tasks.begin(), tasks.end(), [&](const collected_task& task) { return task.state == state; }));
}

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

collection collect(const opened_campaign& what, std::chrono::system_clock::time_point now) {
  collection all;
  all.campaign = what.of.id;
  all.made_at = format_utc(now);
  const auto lock = lock_collection(what.folder);
  gathering gathered(what);
  gathered.fetch();
  gathered.look([](const filed_task&) { return true; });
  gathered.ask();
  if (gathered.fetched() && gathered.any_may_have_more()) {
    gathered.fetch();
    gathered.look([&](const filed_task& one) { return gathered.may_have_more(one); });
  }
  all.engine_problem = gathered.problem();
  all.tasks = std::move(gathered).tasks();
  note_clocks(what, gathered.view(), all.made_at, all);
  note_repeated_nodes(all);
  return all;
}

}  // namespace gpubench::fleet
