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
#include <utility>

#include "fleet/record.hpp"
#include "fleet/task.hpp"

namespace gpubench::fleet {
namespace {

/// What the files of a task say, without the engine.
struct filed {
  collected_task task;
  bool decided = false;  ///< measured or refused: the engine need not be asked
};

constexpr int measurement_failed = 3;  // of gpubench run: the run file is whole, and says what failed in it

std::optional<std::string> expected_suite(const job& what) {
  if (what.command.front() != "run") return std::nullopt;
  std::string suite = "quick";
  for (std::size_t i = 1; i < what.command.size(); ++i) {
    const auto& word = what.command[i];
    if (word.rfind("--filter", 0) == 0) return "custom";
    if (word.rfind("--suite=", 0) == 0) suite = word.substr(std::string("--suite=").size());
    if (word == "--suite" && i + 1 < what.command.size()) suite = what.command[i + 1];
  }
  return suite;
}

/// Whether a GPU is the product that was asked for: "NVIDIA H100 80GB HBM3" is NVIDIA-H100-80GB-HBM3, also as a slice
/// ("... MIG 3g.40gb"), and where the label has that ("...-MIG-3g.40gb") or says that it is shared ("...-SHARED").
bool is_product(const std::string& gpu, const std::string& product) {
  const auto one = plain_name(gpu), other = plain_name(product);
  return one.rfind(other, 0) == 0 || other.rfind(one, 0) == 0;
}

/// What the node lacks of what its job asked for; empty where nothing is known to be missing. A node whose driver did
/// not load measures its CPU, and would stand beside nodes that measured GPUs.
std::string lack_of(const results::run_head& head, const job& what) {
  const auto backend = std::find_if(what.command.begin(), what.command.end(),
                                    [](const std::string& word) { return word.rfind("--backend", 0) == 0; });
  const bool cpu_alone =
      backend != what.command.end() &&
      (*backend == "--backend=host" || (std::next(backend) != what.command.end() && *std::next(backend) == "host"));
  if (what.gpus_per_node == 0 || cpu_alone) return {};
  // Of slices CUDA shows a process one, and a rank of a collective may have been given its own GPU alone.
  const bool shows_one = what.collective || (what.gpu_resource && *what.gpu_resource != "nvidia.com/gpu");
  const std::size_t least = shows_one ? 1 : static_cast<std::size_t>(what.gpus_per_node);
  if (head.gpus.size() < least)
    return fmt::format("was measured with {}, and {} asked for", count_of(head.gpus.size(), "GPU"),
                       least == 1 ? "one was" : fmt::format("{} were", least));
  for (const auto& gpu : head.gpus)
    if (what.gpu_product && !is_product(gpu, *what.gpu_product))
      return fmt::format("was measured on {}, and {} was asked for", gpu, *what.gpu_product);
  return {};
}

std::string end_of(const task_record& record) {
  if (!record.finished_at) return fmt::format("began on {} at {} and did not end", record.node, record.started_at);
  if (*record.exit_code > 128)
    return fmt::format("the run ended on {} by signal {}", record.node, *record.exit_code - 128);
  return fmt::format("the run ended on {} with exit code {}{}", record.node, *record.exit_code,
                     record.starts > 1 ? fmt::format(", begun {} times", record.starts) : "");
}

void look_at_result(const task_record& record, const job& what, const std::filesystem::path& file, filed& into) {
  const bool in_order = record.exit_code && (*record.exit_code == 0 || *record.exit_code == measurement_failed);
  if (!record.finished_at || !in_order || !record.result) {
    into.task.reason = end_of(record) + (in_order && !record.result ? " and left no run file" : "");
    return;
  }
  auto text = read_file(file);
  if (text.size() != record.result->bytes || sha256_hex(text) != record.result->sha256)
    throw error(error_kind::input, {file.string(), 0, 0},
                "is not what was measured: its SHA-256 differs from that of its record");
  const auto head = results::read_run_head(text, file.string());
  const auto suite = expected_suite(what);
  if (suite && head.suite != *suite)
    throw error(error_kind::input, {file.string(), 0, 0},
                fmt::format("is of the suite {}, and {} was asked for", head.suite, *suite));
  if (!head.finished_at) {
    into.task.reason = end_of(record) + " before its run was whole";
    return;
  }
  if (const auto lack = lack_of(head, what); !lack.empty()) throw error(error_kind::input, {file.string(), 0, 0}, lack);
  into.decided = true;
  into.task.state = collected_state::measured;
  if (*record.exit_code == measurement_failed) into.task.reason = "some of its measurements failed";
  into.task.file = file;
  into.task.head = head;
}

filed look_at_files(const campaign& of, const job& what, int index, const std::filesystem::path& results) {
  filed found;
  found.task.job = what.name;
  found.task.index = index;
  const task_files files(results, what.name, index);
  auto otherwise = collected_state::refused;
  try {
    const auto record = load_record(files.record);
    std::error_code ignored;
    if (!record) {
      if (std::filesystem::exists(files.result, ignored))
        throw error(error_kind::input, "there is a run file, but no record of what measured it");
      return found;
    }
    if (record->campaign != of.id) otherwise = collected_state::foreign;
    require_own(*record, of.id, what.name, index, files.record.string());
    found.task.node = record->node;
    found.task.started_at = record->started_at;
    found.task.finished_at = record->finished_at;
    look_at_result(*record, what, files.result, found);
  } catch (const error& e) {
    found.task.state = otherwise;
    found.task.reason = (e.where().file.empty() ? "" : e.where().to_string() + ": ") + e.what();
    if (otherwise == collected_state::foreign) found.task.reason += "; a new --results-dir keeps them apart";
    found.decided = true;
  }
  return found;
}

/// What the engine says, by job and task: of the last submission of each.
using engine_view = std::map<std::pair<std::string, int>, task_status>;

engine_view ask_engine(const opened_campaign& what, const std::vector<filed>& found) {
  const bool asks_of_all = what.runs_on->tells_all_at_once();
  std::set<std::pair<std::string, int>> open;
  for (const auto& one : found)
    if (!one.decided) open.insert({one.task.job, one.task.index});
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
      const std::pair<std::string, int> key{status.job, status.index};
      view[key] = std::move(status);
    }
  return view;
}

/// @param fetched  whether what nodes left until now is here
void decide(collected_task& task, const task_status* status, bool submitted, bool fetched) {
  std::vector<std::string> reasons;
  if (status && !status->reason.empty()) reasons.push_back(status->reason);
  if (!task.reason.empty()) reasons.push_back(task.reason);
  const auto state = status ? status->state : task_state::unknown;
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
      task.state = task.finished_at ? collected_state::failed
                   : submitted      ? collected_state::unknown
                                    : collected_state::not_submitted;
      break;
  }
  task.reason = join(reasons, "; ");
}

