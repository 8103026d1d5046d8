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

/// "p5 0-3,7; g6 1 (hosta)"
std::string text_of(const campaign& of, const tasks_by_job& all) {
  std::vector<std::string> parts;
  for (auto [job, tasks] : all) {
    std::sort(tasks.begin(), tasks.end());
    std::vector<std::string> hosts;
    for (const int task : tasks)
      if (auto host = named_host(find_job(of, job), task); !host.empty()) hosts.push_back(std::move(host));
    parts.push_back(fmt::format("{} {}{}", job, ranges_of(tasks), hosts.empty() ? "" : " (" + join(hosts, ", ") + ")"));
  }
  return join(parts, "; ");
}

/// A host that is down, or a job that is refused, keeps no other from being handed over. An engine that fails time
/// after time is down itself, unless its hosts have nothing in common.
class patient_attempts {
 public:
  explicit patient_attempts(const opened_campaign& what)
      : of_(what.of), gives_up_(!what.runs_on->reaches_hosts_apart()) {}

  template <class Attempt>
  void make(const std::string& job, const std::vector<int>& tasks, const Attempt& attempt) {
    if (ask(job, tasks, attempt)) in_a_row_ = 0;
  }
  /// Likewise of a question without which nothing is handed over. Its answer does not end a row of failures.
  /// @return whether there was one
  template <class Attempt>
  bool ask(const std::string& job, const std::vector<int>& tasks, const Attempt& attempt) {
    if (gives_up_ && in_a_row_ == most_in_a_row) {
      note(not_tried_, job, tasks);
      return false;
    }
    try {
      attempt();
      return true;
    } catch (const error& e) {
      if (!first_) first_ = e;
      ++in_a_row_;
      note(failed_with(e.what()), job, tasks);
      return false;
    }
  }
  /// @throws error: of the kind of the first that came, with all reasons and the tasks that are not handed over
  void finish() const {
    if (!first_) return;
    std::vector<std::string> parts;
    for (const auto& [reason, tasks] : failed_) {
      if (parts.size() == most_reasons) {
        parts.push_back(fmt::format("{} for other reasons, which gpubench fleet status lists",
                                    count_of(failed_.size() - most_reasons, "submission")));
        break;
      }
      parts.push_back(fmt::format("{}; not handed over: {}", reason, text_of(of_, tasks)));
    }
    if (!not_tried_.empty()) parts.push_back("not tried after that: " + text_of(of_, not_tried_));
    throw error(first_->kind(), first_->where(), join(parts, "; "), first_->hint());
  }

 private:
  static void note(tasks_by_job& into, const std::string& job, const std::vector<int>& tasks) {
    auto& noted = into[job];
    noted.insert(noted.end(), tasks.begin(), tasks.end());
  }

  tasks_by_job& failed_with(const std::string& reason) {
    const auto known =
        std::find_if(failed_.begin(), failed_.end(), [&](const auto& one) { return one.first == reason; });
    return known != failed_.end() ? known->second : failed_.emplace_back(reason, tasks_by_job()).second;
  }

  static constexpr int most_in_a_row = 3;
  static constexpr std::size_t most_reasons = 5;
  const campaign& of_;
  bool gives_up_;
  std::optional<error> first_;
  int in_a_row_ = 0;
  std::vector<std::pair<std::string, tasks_by_job>> failed_;  ///< by reason, in the order in which they came
  tasks_by_job not_tried_;
};

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

/// Where a campaign's tasks went before: the others follow, whatever the engine's programs would choose by now. What
/// was refused is nowhere.
/// @param one  of them that does not count, or null
engine_place place_of_others(const state& submitted, const submission* one) {
  for (const auto& other : submitted.submissions)
    if (&other != one && !other.refused && !other.place.empty()) return other.place;
  return {};
}

