#include "fleet/kubernetes_status.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "fleet/call.hpp"
#include "fleet/kubernetes_json.hpp"

namespace gpubench::fleet {
namespace {

std::string with(const std::string& reason, const std::string& message) {
  return reason.empty() || message.empty() ? reason + message : reason + ": " + message;
}

/// The reason and message of a condition that holds; nothing where it does not.
std::optional<std::string> condition(const json& of, const char* type, const char* status = "True") {
  for (const json& one : list_at(of, "/status/conditions"))
    if (text_at(one, "/type") == type && text_at(one, "/status") == status)
      return with(text_at(one, "/reason"), text_at(one, "/message"));
  return std::nullopt;
}

constexpr const char* role_label = "/metadata/labels/gpubench~1role";
constexpr const char* key_label = "/metadata/labels/gpubench~1key";
constexpr const char* index_label = "/metadata/labels/batch.kubernetes.io~1job-completion-index";

/// Whether an index is among those of an Indexed Job's status: "1,3-5".
bool is_in_ranges(const std::string& ranges, int index) {
  for (const auto& range : split(ranges, ',')) {
    const auto ends = split(range, '-');
    const auto first = parse_integer(ends.front()), last = parse_integer(ends.back());
    if (first && last && *first <= index && index <= *last) return true;
  }
  return false;
}

bool is_indexed(const json* owner) {
  return owner != nullptr && text_at(*owner, "/spec/completionMode") == "Indexed";
}

std::vector<const json*> pods_of(const json& list, const submission& what) {
  std::vector<const json*> pods;
  for (const json& one : list_at(list, "/items"))
    if (text_at(one, "/kind") == "Pod" && kubernetes_owner_of(one) == what.key) pods.push_back(&one);
  return pods;
}

/// Those of one index.
std::vector<const json*> only_of(std::vector<const json*> pods, int index) {
  pods.erase(std::remove_if(pods.begin(), pods.end(),
                            [&](const json* one) { return text_at(*one, index_label) != std::to_string(index); }),
             pods.end());
  return pods;
}

/// Of MPIJobs the launcher counts: it runs while the collective does.
const json* newest_pod(const std::vector<const json*>& pods, bool collective) {
  const json* newest = nullptr;
  for (const json* one : pods) {
    if (collective && text_at(*one, role_label) != "launcher") continue;
    if (!newest || text_at(*one, "/metadata/creationTimestamp") > text_at(*newest, "/metadata/creationTimestamp"))
      newest = one;
  }
  return newest;
}

/// Whether the task was begun in another pod before the newest.
bool was_begun_before(const std::vector<const json*>& pods, bool collective) {
  const auto begins = [&](const json* one) { return !collective || text_at(*one, role_label) == "launcher"; };
  return std::count_if(pods.begin(), pods.end(), begins) > 1;
}

/// Why a pod waits, or how its container ended: "Unschedulable: 0/5 nodes are available", "OOMKilled, exit code 137".
std::string reason_of_pod(const json& pod) {
  for (const json& container : list_at(pod, "/status/containerStatuses")) {
    const std::string waiting = text_at(container, "/state/waiting/reason");
    if (!waiting.empty() && waiting != "ContainerCreating")
      return with(waiting, text_at(container, "/state/waiting/message"));
    const json::json_pointer code("/state/terminated/exitCode");
    if (container.contains(code) && container.at(code).is_number_integer() && container.at(code) != 0)
      return fmt::format("{}, exit code {}", text_at(container, "/state/terminated/reason"),
                         container.at(code).get<int>());
  }
  if (const auto unscheduled = condition(pod, "PodScheduled", "False")) return *unscheduled;
  if (const auto disrupted = condition(pod, "DisruptionTarget")) return *disrupted;
  return with(text_at(pod, "/status/reason"), text_at(pod, "/status/message"));
}

std::optional<std::string> time_of_container(const json& pod, const char* running, const char* terminated) {
  for (const json& container : list_at(pod, "/status/containerStatuses"))
    for (const char* path : {running, terminated})
      if (auto time = text_at(container, path); !time.empty()) return time;
  return std::nullopt;
}

/// What keeps a collective from being launched: the first of its workers that says why it waits.
std::string reason_of_workers(const std::vector<const json*>& pods) {
  for (const json* one : pods)
    if (auto why = reason_of_pod(*one); !why.empty()) return why;
  return {};
}

}  // namespace

std::string kubernetes_owner_of(const json& object) {
  const bool is_pod = text_at(object, "/kind") == "Pod";
  // The operator's Job for the launcher of an MPIJob labels its pods too.
  for (const char* path : {key_label, "/metadata/labels/training.kubeflow.org~1job-name",
                           "/metadata/labels/batch.kubernetes.io~1job-name"})
    if (auto name = text_at(object, path); !name.empty() && (is_pod || path == key_label)) return name;
  return is_pod ? std::string() : text_at(object, "/metadata/name");
}

std::optional<submission> kubernetes_made_by_hand(const json& object, const job& what) {
  if (text_at(object, "/kind") != (what.collective ? "MPIJob" : "Job") || !text_at(object, key_label).empty() ||
      text_at(object, "/metadata/labels/gpubench~1job") != what.name)
    return std::nullopt;
  submission one;
  one.job = what.name;
  one.key = text_at(object, "/metadata/name");
  one.id = (what.collective ? "mpijob.kubeflow.org/" : "job.batch/") + one.key;
  one.submitted_at = text_at(object, "/metadata/creationTimestamp");
  const auto task = parse_integer(text_at(object, "/metadata/labels/gpubench~1task"));
  for (int i = 0; i < what.tasks(); ++i)
    if (!task || *task == i) one.tasks.push_back(i);
  return one;
}

task_status kubernetes_status(const json& list, const submission& what, int task) {
  task_status status;
  status.job = what.job;
  status.index = task;
  const json* owner = nullptr;
  for (const json& one : list_at(list, "/items"))
    if (text_at(one, "/kind") != "Pod" && text_at(one, "/metadata/name") == what.key) owner = &one;
  const bool collective = owner && text_at(*owner, "/kind") == "MPIJob";
  const auto pods = is_indexed(owner) ? only_of(pods_of(list, what), task) : pods_of(list, what);
  const json* pod = newest_pod(pods, collective);
  std::string why;
  if (pod) {
    status.node = text_at(*pod, "/spec/nodeName");
    status.started_at = time_of_container(*pod, "/state/running/startedAt", "/state/terminated/startedAt");
    status.ended_at = time_of_container(*pod, "/state/terminated/finishedAt", "/state/terminated/finishedAt");
    status.restarted = was_begun_before(pods, collective);
    why = reason_of_pod(*pod);
  } else {
    why = reason_of_workers(pods);
  }
  if (!owner) {
    status.reason = "the cluster has no job of this name: it was deleted";
    return status;
  }
  const auto failed = condition(*owner, "Failed");
  if (is_indexed(owner) && is_in_ranges(text_at(*owner, "/status/completedIndexes"), task)) {
    status.state = task_state::ended;
  } else if (is_indexed(owner) && is_in_ranges(text_at(*owner, "/status/failedIndexes"), task)) {
    status.state = task_state::failed;
    status.reason = why.empty() ? "its index of the Job failed" : why;
  } else if (failed) {
    status.state = task_state::failed;
    status.reason = why.empty() ? *failed : fmt::format("{}; {}", why, *failed);
  } else if (condition(*owner, "Complete") || condition(*owner, "Succeeded")) {
    status.state = task_state::ended;
  } else if (const auto suspended = condition(*owner, "Suspended")) {
    status.state = task_state::waiting;
    status.reason = suspended->empty() ? "Suspended" : *suspended;
  } else if (pod && text_at(*pod, "/status/phase") == "Running") {
    status.state = task_state::running;
  } else {
    status.state = task_state::waiting;
    status.reason = why;
  }
  status.reason = one_line(status.reason);
  return status;
}

std::map<std::string, json> kubernetes_objects_by_key(json said) {
  std::map<std::string, json> lists;
  if (!said.is_object() || !said.contains("items") || !said["items"].is_array()) return lists;
  for (json& one : said["items"])
    if (const auto key = kubernetes_owner_of(one); !key.empty()) lists[key]["items"].push_back(std::move(one));
  return lists;
}

kubernetes_warnings read_kubernetes_warnings(const json& events) {
  kubernetes_warnings last;
  for (const json& event : list_at(events, "/items")) {
    const auto name = text_at(event, "/involvedObject/name");
    if (name.empty() || text_at(event, "/type") != "Warning") continue;
    std::string time;
    for (const char* path : {"/lastTimestamp", "/eventTime", "/metadata/creationTimestamp"})
      if (time.empty()) time = text_at(event, path);
    auto& known = last[name];
    if (time >= known.first) known = {time, one_line(with(text_at(event, "/reason"), text_at(event, "/message")))};
  }
  return last;
}

std::string kubernetes_warning(const kubernetes_warnings& known, const json& list, const submission& what) {
  // The operator makes a Job of this name for the launcher.
  std::vector<std::string> names{what.key, what.key + "-launcher"};
  const auto pods = pods_of(list, what);
  for (const json* pod : pods) names.push_back(text_at(*pod, "/metadata/name"));
  const std::pair<std::string, std::string>* last = nullptr;
  for (const auto& name : names) {
    const auto found = known.find(name);
    if (found != known.end() && (!last || found->second.first >= last->first)) last = &found->second;
  }
  if (last) return last->second;
  return pods.empty() ? "no pod was made for it yet" : "";
}

}  // namespace gpubench::fleet
