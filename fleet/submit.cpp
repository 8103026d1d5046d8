#include "fleet/submit.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "fleet/call.hpp"
#include "fleet/campaign_file.hpp"
#include "fleet/filed_task.hpp"
#include "fleet/foreign_results.hpp"
#include "fleet/hand_made.hpp"
#include "fleet/patient_attempts.hpp"

namespace gpubench::fleet {
namespace {

void require_manifests(const opened_campaign& what) {
  std::vector<std::string> missing;
  for (const auto& one : what.runs_on->render(what.of)) {
    std::error_code ignored;
    const auto file = what.folder / one.file_name;
    if (!std::filesystem::is_regular_file(file, ignored)) missing.push_back(file.string());
  }
  if (!missing.empty())
    throw error(error_kind::input, "not there: " + join(missing, ", "),
                "gpubench fleet render, as it was called before, writes it again");
  what.runs_on->require_hosts_kept(what.of, what.folder);
}

/// Whether its result lies here already, as where its manifest was submitted by hand.
bool is_measured(const opened_campaign& what, const job& of, int task) {
  for (const auto& results : {what.of.results, what.folder / "results"})
    if (filed_task_of(what.of, of, task, results).task.state == collected_state::measured) return true;
  return false;
}

/// Its tasks without a later submission, which brings the others to the engine.
std::vector<int> tasks_left_to(const submission& one, const state& submitted) {
  std::vector<int> left;
  for (const int task : one.tasks)
    if (submitted.last_of(one.job, task) == &one) left.push_back(task);
  return left;
}

/// @param at     its place in the state
/// @param begun  of a submission that an earlier command began, and the engine may have; null: it is new
void complete(opened_campaign& what, std::size_t at, hand_made* begun, const on_submission& tell) {
  auto* one = &what.submitted.submissions[at];
  std::optional<std::string> known;
  bool is_in_doubt = begun != nullptr && !one->refused;
  const auto note = [&](const error& e, bool refused) {
    auto& failed = what.submitted.submissions[at];
    failed.refused = refused;
    failed.problem = one_line(e.what());
    save_state(what.folder, what.submitted);
  };
  try {
    if (begun) known = what.runs_on->find(what.of, *one);
    if (begun && !known) {
      is_in_doubt = false;
      one->refused = true;  // so that it counts for nothing beside what its user did by hand
      begun->take_up(find_job(what.of, one->job));
      one = &what.submitted.submissions[at];
      if (tasks_left_to(*one, what.submitted).empty()) return save_state(what.folder, what.submitted);
    }
    if (!known) {
      one->tasks = tasks_left_to(*one, what.submitted);
      one->place = what.submitted.place_besides(one);
      try {
        one->place = what.runs_on->prepare(what.of, *one, what.folder);
      } catch (const error& e) {
        throw submission_refused(e);  // nothing was handed over yet
      }
      if (!begun) known = what.runs_on->find_of_copy(what.of, *one);
      if (known) one->submitted_at.clear();
    }
    if (!known) {
      // As a new one: who is killed from here on must not be taken for who was refused.
      one->refused = false;
      one->problem.clear();
      one->submitted_at = format_utc(std::chrono::system_clock::now());
      save_state(what.folder, what.submitted);
      is_in_doubt = true;
    }
    one->id = known ? *known : what.runs_on->submit(what.of, *one, what.folder);
  } catch (const submission_refused& e) {
    note(e, true);
    throw;
  } catch (const error& e) {
    note(e, what.submitted.submissions[at].refused);
    // A host by itself keeps a task from being done twice, so that it may be handed over once more without a thought.
    const bool matters = e.kind() == error_kind::environment && !what.runs_on->reaches_hosts_apart();
    if (is_in_doubt && matters) throw perhaps_handed_over(e);
    throw;
  }
  one->refused = false;
  one->problem.clear();
  save_state(what.folder, what.submitted);
  tell(*one, !known ? handed_over::now : begun ? handed_over::before : handed_over::by_copy);
}

std::vector<int> tasks_not_submitted(const opened_campaign& what, const job& of) {
  const auto there = what.submitted.submitted_tasks(of.name);
  std::vector<int> tasks;
  for (int task = 0; task < of.tasks(); ++task)
    if (there.count(task) == 0) tasks.push_back(task);
  return tasks;
}

/// Of them those without a result, which may lie here already.
std::vector<int> tasks_to_hand_over(const opened_campaign& what, const job& of) {
  auto tasks = tasks_not_submitted(what, of);
  tasks.erase(std::remove_if(tasks.begin(), tasks.end(), [&](int task) { return is_measured(what, of, task); }),
              tasks.end());
  return tasks;
}

/// The key of a submission to come: of a number above all that are there, since an entry may have been taken out.
std::string next_key(const opened_campaign& what, const std::string& job) {
  const auto begin = fmt::format("{}-{}-", what.of.id, job);
  long long highest = 0, count = 0;  // what was submitted by hand has no number
  for (const auto& one : what.submitted.submissions) {
    if (one.job != job) continue;
    ++count;
    if (one.key.rfind(begin, 0) == 0)
      highest = std::max(highest, parse_integer(std::string_view(one.key).substr(begin.size())).value_or(0));
  }
  highest = std::max(highest, count);
  return fmt::format("{}{}", begin, highest + 1);
}

void hand_over(opened_campaign& what, const job& of, const std::vector<int>& tasks, const on_submission& tell) {
  submission next;
  next.job = of.name;
  next.tasks = tasks;
  next.key = next_key(what, of.name);
  next.submitted_at = format_utc(std::chrono::system_clock::now());
  what.submitted.submissions.push_back(std::move(next));
  complete(what, what.submitted.submissions.size() - 1, nullptr, tell);
}

void hand_over_all(opened_campaign& what, const job& of, const std::vector<int>& tasks, const on_submission& tell,
                   patient_attempts& attempts) {
  if (!what.runs_on->submits_tasks_apart(of))
    return attempts.make(of.name, tasks, [&] { hand_over(what, of, tasks, tell); });
  for (const int task : tasks) attempts.make(of.name, {task}, [&] { hand_over(what, of, {task}, tell); });
}

/// Nothing is to be handed over of the job, so that an engine that does not answer now is no failure.
void note_if_known(hand_made& made, const job& of) {
  try {
    if (made.may_have_news_of(of)) made.take_up(of);
  } catch (const error& e) {
    if (e.kind() != error_kind::environment) throw;
  }
}

}  // namespace

opened_campaign open_campaign(const std::filesystem::path& folder) {
  opened_campaign what{folder, load_campaign(folder), nullptr, {}};
  what.runs_on = &find_engine(what.of.engine);
  require_known_settings(*what.runs_on, what.of);
  what.submitted = load_state(folder, what.of);
  what.runs_on->require_places(what.submitted.submissions);
  return what;
}

opened_campaign open_campaign_to_submit(const std::filesystem::path& folder) {
  auto what = open_campaign(folder);
  what.runs_on->require_submitter(what.submitted.submissions);
  return what;
}

void submit_all(opened_campaign& what, const on_submission& tell, const on_nothing_found& tell_where) {
  require_manifests(what);
  for (const auto& one : what.of.jobs)
    require_no_foreign_results(what.of, one, tasks_not_submitted(what, one), what.folder);
  what.runs_on->require_results_in_sight(what.of, what.submitted.submissions);
  patient_attempts attempts(what);
  std::set<std::string> told;
  const auto tell_once = [&](const std::string& place) {
    if (told.insert(place).second && tell_where) tell_where(place);
  };
  const auto begun = what.submitted.submissions.size();
  hand_made made(what, tell);
  // What failed once may fail for good, and must keep nothing new from being handed over.
  for (const auto& one : what.of.jobs) {
    auto tasks = tasks_to_hand_over(what, one);
    if (tasks.empty()) {
      note_if_known(made, one);
      continue;
    }
    // What may be there must not be submitted twice.
    const bool is_known = attempts.ask(one.name, tasks, [&] {
      const auto& there = made.take_up(one);
      if (there.found.empty() && !there.looked_in.empty()) tell_once(there.looked_in);
    });
    if (!is_known) continue;
    tasks = tasks_to_hand_over(what, one);
    if (!tasks.empty()) hand_over_all(what, one, tasks, tell, attempts);
  }
  for (std::size_t i = 0; i < begun; ++i) {
    const auto one = what.submitted.submissions[i];
    const auto left = tasks_left_to(what.submitted.submissions[i], what.submitted);
    if (one.id.empty() && !left.empty()) attempts.make(one.job, left, [&] { complete(what, i, &made, tell); });
  }
  attempts.finish();
}

void submit_again(opened_campaign& what, const tasks_by_job& again, const on_submission& tell) {
  patient_attempts attempts(what);
  hand_made made(what, tell);
  for (const auto& [job, tasks] : again) {
    const auto& one = find_job(what.of, job);
    auto left = tasks;
    if (made.may_have_news_of(one)) {
      const auto before = what.submitted.submissions.size();
      if (!attempts.ask(job, tasks, [&] { made.take_up(one); })) continue;
      const auto is_with_engine = [&](int task) {
        return what.submitted.last_of(job, task) >= what.submitted.submissions.data() + before;
      };
      left.erase(std::remove_if(left.begin(), left.end(), is_with_engine), left.end());
    }
    if (!left.empty()) hand_over_all(what, one, left, tell, attempts);
  }
  attempts.finish();
}

}  // namespace gpubench::fleet
