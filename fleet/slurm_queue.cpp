#include "fleet/slurm_queue.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace gpubench::fleet {
namespace {

constexpr const char* epoch_times = "SLURM_TIME_FORMAT=%s";

std::optional<std::string> time_of(std::string_view text) {
  const auto seconds = parse_integer(text);
  if (!seconds || *seconds <= 0) return std::nullopt;  // "N/A", "Unknown"
  return format_utc(std::chrono::system_clock::time_point(std::chrono::seconds(*seconds)));
}

std::vector<std::vector<std::string>> fields_of(std::string_view text, std::size_t count, const char* program) {
  std::vector<std::vector<std::string>> lines;
  for (const auto& line : split(text, '\n')) {
    if (line.empty() || line.rfind("CLUSTER: ", 0) == 0) continue;
    auto fields = split(line, '|');
    if (fields.size() != count)
      throw error(error_kind::environment, fmt::format("{} answers in an unknown form: '{}'", program, line));
    lines.push_back(std::move(fields));
  }
  return lines;
}

std::optional<int> index_of(std::string_view text) {
  const auto index = parse_integer(text);  // "N/A", "[0-3]"
  return index ? std::optional(static_cast<int>(*index)) : std::nullopt;
}

int number_or_zero(std::string_view text) {
  return static_cast<int>(parse_integer(text).value_or(0));
}

template <std::size_t count>
bool is_among(std::string_view state, const std::array<std::string_view, count>& states) {
  return std::find(states.begin(), states.end(), state) != states.end();
}

/// A value of what `scontrol show config` says: "MinJobAge               = 300 sec".
std::string configured(std::string_view configuration, std::string_view key) {
  for (const auto& line : split(configuration, '\n')) {
    const auto parts = split(line, '=');
    if (parts.size() == 2 && trim(parts[0]) == key) return std::string(trim(parts[1]));
  }
  return {};
}

task_state state_of(std::string_view state) {
  constexpr std::array<std::string_view, 9> failed{"BOOT_FAIL",     "CANCELLED",     "DEADLINE",  "FAILED", "NODE_FAIL",
                                                   "LAUNCH_FAILED", "OUT_OF_MEMORY", "PREEMPTED", "TIMEOUT"};
  constexpr std::array<std::string_view, 5> running{"RUNNING", "COMPLETING", "STAGE_OUT", "SIGNALING", "STOPPED"};
  // Of a job that is REVOKED another cluster of the federation has taken the twin.
  constexpr std::array<std::string_view, 12> waiting{"PENDING",      "CONFIGURING",  "SUSPENDED",     "RESIZING",
                                                     "REQUEUE_HOLD", "REQUEUED",     "REQUEUE_FED",   "RESV_DEL_HOLD",
                                                     "REVOKED",      "SPECIAL_EXIT", "POWER_UP_NODE", "EXPEDITING"};
  if (state == "COMPLETED") return task_state::ended;
  if (is_among(state, failed)) return task_state::failed;
  if (is_among(state, running)) return task_state::running;
  if (is_among(state, waiting)) return task_state::waiting;
  return task_state::unknown;
}

std::string reason_of(const slurm_task& task, task_state state) {
  std::vector<std::string> parts;
  if (state != task_state::ended && state != task_state::running && task.state != "PENDING")
    parts.push_back(task.state);
  // "None" stands for no reason; of what runs it is that for which it waited.
  if (!task.reason.empty() && task.reason != "None" && state != task_state::running) parts.push_back(task.reason);
  if (task.exit_code != 0) parts.push_back(fmt::format("exit code {}", task.exit_code));
  if (task.signal != 0) parts.push_back(fmt::format("signal {}", task.signal));
  return join(parts, ", ");
}

}  // namespace

std::vector<std::string> squeue_words(const std::vector<std::string>& job_names, const std::string& cluster) {
  // Variables of a user's own, which would hide jobs.
  std::vector<std::string> words{
      "env",
      "--unset=SLURM_CLUSTERS",
      "--unset=SQUEUE_ACCOUNT",
      "--unset=SQUEUE_LICENSES",
      "--unset=SQUEUE_PARTITION",
      "--unset=SQUEUE_QOS",
      "--unset=SQUEUE_USERS",
      epoch_times,
      "squeue",
      "--all",
      "--states=all",
      "--array",
      "--noheader",
      "--name=" + join(job_names, ","),
      "--Format=ArrayJobID:|,ArrayTaskID:|,State:|,NodeList:|,Reason:|,StartTime:|,EndTime:|,exit_code:|,"
      "RestartCnt:|,Name:"};
  if (!cluster.empty()) words.push_back("--clusters=" + cluster);
  return words;
}

