#include "fleet/kubernetes_pod.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <regex>
#include <utility>

#include "fleet/attached_gpus.hpp"
#include "fleet/kubernetes_volume.hpp"
#include "fleet/settings.hpp"
#include "fleet/task_command.hpp"

namespace gpubench::fleet {
namespace {

constexpr const char* whole_gpu = "nvidia.com/gpu";
constexpr const char* container_name = "gpubench";

bool matches(const std::string& text, const char* pattern) {
  return std::regex_match(text, std::regex(pattern));
}

// Labels and resources: a name of at most 63 characters, behind a DNS subdomain of its own or none.
bool is_qualified_name(const std::string& text) {
  static const char* const form = "([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";
  return text.size() <= 317 && matches(text, form);
}

void require_label_value(const std::string& what, const std::string& text) {
  if (matches(text, "([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")) return;
  throw error(
      error_kind::usage, fmt::format("{} '{}' is no value of a label", what, text),
      "Kubernetes takes at most 63 letters, digits, '-', '_' and '.'; kubectl get nodes --show-labels has them");
}

std::string gpu_resource(const job& what) {
  return what.gpu_resource.value_or(whole_gpu);
}

bool has_gpu(const job& what, bool on_nodes) {
  return on_nodes && what.gpus_per_node > 0;
}

// gpubench's back-end for GPUs is CUDA: on others it measures the CPU, and must be told so.
void require_measurable(const job& what) {
  const std::string resource = gpu_resource(what);
  if (!is_qualified_name(resource))
    throw error(error_kind::usage, fmt::format("'{}' is no name of a resource", resource), "as nvidia.com/mig-3g.40gb");
  if (what.gpus_per_node == 0 || resource.rfind("nvidia.com/", 0) == 0 || measures_cpus_alone(what)) return;
  throw error(error_kind::usage, fmt::format("job {}: gpubench has no back-end for {}", what.name, resource),
              "run --backend host measures the CPU beside it");
}

json quantity_of(double bytes) {
  const double whole = std::ceil(bytes / mib);
  return fmt::format("{:.0f}Mi", whole);
}

/// "16Gi", "500M": of a form that was checked.
double size_of(const std::string& quantity) {
  const auto unit = quantity.find_first_not_of("0123456789");
  const std::map<std::string, double> bytes_by_unit{{"Mi", mib}, {"Gi", gib}, {"M", giga / 1e3}, {"G", giga}};
  return parse_number(quantity.substr(0, unit)).value() * bytes_by_unit.at(quantity.substr(unit));
}

bool is_gpu_resource(const std::string& name) {
  return name == "nvidia.com/gpu" || name == "amd.com/gpu" || name.rfind("nvidia.com/mig-", 0) == 0;
}

/// More that a node gives by count or size, as RDMA devices and huge pages.
void add_further_resources(const campaign& of, json& limits) {
  const auto text = setting_of(of, "resources");
  if (text.empty()) return;
  for (const std::string& pair : split(text, ',')) {
    const auto equals = pair.find('=');
    const std::string name = pair.substr(0, equals), count = equals == std::string::npos ? "" : pair.substr(equals + 1);
    if (!is_qualified_name(name) || !matches(count, "[1-9][0-9]*([kMGTP]|[KMGTP]i)?"))
      throw error(error_kind::usage, fmt::format("--set resources: '{}' is no NAME=COUNT", pair),
                  "as vpc.amazonaws.com/efa=32,hugepages-2Mi=5120Mi, with commas between");
    if (name == "cpu" || name == "memory")  // which are held against the instance type
      throw error(error_kind::usage, fmt::format("--set resources: {} has an option of its own", name),
                  "--cpus N, --memory SIZE");
    if (is_gpu_resource(name))
      throw error(error_kind::usage, fmt::format("--set resources: {} is a GPU, against which results are held", name),
                  "--gpus N, with --gpu-resource NAME for another than nvidia.com/gpu");
    if (limits.contains(name))
      throw error(error_kind::usage, fmt::format("--set resources: {} is asked for twice", name),
                  "GPUs, CPUs and memory have options: --gpus, --gpu-resource, --cpus, --memory");
    // Of these Kubernetes wants as much requested as is the limit, which a limit alone says.
    limits[name] = count;
    if (name.rfind("hugepages-", 0) == 0 && !limits.contains("cpu") && !limits.contains("memory"))
      throw error(error_kind::usage, fmt::format("--set resources: Kubernetes gives no {} by themselves", name),
                  "say --cpus or --memory too");
  }
}

/// What a pod writes into it counts as its memory.
void require_memory_beside(const job& what, const std::string& shared_memory) {
  if (!what.memory_bytes || *what.memory_bytes > size_of(shared_memory)) return;
  throw error(
      error_kind::usage,
      fmt::format("--memory {}: /dev/shm alone may take {} of it", quantity_of(*what.memory_bytes), shared_memory),
      "ask for more, or --set shared-memory=1Gi: it is memory that counts against the pod's");
}

json resources_of(const campaign& of, const job& what) {
  json limits = json::object(), requests = json::object();
  if (has_gpu(what, true)) limits[gpu_resource(what)] = std::to_string(what.gpus_per_node);
  if (what.cpus_per_node) {
    // As much as asked for and no more: figures of cores that others lend are of nothing.
    limits["cpu"] = requests["cpu"] = std::to_string(*what.cpus_per_node);
  }
  if (what.memory_bytes) limits["memory"] = requests["memory"] = quantity_of(*what.memory_bytes);
  add_further_resources(of, limits);
  json resources = json::object();
  if (!requests.empty()) resources["requests"] = requests;
  if (!limits.empty()) resources["limits"] = limits;
  return resources;
}

using label_pairs = std::vector<std::pair<std::string, std::string>>;

/// "key=value" pairs with commas between, as labels; each pair once.
label_pairs parse_labels(const std::string& setting, const std::string& text) {
  label_pairs labels;
  for (const std::string& pair : split(text, ',')) {
    const auto equals = pair.find('=');
    const std::string key = pair.substr(0, equals), value = equals == std::string::npos ? "" : pair.substr(equals + 1);
    if (equals == std::string::npos || !is_qualified_name(key))
      throw error(error_kind::usage, fmt::format("--set {}: '{}' is no key=value", setting, pair),
                  "as karpenter.sh/capacity-type=spot, with commas between");
    require_label_value("--set " + setting + ":", value);
    if (std::find(labels.begin(), labels.end(), std::pair(key, value)) == labels.end()) labels.emplace_back(key, value);
  }
  return labels;
}

/// Labels by which providers tell spot capacity from other, and their value for it.
constexpr std::array<std::pair<const char*, const char*>, 4> spot_labels{
    {{"eks.amazonaws.com/capacityType", "SPOT"},
     {"cloud.google.com/gke-spot", "true"},
     {"kubernetes.azure.com/scalesetpriority", "spot"},
     {"karpenter.sh/capacity-type", "spot"}}};

/// No node has two values of a label: adds what the user wants to what options ask for.
/// @param selector  labels by key   @param from  the option that asked for each
void add_wanted_labels(const campaign& of, const job& what, json& selector,
                       const std::map<std::string, std::string>& from) {
  const auto more = setting_of(of, "node-selector");
  if (more.empty()) return;
  const auto refuse = [&](const std::string& key, const std::string& value, const std::string& other,
                          const std::string& hint) {
    throw error(error_kind::usage,
                fmt::format("job {}: --set node-selector: {}={} contradicts {}", what.name, key, value, other), hint);
  };
  for (const auto& [key, value] : parse_labels("node-selector", more)) {
    // An older name of the same label, which nodes still have.
    const std::string known = key == "beta.kubernetes.io/instance-type" ? "node.kubernetes.io/instance-type" : key;
    if (selector.contains(known) && selector[known] != value) {
      const auto option = from.find(known);
      if (option == from.end())
        refuse(key, value, fmt::format("{}={}, which it wants too", known, selector[known].get<std::string>()),
               "a node has one value of a label: leave one of them out");
      refuse(key, value, fmt::format("{} of {}", selector[known].get<std::string>(), option->second),
             fmt::format("leave it out of --set node-selector, or change {}", option->second));
    }
    for (const auto& [label, spot] : spot_labels)
      if (what.spot && key == label && value != spot)
        refuse(key, value, fmt::format("{}={} of --spot", label, spot), "say that, or leave --spot out");
    selector[key] = value;
  }
}

json node_selector(const campaign& of, const job& what, const std::string& host) {
  std::map<std::string, std::string> from;
  json selector = json::object();
  if (what.instance_type) {
    const auto type = split_attached_gpus(*what.instance_type);
    require_label_value("the instance type", type.machine);
    selector["node.kubernetes.io/instance-type"] = type.machine;
    for (const char* label : {"node.kubernetes.io/instance-type", "cloud.google.com/gke-accelerator"})
      from[label] = "--instance";
    // Only GKE labels what was attached, by names of its own, and its feature discovery may be off.
    if (!type.gpu.empty() && !what.gpu_product)
      selector["cloud.google.com/gke-accelerator"] = "nvidia-tesla-" + plain_name(type.gpu);
  }
  if (what.gpu_product) {
    require_label_value("the GPU product", *what.gpu_product);
    selector["nvidia.com/gpu.product"] = *what.gpu_product;
    from["nvidia.com/gpu.product"] = "--gpu-product";
  }
  if (!host.empty()) {
    require_label_value("the host", host);
    selector["kubernetes.io/hostname"] = host;
    from["kubernetes.io/hostname"] = "--host";
  }
  add_wanted_labels(of, what, selector, from);
  if (what.spot && setting_of(of, "node-selector").empty())
    throw error(error_kind::usage,
                fmt::format("job {}: which nodes are spot is another label at each provider", what.name),
                "--set node-selector=eks.amazonaws.com/capacityType=SPOT, cloud.google.com/gke-spot=true, "
                "kubernetes.azure.com/scalesetpriority=spot or karpenter.sh/capacity-type=spot");
  return selector;
}

/// Whether nodes are wanted that may have GPUs, which the job leaves alone.
bool passes_gpus_by(const job& what, bool on_nodes) {
  return on_nodes && measures_cpus_alone(what) && (what.instance_type || what.gpu_product);
}

/// @param spec  of a pod; its tolerations are added to
void tolerate_gpus(const job& what, json& spec) {
  // The taint keeps away what asks for no GPU; where there is none, this says nothing. MIG slices are counted apart,
  // but their nodes carry the taint of NVIDIA's GPUs.
  const std::string resource = gpu_resource(what);
  spec["tolerations"].push_back(
      {{"key", resource.substr(0, resource.find('/') + 1) + "gpu"}, {"operator", "Exists"}, {"effect", "NoSchedule"}});
}

void tolerate_what_is_set(const campaign& of, json& spec) {
  if (const auto more = setting_of(of, "toleration"); !more.empty()) {
    // A key may come with several values: each is a taint of its own.
    for (const auto& [key, value] : parse_labels("toleration", more))
      spec["tolerations"].push_back({{"key", key}, {"operator", "Equal"}, {"value", value}});
  }
}

void add_name(const campaign& of, const char* setting, const char* key, json& spec) {
  const auto name = setting_of(of, setting);
  if (name.empty()) return;
  require_dns_label(fmt::format("--set {}:", setting), name);
  spec[key] = name;
}

// Two tasks on one node would disturb each other.
json apart_from_others(const campaign& of, const job& what) {
  const json term{
      {"labelSelector",
       {{"matchLabels", {{"gpubench/campaign", of.id}, {"gpubench/job", what.name}, {"gpubench/role", "node"}}}}},
      {"topologyKey", "kubernetes.io/hostname"}};
  return {{"podAntiAffinity", {{"requiredDuringSchedulingIgnoredDuringExecution", json::array({term})}}}};
}

// Kubernetes puts variables in place of $(NAME), in commands and in values of other variables, and takes $$ for $.
std::string literal(const std::string& text) {
  if (text.find("$(") == std::string::npos && text.find("$$") == std::string::npos) return text;
  std::string doubled;
  for (const char c : text) doubled += c == '$' ? "$$" : std::string(1, c);
  return doubled;
}

json literal(const std::vector<std::string>& words) {
  json all = json::array();
  for (const std::string& word : words) all.push_back(literal(word));
  return all;
}

json environment_of(const job& what, bool on_nodes) {
  json all = json::array();
  for (const auto& [name, value] : what.variables) all.push_back({{"name", name}, {"value", literal(value)}});
  // To a container that asks for none NVIDIA's runtime gives all GPUs of the node, also those that others were given,
  // by its image's NVIDIA_VISIBLE_DEVICES=all (README of NVIDIA's device plugin).
  if (on_nodes && !has_gpu(what, on_nodes) && what.variables.count("NVIDIA_VISIBLE_DEVICES") == 0)
    all.push_back({{"name", "NVIDIA_VISIBLE_DEVICES"}, {"value", "void"}});
  all.push_back({{"name", "GPUBENCH_NODE"}, {"valueFrom", {{"fieldRef", {{"fieldPath", "spec.nodeName"}}}}}});
  return all;
}

}  // namespace

void require_dns_label(const std::string& what, const std::string& text) {
  if (matches(text, "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")) return;
  throw error(error_kind::usage, fmt::format("{} '{}' is no name that Kubernetes takes", what, text),
              "at most 63 of a-z, 0-9 and hyphens, neither first nor last");
}

json kubernetes_labels(const campaign& of, const job& what) {
  return {{"app.kubernetes.io/name", "gpubench"}, {"gpubench/campaign", of.id}, {"gpubench/job", what.name}};
}

std::string kubernetes_image(const campaign& of) {
  if (!of.image)
    throw error(error_kind::usage, "Kubernetes runs containers, and no image is named",
                "--image NAME; the Containerfile of the project makes one");
  require_registry_image(*of.image);
  return *of.image;
}

std::int64_t kubernetes_user(const campaign& of) {
  const auto text = setting_of(of, "user", std::to_string(kubernetes_image_user));
  const auto user = parse_integer(text);
  if (!user || *user < 0 || *user > 4'294'967'294)
    throw error(error_kind::usage, fmt::format("--set user: '{}' is no user's number", text),
                fmt::format("{} is the image's own", kubernetes_image_user));
  return *user;
}

json kubernetes_pod_security(const campaign& of) {
  const auto user = kubernetes_user(of);
  json security{{"runAsUser", user}, {"runAsGroup", user}};
  // Root writes to volumes as it is, and the group would be given its SSH key to read, which ssh then refuses.
  if (user != 0) {
    security["runAsNonRoot"] = true;
    security["fsGroup"] = user;
    security["fsGroupChangePolicy"] = "OnRootMismatch";
  }
  security["seccompProfile"] = {{"type", "RuntimeDefault"}};
  return security;
}

json kubernetes_container_security(const std::vector<std::string>& added) {
  json capabilities{{"drop", json::array({"ALL"})}};
  if (!added.empty()) capabilities["add"] = added;
  return {{"allowPrivilegeEscalation", false}, {"capabilities", capabilities}};
}

json kubernetes_small_resources() {
  const json quantities{{"cpu", "1"}, {"memory", "2Gi"}};
  return {{"requests", quantities}, {"limits", quantities}};
}

void add_kubernetes_pod_settings(const campaign& of, json& spec) {
  tolerate_what_is_set(of, spec);
  add_name(of, "service-account", "serviceAccountName", spec);
  add_name(of, "priority-class", "priorityClassName", spec);
  if (const auto secret = setting_of(of, "pull-secret"); !secret.empty()) {
    require_dns_label("--set pull-secret:", secret);
    spec["imagePullSecrets"] = json::array({{{"name", secret}}});
  }
}

json kubernetes_pod_spec(const campaign& of, const job& what, const std::vector<std::string>& command, bool on_nodes,
                         const std::string& host) {
  require_measurable(what);
  const auto shared_memory = setting_of(of, "shared-memory", "16Gi");
  if (!matches(shared_memory, "[1-9][0-9]*(Mi|Gi|M|G)"))
    throw error(error_kind::usage, fmt::format("--set shared-memory: '{}' is no size", shared_memory), "as 16Gi");
  if (on_nodes) require_memory_beside(what, shared_memory);

  json container{{"name", container_name}, {"image", kubernetes_image(of)}, {"command", literal(command)}};
  container["env"] = environment_of(what, on_nodes);
  const json resources = on_nodes ? resources_of(of, what) : kubernetes_small_resources();
  if (!resources.empty()) container["resources"] = resources;
  // For RDMA. A container gives it to root alone, and in namespaces of the profile "baseline" no pod may ask for it.
  const bool locks_memory = has_gpu(what, on_nodes) && kubernetes_user(of) == 0;
  container["securityContext"] =
      kubernetes_container_security(locks_memory ? std::vector<std::string>{"IPC_LOCK"} : std::vector<std::string>{});
  container["volumeMounts"] =
      json::array({kubernetes_results_mount(of), {{"name", "shared-memory"}, {"mountPath", "/dev/shm"}}});

  json spec{{"restartPolicy", "Never"}};
  if (on_nodes)
    if (const json selector = node_selector(of, what, host); !selector.empty()) spec["nodeSelector"] = selector;
  if (has_gpu(what, on_nodes) || passes_gpus_by(what, on_nodes)) tolerate_gpus(what, spec);
  if (on_nodes && what.nodes > 1) spec["affinity"] = apart_from_others(of, what);
  if (on_nodes) add_name(of, "runtime-class", "runtimeClassName", spec);  // nodes without GPUs may not have it
  add_kubernetes_pod_settings(of, spec);
  if (what.time_limit) spec["activeDeadlineSeconds"] = what.time_limit->count();
  spec["securityContext"] = kubernetes_pod_security(of);
  spec["containers"] = json::array({container});
  spec["volumes"] =
      json::array({kubernetes_results_volume(of),
                   {{"name", "shared-memory"}, {"emptyDir", {{"medium", "Memory"}, {"sizeLimit", shared_memory}}}}});
  return spec;
}

}  // namespace gpubench::fleet
