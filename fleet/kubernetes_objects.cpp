#include "fleet/kubernetes_objects.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "fleet/kubernetes_pod.hpp"
#include "fleet/settings.hpp"
#include "fleet/task_command.hpp"
#include "fleet/yaml.hpp"

namespace gpubench::fleet {
namespace {

constexpr const char* index_annotation = "batch.kubernetes.io/job-completion-index";
constexpr int kept_seconds = 7 * 24 * 3600;  // after its end, for whoever asks why it failed
// Of the image (Containerfile): where the operator's keys and the daemon's settings are.
constexpr const char* ssh_folder = "/home/gpubench/.ssh";
constexpr const char* sshd_settings = "/etc/gpubench/sshd_config";

json metadata_of(const campaign& of, const job& what, const std::string& name) {
  json metadata{{"name", name}};
  if (const auto space = setting_of(of, "namespace"); !space.empty()) {
    require_dns_label("--set namespace:", space);
    metadata["namespace"] = space;
  }
  metadata["labels"] = kubernetes_labels(of, what);
  // Kueue lets a job in when its turn comes.
  if (const auto queue = setting_of(of, "queue"); !queue.empty()) {
    require_dns_label("--set queue:", queue);
    metadata["labels"]["kueue.x-k8s.io/queue-name"] = queue;
  }
  return metadata;
}

json pod_template(const campaign& of, const job& what, const json& spec, const char* role) {
  json labels = kubernetes_labels(of, what);
  labels["gpubench/role"] = role;
  return {{"metadata", {{"labels", labels}}}, {"spec", spec}};
}

json task_variable(const json& value) {
  json variable{{"name", kubernetes_task_variable}};
  variable.update(value);
  return variable;
}

/// Which ends of a pod count how: capacity that was taken away is no failure, and neither a wrong command line (2) nor
/// a node that lacks what was asked for (4) gets better by another try.
json failure_policy(bool indexed) {
  const json taken{{"action", "Ignore"},
                   {"onPodConditions", json::array({{{"type", "DisruptionTarget"}, {"status", "True"}}})}};
  const json hopeless{{"action", indexed ? "FailIndex" : "FailJob"},
                      {"onExitCodes", {{"containerName", "gpubench"}, {"operator", "In"}, {"values", {2, 4}}}}};
  return {{"rules", json::array({taken, hopeless})}};
}

/// @param host  of the one task; empty: all tasks, on any nodes
json node_job(const campaign& of, const job& what, const std::string& host, int task) {
  const bool indexed = host.empty() && what.nodes > 1;
  json spec =
      kubernetes_pod_spec(of, what, task_command(in_own_folder(of), what, kubernetes_task_variable), true, host);
  const json index =
      indexed ? json{{"valueFrom",
                      {{"fieldRef", {{"fieldPath", fmt::format("metadata.annotations['{}']", index_annotation)}}}}}}
              : json{{"value", std::to_string(task)}};
  spec["containers"][0]["env"].push_back(task_variable(index));

  std::string name = of.id + "-" + what.name;
  if (!host.empty() && what.nodes > 1) name += fmt::format("-h{}", task);  // no key of a submission, as "-1" is
  json body;
  body["completions"] = indexed ? what.nodes : 1;
  body["parallelism"] = indexed ? what.nodes : 1;
  if (indexed) {
    body["completionMode"] = "Indexed";
    body["backoffLimitPerIndex"] = what.retries;
  } else {
    body["backoffLimit"] = what.retries;
  }
  body["podFailurePolicy"] = failure_policy(indexed);
  body["ttlSecondsAfterFinished"] = kept_seconds;
  body["template"] = pod_template(of, what, spec, "node");
  json metadata = metadata_of(of, what, name);
  if (!host.empty()) metadata["labels"]["gpubench/task"] = std::to_string(task);
  return {{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"metadata", metadata}, {"spec", body}};
}

std::vector<std::string> launcher_words(const campaign& of, const job& what) {
  const int per_node = what.ranks() / what.nodes;
  std::vector<std::string> words{"mpirun", "-np", std::to_string(what.ranks()), "--map-by",
                                 fmt::format("ppr:{}:node", per_node)};
  if (kubernetes_user(of) == 0) words.emplace_back("--allow-run-as-root");
  // sshd gives ranks none of their container's environment, as where the image looks for the driver.
  std::set<std::string> names{"PATH"};
  if (what.gpus_per_node > 0) names.insert("LD_LIBRARY_PATH");
  for (const auto& [name, value] : what.variables) names.insert(name);
  for (const auto& name : names) words.insert(words.end(), {"-x", name});
  return words;
}

json replica(int count, const json& pod) {
  return {{"replicas", count}, {"restartPolicy", "Never"}, {"template", pod}};
}

json mpi_job(const campaign& of, const job& what) {
  if (!what.hosts.empty())
    throw error(error_kind::usage, fmt::format("job {}: a collective on Kubernetes takes no named hosts", what.name),
                "choose nodes by instance type, GPU product or --set node-selector");
  json launcher =
      kubernetes_pod_spec(of, what, task_command(in_own_folder(of), what, "", launcher_words(of, what)), false, "");
  // The operator makes host names of it, "NAME-999-worker-12" (RFC 1035).
  const std::string name = of.id + "-" + what.name;
  const std::size_t behind = std::string("-999-worker-").size() + std::to_string(what.nodes).size();
  if (name.size() + behind > 63 || !std::isalpha(static_cast<unsigned char>(name.front())))
    throw error(
        error_kind::usage,
        fmt::format("job {}: '{}' is no name for an MPIJob: it begins with a letter, and has at most {} characters",
                    what.name, name, 63 - behind),
        "choose another --name");
  const auto user = kubernetes_user(of);
  if (user != 0 && user != kubernetes_image_user)
    throw error(error_kind::usage,
                fmt::format("job {}: the image has no user {}, and SSH logs in by name", what.name, user),
                fmt::format("--set user=0, or leave it out: {}", kubernetes_image_user));
  const std::string keys = user == 0 ? "/root/.ssh" : ssh_folder;
  json worker =
      kubernetes_pod_spec(of, what,
                          {"/usr/sbin/sshd", "-D", "-e", "-f", sshd_settings, "-o", "HostKey=" + keys + "/id_rsa", "-o",
                           "AuthorizedKeysFile=" + keys + "/authorized_keys"},
                          true, "");
  json& container = worker["containers"][0];
  // Kubernetes puts the node's name in its place, which ranks else would not know.
  container["command"].insert(container["command"].end(), {"-o", "SetEnv=GPUBENCH_NODE=$(GPUBENCH_NODE)"});
  if (user == 0)
    // What the daemon of root needs to give up rights before somebody is logged in.
    for (const char* needed : {"SETGID", "SETUID", "SYS_CHROOT"})
      container["securityContext"]["capabilities"]["add"].push_back(needed);
  // The time limit is the whole job's.
  for (json* one : {&launcher, &worker}) {
    one->erase("activeDeadlineSeconds");
    one->erase("restartPolicy");  // the replica's own
  }
  json run_policy{{"cleanPodPolicy", "Running"}, {"backoffLimit", what.retries}};
  run_policy["ttlSecondsAfterFinished"] = kept_seconds;
  if (what.time_limit) run_policy["activeDeadlineSeconds"] = what.time_limit->count();
  const json spec{{"slotsPerWorker", what.ranks() / what.nodes},
                  {"launcherCreationPolicy", "WaitForWorkersReady"},
                  {"sshAuthMountPath", keys},
                  {"runPolicy", run_policy},
                  {"mpiReplicaSpecs",
                   {{"Launcher", replica(1, pod_template(of, what, launcher, "launcher"))},
                    {"Worker", replica(what.nodes, pod_template(of, what, worker, "node"))}}}};
  return {{"apiVersion", "kubeflow.org/v2beta1"},
          {"kind", "MPIJob"},
          {"metadata", metadata_of(of, what, name)},
          {"spec", spec}};
}

/// The template of a Job whose pods count their own index does the one task.
void keep_one_task(json& object, int task) {
  json& spec = object.at("spec");
  spec["completions"] = 1;
  spec["parallelism"] = 1;
  spec.erase("completionMode");
  if (spec.contains("backoffLimitPerIndex")) {
    spec["backoffLimit"] = spec["backoffLimitPerIndex"];
    spec.erase("backoffLimitPerIndex");
    spec.erase("maxFailedIndexes");
  }
  if (spec.contains("podFailurePolicy"))
    for (json& rule : spec["podFailurePolicy"]["rules"])
      if (rule.value("action", "") == "FailIndex") rule["action"] = "FailJob";
  for (json& container : spec.at("template").at("spec").at("containers")) {
    json& variables = container["env"];
    if (!variables.is_array()) variables = json::array();
    const auto found = std::find_if(variables.begin(), variables.end(),
                                    [](const json& one) { return one.value("name", "") == kubernetes_task_variable; });
    const json value = task_variable({{"value", std::to_string(task)}});
    if (found == variables.end())
      variables.push_back(value);
    else
      *found = value;
  }
}

/// Status finds objects and pods by these, whatever the manifest's user made of its labels; others of theirs stay.
/// @param role  of a pod; empty: of no pod
void put_labels_back(json& object, const campaign& of, const job& what, const std::string& key, const char* role) {
  json& labels = object["metadata"]["labels"];
  labels.update(kubernetes_labels(of, what));
  labels[kubernetes_key_label] = key;
  if (*role != '\0') labels["gpubench/role"] = role;
}

}  // namespace

std::vector<engine_setting> kubernetes_settings() {
  return {{"namespace", "namespace of the jobs"},
          {"context", "context of kubectl's configuration"},
          {"volume-claim", "claim for the volume of results, which all nodes can write"},
          {"volume-size", "also render that claim, of this size, as 10Gi"},
          {"storage-class", "of that claim: one that many nodes can write"},
          {"host-path", "folder of the nodes for results, on a file system that they share"},
          {"local-results", "folder where this machine sees the same results"},
          {"resources", "more that nodes must give, NAME=COUNT with commas between, as vpc.amazonaws.com/efa=32"},
          {"shared-memory", "size of /dev/shm (default 16Gi)"},
          {"user", "number of the user in containers (default 1000; 0 is root)"},
          {"node-selector", "more labels that nodes must have, key=value with commas between"},
          {"toleration", "more taints that are tolerated, likewise"},
          {"service-account", "account that pods run under"},
          {"runtime-class", "runtime class of pods, as nvidia"},
          {"priority-class", "priority class of pods"},
          {"pull-secret", "secret for the registry of the image"},
          {"queue", "local queue of Kueue"}};
}

std::vector<json> kubernetes_objects(const campaign& of, const job& what) {
  if (what.collective) return {mpi_job(of, what)};
  if (what.hosts.empty()) return {node_job(of, what, "", 0)};
  std::vector<json> all;
  for (std::size_t i = 0; i < what.hosts.size(); ++i)
    all.push_back(node_job(of, what, what.hosts[i], static_cast<int>(i)));
  return all;
}

std::string kubernetes_manifest_name(const job& what) {
  return what.name + ".yaml";
}

manifest kubernetes_manifest(const campaign& of, const job& what) {
  std::string text =
      fmt::format("# Campaign {}, job {}: {} on {} {}.\n", of.id, what.name, shell_line(what.command),
                  what.collective ? "all ranks of" : "each of", count_of(static_cast<std::size_t>(what.nodes), "node"));
  text +=
      fmt::format("# gpubench fleet submit does it; by hand: kubectl create -f {}\n", kubernetes_manifest_name(what));
  bool first = true;
  for (const json& object : kubernetes_objects(of, what)) {
    if (!std::exchange(first, false)) text += "---\n";
    text += to_yaml(object);
  }
  return {kubernetes_manifest_name(what), text};
}

json kubernetes_submission(const std::vector<json>& objects, const campaign& of, const job& what,
                           const std::string& key, int task) {
  const auto is_of_task = [&](const json& object) {
    const std::string kind = object.value("kind", "");
    if (what.collective || what.hosts.empty()) return kind == (what.collective ? "MPIJob" : "Job");
    const json labels = object.value("/metadata/labels"_json_pointer, json::object());
    return kind == "Job" && labels.value("gpubench/task", "") == std::to_string(task);
  };
  const auto found = std::find_if(objects.begin(), objects.end(), is_of_task);
  if (found == objects.end())
    throw error(error_kind::input, {kubernetes_manifest_name(what), 0, 0},
                fmt::format("has no {} for task {}", what.collective ? "MPIJob" : "Job", task),
                "gpubench fleet render writes it again");
  json object = *found;
  try {
    object["metadata"]["name"] = key;
    put_labels_back(object, of, what, key, "");
    if (what.collective) {
      for (auto& [name, one] : object.at("spec").at("mpiReplicaSpecs").items())
        put_labels_back(one.at("template"), of, what, key, name == "Launcher" ? "launcher" : "node");
    } else {
      keep_one_task(object, task);
      put_labels_back(object["spec"]["template"], of, what, key, "node");
    }
  } catch (const json::exception& e) {
    throw error(error_kind::input, {kubernetes_manifest_name(what), 0, 0}, fmt::format("is not complete: {}", e.what()),
                "gpubench fleet render writes it again");
  }
  return object;
}

}  // namespace gpubench::fleet
