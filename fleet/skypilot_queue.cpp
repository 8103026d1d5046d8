#include "fleet/skypilot_queue.hpp"

#include "core/error.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string_view>

#include "fleet/call.hpp"

namespace gpubench::fleet {
namespace {

std::string text_of(const json& row, const char* key) {
  const auto found = row.find(key);
  return found != row.end() && found->is_string() ? found->get<std::string>() : std::string();
}

long long number_of(const json& row, const char* key) {
  const auto found = row.find(key);
  return found != row.end() && found->is_number() ? found->get<long long>() : 0;
}

// Seconds since 1970, or nothing where it has not come to that.
std::optional<std::string> time_of(const json& row, const char* key) {
  const auto found = row.find(key);
  if (found == row.end() || !found->is_number() || found->get<double>() <= 0) return std::nullopt;
  const std::chrono::duration<double> since(found->get<double>());
  return format_utc(
      std::chrono::system_clock::time_point(std::chrono::duration_cast<std::chrono::system_clock::duration>(since)));
}

task_state state_of(const std::string& status) {
  if (status == "RUNNING" || status == "CANCELLING") return task_state::running;
  if (status == "SUCCEEDED") return task_state::ended;
  if (status == "CANCELLED" || status.rfind("FAILED", 0) == 0) return task_state::failed;
  // RECOVERING: its machine was taken away, and it waits for the next.
  for (const char* waiting : {"PENDING", "SUBMITTED", "STARTING", "RECOVERING"})
    if (status == waiting) return task_state::waiting;
  return task_state::unknown;
}

}  // namespace

std::optional<json> find_managed_job(const json& queue, const std::string& name) {
  const json* rows = &queue;
  if (queue.is_object() && queue.contains("jobs")) rows = &queue.at("jobs");
  if (!rows->is_array())
    throw error(error_kind::environment, "sky jobs queue answers in an unknown form",
                "it needs a SkyPilot whose sky jobs queue knows -o json");
  const json* newest = nullptr;
  for (const json& row : *rows) {
    if (!row.is_object() || text_of(row, "job_name") != name) continue;
    if (!newest || number_of(row, "job_id") > number_of(*newest, "job_id")) newest = &row;
  }
  return newest ? std::optional(*newest) : std::nullopt;
}

std::vector<std::string> launches_under_way(const json& requests) {
  if (!requests.is_array())
    throw error(error_kind::environment, "sky api status answers in an unknown form",
                "it needs a SkyPilot whose sky api status knows -o json");
  std::vector<std::string> ids;
  for (const json& row : requests) {
    if (!row.is_object()) continue;
    const std::string name = text_of(row, "name"), status = text_of(row, "status");
    constexpr std::string_view launch = "jobs.launch";  // "sky.jobs.launch"
    const bool launches = name.size() >= launch.size() && name.substr(name.size() - launch.size()) == launch;
    const bool has_ended = status == "SUCCEEDED" || status == "FAILED" || status == "CANCELLED";
    if (launches && !has_ended) ids.push_back(text_of(row, "request_id"));
  }
  return ids;
}

task_status skypilot_status(const std::optional<json>& found, const submission& what, int task) {
  task_status status;
  status.job = what.job;
  status.index = task;
  if (!found) {
    // It forgets none by itself.
    status.reason =
        "SkyPilot has no managed job of this name: is this the API server and the user that launched it? If it is gone "
        "for good, take its entry out of state.json";
    status.can_be_repeated = false;
    return status;
  }
  const std::string said = text_of(*found, "status");
  status.state = state_of(said);
  status.started_at = time_of(*found, "start_at");
  status.ended_at = time_of(*found, "end_at");
  if (status.state != task_state::ended && status.state != task_state::running) {
    status.reason = said;
    if (const auto why = text_of(*found, "failure_reason"); !why.empty()) status.reason += ": " + one_line(why);
  }
  if (status.state == task_state::unknown) {
    status.reason += ", a state of SkyPilot that gpubench does not know";
    status.can_be_repeated = false;  // it is there, and may go on
  }
  return status;
}

}  // namespace gpubench::fleet