/// @param found_before  whether the engine may have it already
void complete(opened_campaign& what, submission& one, bool found_before, const on_submission& tell) {
  std::optional<std::string> known;
  const auto note = [&](const error& e, bool refused) {
    one.refused = refused;
    one.problem = one_line(e.what());
    save_state(what.folder, what.submitted);
  };
  try {
    if (found_before) known = what.runs_on->find(what.of, one);
    if (!known) {
      one.tasks = tasks_left_to(one, what.submitted);
      one.place = place_of_others(what.submitted, &one);
      try {
        one.place = what.runs_on->prepare(what.of, one, what.folder);
      } catch (const error& e) {
        throw submission_refused(e);  // nothing was handed over yet
      }
      if (!found_before) known = what.runs_on->find_of_copy(what.of, one);
      if (known) one.submitted_at.clear();
    }
    if (!known) {
      // As a new one: who is killed from here on must not be taken for who was refused.
      one.refused = false;
      one.problem.clear();
      one.submitted_at = format_utc(std::chrono::system_clock::now());
      save_state(what.folder, what.submitted);
    }
    one.id = known ? *known : what.runs_on->submit(what.of, one, what.folder);
  } catch (const submission_refused& e) {
    note(e, true);
    throw;
  } catch (const error& e) {
    note(e, one.refused);
    throw;
  }
  one.refused = false;
  one.problem.clear();
  save_state(what.folder, what.submitted);
  tell(one, !known ? handed_over::now : found_before ? handed_over::before : handed_over::by_copy);
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

/// What its user handed over of a job, of those tasks that no command did.
by_hand new_by_hand(const opened_campaign& what, const job& of) {
  auto open = tasks_not_submitted(what, of);
  if (open.empty()) return {};
  auto all = what.runs_on->submitted_by_hand(what.of, of, place_of_others(what.submitted, nullptr), what.folder);
  std::vector<submission> found;
  for (auto& one : all.found) {
    std::vector<int> tasks, rest;
    for (const int task : open)
      (std::count(one.tasks.begin(), one.tasks.end(), task) > 0 ? tasks : rest).push_back(task);
    if (tasks.empty()) continue;
    one.tasks = tasks;
    open = rest;
    found.push_back(std::move(one));
  }
  all.found = std::move(found);
  return all;
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
  complete(what, what.submitted.submissions.back(), false, tell);
}

void hand_over_all(opened_campaign& what, const job& of, const std::vector<int>& tasks, const on_submission& tell,
                   patient_attempts& attempts) {
  if (!what.runs_on->submits_tasks_apart(of))
    return attempts.make(of.name, tasks, [&] { hand_over(what, of, tasks, tell); });
  for (const int task : tasks) attempts.make(of.name, {task}, [&] { hand_over(what, of, {task}, tell); });
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

std::optional<std::string> add_submitted_by_hand(opened_campaign& what) {
  try {
    for (const auto& one : what.of.jobs)
      for (auto& there : new_by_hand(what, one).found) what.submitted.submissions.push_back(std::move(there));
  } catch (const error& e) {
    return e.what();
  }
  return std::nullopt;
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
  // What failed once may fail for good, and must keep nothing new from being handed over.
  for (const auto& one : what.of.jobs) {
    auto tasks = tasks_to_hand_over(what, one);
    if (tasks.empty()) continue;
    // What may be there must not be submitted twice.
    const bool is_known = attempts.ask(one.name, tasks, [&] {
      auto there_by_hand = new_by_hand(what, one);
      if (there_by_hand.found.empty() && !there_by_hand.looked_in.empty()) tell_once(there_by_hand.looked_in);
      for (auto& there : there_by_hand.found) {
        what.submitted.submissions.push_back(std::move(there));
        save_state(what.folder, what.submitted);
        tell(what.submitted.submissions.back(), handed_over::by_hand);
      }
    });
    if (!is_known) continue;
    tasks = tasks_to_hand_over(what, one);
    if (!tasks.empty()) hand_over_all(what, one, tasks, tell, attempts);
  }
  for (std::size_t i = 0; i < begun; ++i) {
    auto& one = what.submitted.submissions[i];
    if (one.id.empty() && !tasks_left_to(one, what.submitted).empty())
      attempts.make(one.job, one.tasks, [&] { complete(what, one, true, tell); });
  }
  attempts.finish();
}

void submit_again(opened_campaign& what, const tasks_by_job& again, const on_submission& tell) {
  patient_attempts attempts(what);
  for (const auto& [job, tasks] : again) hand_over_all(what, find_job(what.of, job), tasks, tell, attempts);
  attempts.finish();
}

}  // namespace gpubench::fleet
