#include "fleet/submit.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <chrono>
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
  for (auto& one : what.submitted.submissions)
    if (one.id.empty()) complete(what, one, true, tell);
  for (const auto& one : what.of.jobs) {
    const auto there = what.submitted.submitted_tasks(one.name);
    std::vector<int> tasks;
    for (int task = 0; task < one.tasks(); ++task)
      if (there.count(task) == 0) tasks.push_back(task);
    if (!tasks.empty()) submit_again(what, one.name, tasks, tell);
  }
}

void submit_again(opened_campaign& what, const std::string& job, const std::vector<int>& tasks,
                  const on_submission& tell) {
  const auto& of = find_job(what.of, job);
  if (!what.runs_on->submits_tasks_apart(of)) return hand_over(what, of, tasks, tell);
  for (const int task : tasks) hand_over(what, of, {task}, tell);
}

}  // namespace gpubench::fleet