// What ended in good order and could not be fetched has not failed.
void note_not_fetched(const fetched_results& fetched, engine_view& view, filed& one) {
  const auto problem = fetched.problems.find({one.task.job, one.task.index});
  const auto status = view.find({one.task.job, one.task.index});
  if (one.decided || problem == fetched.problems.end() || status == view.end()) return;
  if (status->second.state != task_state::ended) return;
  status->second.state = task_state::unknown;
  status->second.reason = "it ended, and what it left could not be fetched: " + problem->second;
  one.task.lies_on_node = true;
}

// Without an id it may have been killed before the engine heard of it.
bool is_submitted(const submission* last) {
  return last != nullptr && !last->id.empty();
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
  for (const auto& one : what.submitted.submissions)
    if (bounds.first.empty() && one.job == task.job &&
        std::find(one.tasks.begin(), one.tasks.end(), task.index) != one.tasks.end())
      bounds.first = one.submitted_at;
  // Of a task that was submitted again the engine's times are those of the last, and its record may be of an earlier.
  if (status && submissions_with(what.submitted, task) == 1) {
    if (status->started_at) bounds.first = std::max(bounds.first, *status->started_at);
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
  auto lock = file_lock::try_take(folder / ".collect.lock");
  if (lock) return std::move(*lock);
  throw error(error_kind::environment, {folder.string(), 0, 0}, "another gpubench fleet command collects it just now",
              "wait for its end");
}

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
  std::vector<std::string> problems;
  fetched_results brought(what.folder / "results");
  bool fetched = true;
  const auto note = [&](const error& e) {
    const std::string text = e.hint().empty() ? e.what() : fmt::format("{} ({})", e.what(), e.hint());
    if (problems.empty() || problems.front() != text) problems.push_back(text);
  };
  try {
    brought = what.runs_on->fetch(what.of, brought.folder);
  } catch (const error& e) {
    // What was fetched before does not count less where the engine cannot be reached now.
    if (e.kind() != error_kind::environment) throw;
    note(e);
    fetched = false;
  }
  std::vector<std::pair<const job*, int>> wanted;
  for (const auto& one : what.of.jobs)
    for (int task = 0; task < one.tasks(); ++task) wanted.emplace_back(&one, task);
  std::vector<filed> found(wanted.size());
  in_parallel(wanted.size(), 4, [&](std::size_t i) {
    found[i] = look_at_files(what.of, *wanted[i].first, wanted[i].second, brought.folder);
  });
  engine_view view;
  try {
    view = ask_engine(what, found);
  } catch (const error& e) {
    note(e);  // nor do results that are here
  }
  if (!problems.empty()) all.engine_problem = join(problems, "; ");
  for (auto& one : found) {
    note_not_fetched(brought, view, one);
    const auto status = view.find({one.task.job, one.task.index});
    if (!one.decided)
      decide(one.task, status == view.end() ? nullptr : &status->second,
             is_submitted(what.submitted.last_of(one.task.job, one.task.index)), fetched);
    all.tasks.push_back(std::move(one.task));
  }
  note_clocks(what, view, all.made_at, all);
  note_repeated_nodes(all);
  return all;
}

}  // namespace gpubench::fleet
