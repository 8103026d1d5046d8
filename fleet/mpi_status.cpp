#include "fleet/mpi_status.hpp"

#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "fleet/mpi_script.hpp"
#include "fleet/record.hpp"

namespace gpubench::fleet {
namespace {

/// So long a program may take to begin, as on a host that is busy or from a file system far away.
constexpr double seconds_to_begin = 60;
constexpr double doubt_of_clocks_seconds = 2;  // both are rounded

/// A time by the node's clock, by this machine's.
std::optional<std::string> by_own_clock(const std::optional<std::string>& text, std::chrono::seconds node_ahead) {
  const auto seconds = text ? parse_utc_seconds(*text) : std::nullopt;
  if (!seconds) return std::nullopt;
  const std::chrono::seconds since(static_cast<long long>(*seconds));
  return format_utc(std::chrono::system_clock::time_point(since - node_ahead));
}

/// Seconds since it was handed over, as long as its host may yet begin it; nothing where it has begun, or had its time.
std::optional<double> seconds_of_waiting(const submission& last, const std::optional<std::string>& started_at,
                                         std::chrono::system_clock::time_point now) {
  const auto handed_over = parse_utc_seconds(last.submitted_at);
  const auto started = started_at ? parse_utc_seconds(*started_at) : std::nullopt;
  if (!handed_over || (started && *started >= *handed_over - doubt_of_clocks_seconds)) return std::nullopt;
  const double seconds = std::chrono::duration<double>(now.time_since_epoch()).count() - *handed_over;
  return std::abs(seconds) < seconds_to_begin ? std::optional(std::max(seconds, 0.0)) : std::nullopt;
}

}  // namespace

task_status status_of(const host_answer& answer, const campaign& of, const submission& last, int task,
                      std::chrono::system_clock::time_point now) {
  task_status status;
  status.job = last.job;
  status.index = task;
  status.node = host_of(find_job(of, last.job), task);
  if (!answer.problem.empty()) {
    status.reason = answer.problem;
    status.is_out_of_reach = !answer.is_refused;
    status.can_be_repeated = answer.is_refused;  // else it may run there, or have ended
    return status;
  }
  const auto& record = answer.says.record;
  if (record && record->campaign != of.id) {
    status.state = task_state::failed;
    status.reason = fmt::format("in {} there lies what campaign {} measured: it was not begun",
                                (of.results / last.job).string(), record->campaign);
    return status;
  }
  if (record && answer.says.asked_at) {
    status.started_at = by_own_clock(record->started_at, answer.node_ahead);
    status.ended_at = by_own_clock(record->finished_at, answer.node_ahead);
  }
  if (answer.says.running) {
    status.state = task_state::running;
    return status;
  }
  if (record && ended_in_order(*record) && (record->exit_code == 0 || record->result)) {
    status.state = task_state::ended;
    return status;
  }
  const auto started_at = record && !status.started_at ? std::optional(record->started_at) : status.started_at;
  if (const auto seconds = seconds_of_waiting(last, started_at, now)) {
    status.state = task_state::waiting;
    status.reason = fmt::format("handed over {:.0f} s ago, and not begun yet", *seconds);
    return status;
  }
  status.state = task_state::failed;
  if (!record)
    status.reason = fmt::format("it was not begun: see {} there", task_files(of.results, last.job, task).log.string());
  else
    status.reason = record->finished_at ? "it ended " + end_in_words(*record) : "it is gone, and did not end";
  return status;
}

}  // namespace gpubench::fleet
