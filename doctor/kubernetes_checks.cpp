#include "core/text.hpp"

#include <fmt/format.h>

#include <optional>

#include "doctor/checks.hpp"

namespace gpubench::doctor {

namespace {

const char* const how = "kubectl get node NAME -o json > node.json, then gpubench doctor --node node.json";
const char* const plugin_source = "NVIDIA, Kubernetes Device Plugin; Kubernetes, \"Schedule GPUs\"";
const char* const labels_source = "NVIDIA, GPU Feature Discovery, \"Generated Labels\"";

std::string why_no_node(const facts& machine) {
  return machine.machine.container == "kubernetes" ? fmt::format("no node was given: {}", how)
                                                   : std::string("not in Kubernetes, and no --node");
}

/// Sum over nvidia.com/gpu and the slices nvidia.com/mig-...; nothing where an amount is no number.
std::optional<long long> total_of(const std::map<std::string, std::string>& resources) {
  long long total = 0;
  for (const auto& [name, amount] : resources) {
    const bool counts = name.rfind("nvidia.com/gpu", 0) == 0 || name.rfind("nvidia.com/mig-", 0) == 0;
    if (!counts) continue;
    const auto value = parse_integer(amount);
    if (!value) return std::nullopt;
    total += *value;
  }
  return total;
}

std::size_t gpu_count(const facts& machine) {
  if (machine.gpus.counted) return static_cast<std::size_t>(*machine.gpus.counted);
  std::size_t count = 0;
  for (const auto& device : machine.pci) count += device.is_nvidia_gpu() ? 1 : 0;
  return count;
}

const char* const nothing_here = "no NVIDIA GPU is seen here, against which the node could be held";

outcome device_plugin(const facts& machine, const compatibility&) {
  if (!machine.node) return outcome::skipped(why_no_node(machine));
  if (gpu_count(machine) == 0) return outcome::skipped(nothing_here);
  outcome result;
  const auto& node = *machine.node;
  const auto all = total_of(node.capacity), offered = total_of(node.allocatable);
  if (!all || !offered) return outcome::skipped("an amount of the node's nvidia.com resources is no number");
  const long long capacity = *all, allocatable = *offered;
  const auto gpus = static_cast<long long>(gpu_count(machine));
  const likely_cost whole{"pods that ask for a GPU stay pending", std::nullopt, ""};
  if (node.capacity.empty() && gpus > 0)
    result.findings.push_back({"",
                               severity::error,
                               fmt::format("node {} offers no nvidia.com resource, and has {}", node.name,
                                           count_of(gpu_count(machine), "GPU")),
                               "the device plugin does not run on it, or found no GPU",
                               whole,
                               "kubectl -n kube-system get pods | grep nvidia-device-plugin; see its log",
                               {"status.capacity", plugin_source}});
  else if (capacity > 0 && allocatable < capacity)
    result.findings.push_back(
        {"",
         allocatable == 0 ? severity::error : severity::warning,
         fmt::format("node {} has {} nvidia.com devices, and offers {} of them", node.name, capacity, allocatable),
         "the device plugin marked the others unhealthy, as after an Xid",
         whole,
         "see the device plugin's log and the xid check; restart the plugin after mending the GPU",
         {"status.capacity and status.allocatable", plugin_source}});
  const auto whole_gpus = node.capacity.find("nvidia.com/gpu");
  if (whole_gpus != node.capacity.end() && machine.gpus.counted && node.capacity.size() == 1) {
    const auto shared = node.labels.find("nvidia.com/gpu.replicas");
    const auto replicas = shared == node.labels.end() ? 1 : parse_integer(shared->second).value_or(1);
    if (replicas > 1)
      result.findings.push_back({"",
                                 severity::note,
                                 fmt::format("each GPU of the node is given out {} times", replicas),
                                 "pods share a GPU by turns or by MPS, without a limit on each other's memory",
                                 {"by the number of pods that are busy", std::nullopt, ""},
                                 "nothing, where sharing is wanted",
                                 {"nvidia.com/gpu.replicas", plugin_source}});
  }
  return result;
}

void compare(outcome& result, const kubernetes_node& node, const std::string& label, const std::string& here,
             const std::string& what) {
  const auto found = node.labels.find(label);
  if (found == node.labels.end() || found->second == here) return;
  result.findings.push_back({"",
                             severity::warning,
                             fmt::format("the node's label {} says {}, the machine {}", label, found->second, here),
                             fmt::format("pods are placed by labels that no longer name its {}", what),
                             {"pods may land on the wrong GPUs", std::nullopt, ""},
                             "restart GPU feature discovery on the node: its labels are out of date",
                             {labels_source}});
}

/// A pod sees the GPUs that it asked for: fewer than the node has are no lie of the label. More are, wherever.
void compare_count(outcome& result, const facts& machine) {
  const auto label = machine.node->labels.find("nvidia.com/gpu.count");
  const auto here = static_cast<long long>(machine.machine.gpus.size());
  const auto count = label == machine.node->labels.end() ? std::nullopt : parse_integer(label->second);
  if (machine.machine.container && count && *count > here) return;
  compare(result, *machine.node, "nvidia.com/gpu.count", std::to_string(here), "number of GPUs");
}

outcome labels(const facts& machine, const compatibility&) {
  if (!machine.node) return outcome::skipped(why_no_node(machine));
  if (gpu_count(machine) == 0) return outcome::skipped(nothing_here);
  const auto& node = *machine.node;
  outcome result;
  const bool any = node.labels.lower_bound("nvidia.com/") != node.labels.end() &&
                   node.labels.lower_bound("nvidia.com/")->first.rfind("nvidia.com/", 0) == 0;
  if (!any && gpu_count(machine) > 0) {
    result.findings.push_back({"",
                               severity::note,
                               fmt::format("node {} has no label of GPU feature discovery", node.name),
                               "pods cannot choose a node by GPU model, memory or driver",
                               {"none", std::nullopt, ""},
                               "install GPU feature discovery with the device plugin or the GPU operator",
                               {labels_source}});
    return result;
  }
  if (machine.machine.gpus.empty())
    return outcome::skipped("the driver tells of no GPU, whose labels could be held against it");
  const auto& gpu = machine.machine.gpus.front();
  const bool sliced = gpu.mig.value_or(false);
  // Under MIG's single strategy these labels speak of slices.
  if (!sliced) {
    compare_count(result, machine);
    std::string product = gpu.name;
    for (auto& c : product) c = c == ' ' ? '-' : c;
    const auto label = node.labels.find("nvidia.com/gpu.product");
    const bool shared = label != node.labels.end() && label->second == product + "-SHARED";
    if (!shared) compare(result, node, "nvidia.com/gpu.product", product, "GPU model");
  }
  if (machine.machine.gpu_driver_version)
    compare(result, node, "nvidia.com/cuda.driver-version.full", *machine.machine.gpu_driver_version, "driver");
  const auto strategy = node.labels.find("nvidia.com/mig.strategy");
  if (sliced && (strategy == node.labels.end() || strategy->second == "none"))
    result.findings.push_back({"",
                               severity::error,
                               "MIG is on, and the node's MIG strategy is none",
                               "the device plugin gives out whole GPUs, which CUDA does not open while MIG is on",
                               {"pods with a GPU do not start their work", std::nullopt, ""},
                               "set migStrategy to single or mixed in the device plugin, or turn MIG off",
                               {labels_source}});
  return result;
}

}  // namespace

std::vector<check> kubernetes_checks() {
  return {{"kubernetes-device-plugin", "the node offers its GPUs to pods", device_plugin},
          {"kubernetes-labels", "the node's GPU labels are true", labels}};
}

}  // namespace gpubench::doctor