std::vector<slurm_task> parse_squeue(std::string_view text) {
  std::vector<slurm_task> tasks;
  for (const auto& fields : fields_of(text, 10, "squeue")) {
    slurm_task task;
    task.id = fields[0];
    task.index = index_of(fields[1]);
    task.state = fields[2];
    task.node = fields[3];
    task.reason = fields[4];
    task.started_at = time_of(fields[5]);
    task.ended_at = time_of(fields[6]);
    // The status of wait(2): a signal in the low seven bits, an exit code above the low eight.
    const int status = number_or_zero(fields[7]);
    task.exit_code = status >> 8 & 0xff;
    task.signal = status & 0x7f;
    task.restarted = number_or_zero(fields[8]) > 0;
    task.name = fields[9];
    tasks.push_back(std::move(task));
  }
  return tasks;
}

std::vector<std::string> sacct_words(const std::vector<std::string>& job_names, const std::string& cluster) {
  // Without --allusers it tells of one's own jobs, without a start of today alone, and without --duplicates only of the
  // last start of one that was requeued.
  std::vector<std::string> words{"env",
                                 epoch_times,
                                 "sacct",
                                 "--allocations",
                                 "--allusers",
                                 "--array",
                                 "--duplicates",
                                 "--noheader",
                                 "--parsable2",
                                 "--starttime=now-90days",
                                 "--name=" + join(job_names, ","),
                                 "--format=JobID,State,NodeList,Start,End,ExitCode,JobName"};
  if (!cluster.empty()) words.push_back("--clusters=" + cluster);
  return words;
}

std::vector<slurm_task> parse_sacct(std::string_view text) {
  std::vector<slurm_task> tasks;
  for (const auto& fields : fields_of(text, 7, "sacct")) {
    slurm_task task;
    const auto id = split(fields[0], '_');  // "17_3"
    task.id = id.front();
    if (id.size() > 1) task.index = index_of(id[1]);
    task.state = split(fields[1], ' ').front();  // "CANCELLED by 1000"
    task.node = fields[2] == "None assigned" ? "" : fields[2];
    task.started_at = time_of(fields[3]);
    task.ended_at = time_of(fields[4]);
    const auto code = split(fields[5], ':');  // "9:0"
    task.exit_code = number_or_zero(code.front());
    task.signal = number_or_zero(code.back());
    task.name = fields[6];
    const auto same = std::find_if(tasks.begin(), tasks.end(), [&](const slurm_task& one) {
      return one.id == task.id && one.index == task.index && one.name == task.name;
    });
    if (same == tasks.end()) {
      tasks.push_back(std::move(task));
      continue;
    }
    if (!task.started_at || !same->started_at || *same->started_at <= *task.started_at) *same = std::move(task);
    same->restarted = true;
  }
  return tasks;
}

std::optional<std::chrono::seconds> parse_min_job_age(std::string_view configuration) {
  const auto value = configured(configuration, "MinJobAge");
  const auto seconds = parse_integer(value.substr(0, value.find(' ')));
  return seconds && *seconds >= 0 ? std::optional(std::chrono::seconds(*seconds)) : std::nullopt;
}

std::string parse_cluster_name(std::string_view configuration) {
  return configured(configuration, "ClusterName");
}

std::optional<std::set<std::string>> parse_private_data(std::string_view configuration) {
  const auto value = configured(configuration, "PrivateData");  // "accounts,jobs", "none"
  if (value.empty()) return std::nullopt;
  const auto words = split(value, ',');
  return std::set<std::string>(words.begin(), words.end());
}

task_status status_of(const slurm_task& task, const std::string& job) {
  task_status status;
  status.job = job;
  status.index = task.index.value_or(0);
  status.state = state_of(task.state);
  status.node = task.node;
  status.reason = reason_of(task, status.state);
  if (status.state == task_state::unknown) {
    status.reason += ", a state of Slurm that gpubench does not know";
    status.can_be_repeated = false;  // it is there, and may go on
  }
  status.started_at = task.started_at;
  status.restarted = task.restarted;
  if (status.state == task_state::ended || status.state == task_state::failed) status.ended_at = task.ended_at;
  return status;
}

}  // namespace gpubench::fleet
