#include "fleet/collect.hpp"

#include "core/error.hpp"
#include "core/file.hpp"
#include "core/parallel.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <system_error>
#include <utility>

#include "fleet/collection_file.hpp"
#include "fleet/engine_view.hpp"
#include "fleet/filed_task.hpp"
#include "fleet/folder_lock.hpp"
#include "fleet/node_clocks.hpp"
#include "fleet/record.hpp"
#include "fleet/seen_results.hpp"
#include "fleet/task_log.hpp"

namespace gpubench::fleet {
namespace {

// Without an id it may have been killed before the engine heard of it.
bool is_submitted(const submission* last) {
  return last != nullptr && !last->id.empty();
}

/// Whether the engine does not know of it and may have it all the same, so that it may run.
bool may_still_run(const collected_task& task, const task_status* status, const submission* last) {
  if (status == nullptr || status->state != task_state::unknown) return false;
  return status->may_be_hidden || (!status->can_be_repeated && !has_ended_since(task.finished_at, last));
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
  return lock_folder(folder, ".collect.lock", "another gpubench fleet command collects it just now");
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
      note_out_of_reach(one.task);
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
  /// On a host that may be doing it, and would not be reached, nothing is begun again.
  void note_out_of_reach(collected_task& task) const {
    const auto* status = status_of(task);
    if (task.state == collected_state::measured || status == nullptr || !status->is_out_of_reach) return;
    task.is_out_of_reach = true;
    task.can_be_repeated = false;
    if (task.reason.find(status->reason) == std::string::npos) task.reason = status->reason + "; " + task.reason;
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
  all.notes = notes_on_clocks(what, gathered.view(), all);
  note_repeated_nodes(all);
  return all;
}

}  // namespace gpubench::fleet
