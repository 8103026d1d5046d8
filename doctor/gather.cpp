#include "doctor/gather.hpp"

#include "bench/machine.hpp"
#include "bench/system_files.hpp"
#include "bench/variables.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "results/json_field.hpp"

#include <algorithm>
#include <utility>

namespace gpubench::doctor {

namespace {

std::map<std::string, std::string> wanted_variables() {
  auto variables = bench::chosen_variables(bench::process_environment());
  for (const auto& entry : bench::process_environment()) {
    const auto equals = entry.find('=');
    const auto name = entry.substr(0, equals);
    const bool wanted = name == "LD_LIBRARY_PATH" || name.rfind("FI_", 0) == 0;
    if (equals != std::string::npos && wanted) variables[name] = entry.substr(equals + 1);
  }
  return variables;
}

/// The folders of LD_LIBRARY_PATH, from the root without a leading slash; relative ones are left out.
std::vector<std::string> library_folders(const std::map<std::string, std::string>& variables) {
  std::vector<std::string> folders;
  const auto path = variables.find("LD_LIBRARY_PATH");
  if (path == variables.end()) return folders;
  for (auto folder : split(path->second, ':')) {
    if (folder.size() < 2 || folder.front() != '/') continue;
    while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
    folders.push_back(folder.substr(1));
  }
  return folders;
}

std::map<std::string, std::string> nvidia_resources(const results::json_field& status, std::string_view key) {
  std::map<std::string, std::string> found;
  if (const auto resources = status.find(key)) {
    for (const auto& [name, amount] : resources->text_map()) {
      if (name.rfind("nvidia.com/", 0) == 0) found[name] = amount;
    }
  }
  return found;
}

}  // namespace

facts gather_facts(const std::string& root) {
  const bench::system_files files(root);
  facts found;
  found.machine = bench::discover_machine(root);
  found.asked_driver = files.is_this_machine();
  if (found.asked_driver) {
    found.gpus = read_gpu_health();
    found.variables = wanted_variables();
  } else {
    found.gpus.status = "the driver is not asked about a recorded tree";
  }
  found.pci = find_pci_devices(files);
  auto folders = library_folders(found.variables);
  found.software = find_nvidia_software(files, folders);
  folders.insert(folders.end(), found.software.linker_folders.begin(), found.software.linker_folders.end());
  found.nccl_plugins = find_nccl_plugins(files, folders);
  found.limits = find_system_limits(files);
  found.network = find_network(files);
  if (auto log = read_kernel_logs(root)) {
    found.xids = std::move(log->xids);
    found.module_refusals = std::move(log->refusals);
  }
  for (const auto& name : files.entries("dev")) {
    if (name.rfind("nvidia", 0) == 0) found.nvidia_device_files.push_back(name);
  }
  return found;
}

kubernetes_node load_kubernetes_node(const std::filesystem::path& path) {
  const std::string file = path.string();
  const json document = load_json(path);
  const results::json_field root(document, file);
  const auto kind = root.find("kind");
  if (!kind || kind->text() != "Node")
    root.refuse("is no Kubernetes node", "write it with: kubectl get node NAME -o json > node.json");
  kubernetes_node node;
  const auto metadata = root.at("metadata");
  node.name = metadata.at("name").nonempty_text();
  if (const auto labels = metadata.find("labels")) node.labels = labels->text_map();
  const auto status = root.at("status");
  node.capacity = nvidia_resources(status, "capacity");
  node.allocatable = nvidia_resources(status, "allocatable");
  return node;
}

}  // namespace gpubench::doctor
