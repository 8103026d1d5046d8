#include "fleet/submit.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <system_error>
#include <utility>

#include "fleet/campaign_file.hpp"

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
}

/// A host that is down, or a job that is refused, keeps no other from being handed over. An engine that fails time
/// after time is down itself.
class patient_attempts {
 public:
  template <class Attempt>
  void make(const Attempt& attempt) {
    if (in_a_row_ == most_in_a_row) return;
    try {
      attempt();
      in_a_row_ = 0;
    } catch (const error& e) {
      if (!first_) first_ = e;
      ++in_a_row_;
    }
  }
  /// @throws error: the first that came
  void finish() const {
    if (first_) throw *first_;
  }

 private:
  static constexpr int most_in_a_row = 3;
  std::optional<error> first_;
  int in_a_row_ = 0;
};

/// @param found_before  whether the engine may have it already
void complete(opened_campaign& what, submission& one, bool found_before, const on_submission& tell) {
  const auto known = found_before ? what.runs_on->find(what.of, one) : std::nullopt;
  one.id = known ? *known : what.runs_on->submit(what.of, one, what.folder);
  save_state(what.folder, what.submitted);
  tell(one, known.has_value());
}

void hand_over(opened_campaign& what, const job& of, const std::vector<int>& tasks, const on_submission& tell) {
  submission next;
  next.job = of.name;
  next.tasks = tasks;
  next.key = fmt::format("{}-{}-{}", what.of.id, of.name, what.submitted.submissions_of(of.name) + 1);
  next.submitted_at = format_utc(std::chrono::system_clock::now());
  what.submitted.submissions.push_back(std::move(next));
  save_state(what.folder, what.submitted);
  complete(what, what.submitted.submissions.back(), false, tell);
}

void hand_over_all(opened_campaign& what, const job& of, const std::vector<int>& tasks, const on_submission& tell,
                   patient_attempts& attempts) {
  if (!what.runs_on->submits_tasks_apart(of)) return attempts.make([&] { hand_over(what, of, tasks, tell); });
  for (const int task : tasks) attempts.make([&] { hand_over(what, of, {task}, tell); });
}

}  // namespace

opened_campaign open_campaign(const std::filesystem::path& folder) {
  opened_campaign what{folder, load_campaign(folder), nullptr, {}};
  what.runs_on = &find_engine(what.of.engine);
  require_known_settings(*what.runs_on, what.of);
  what.submitted = load_state(folder, what.of.id);
  return what;
}

void submit_all(opened_campaign& what, const on_submission& tell) {
  require_manifests(what);
  patient_attempts attempts;
  for (auto& one : what.submitted.submissions)
    if (one.id.empty()) attempts.make([&] { complete(what, one, true, tell); });
  for (const auto& one : what.of.jobs) {
    const auto there = what.submitted.submitted_tasks(one.name);
    std::vector<int> tasks;
    for (int task = 0; task < one.tasks(); ++task)
      if (there.count(task) == 0) tasks.push_back(task);
    if (!tasks.empty()) hand_over_all(what, one, tasks, tell, attempts);
  }
  attempts.finish();
}

void submit_again(opened_campaign& what, const std::string& job, const std::vector<int>& tasks,
                  const on_submission& tell) {
  patient_attempts attempts;
  hand_over_all(what, find_job(what.of, job), tasks, tell, attempts);
  attempts.finish();
}

}  // namespace gpubench::fleet
