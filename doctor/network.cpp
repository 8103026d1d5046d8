#include "doctor/network.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace gpubench::doctor {

namespace {

using bench::system_files;

std::optional<int> numa_node(const system_files& files, const std::string& folder) {
  const auto node = files.integer(folder + "/device/numa_node");
  if (!node || *node < 0) return std::nullopt;
  return static_cast<int>(*node);
}

rdma_device read_rdma(const system_files& files, const std::string& name) {
  const std::string folder = "sys/class/infiniband/" + name;
  rdma_device found{name, numa_node(files, folder), {}, {}, files.link_name(folder + "/device/driver") == "efa"};
  for (const auto& port : files.entries(folder + "/ports")) {
    const auto number = parse_integer(port);
    if (!number) continue;
    found.ports.push_back(static_cast<int>(*number));
    // "4: ACTIVE"
    const auto state = files.line(folder + "/ports/" + port + "/state").value_or("");
    if (state.rfind("4:", 0) == 0) found.active_ports.push_back(static_cast<int>(*number));
  }
  return found;
}

}  // namespace

bool network_facts::has_verbs_device() const {
  return std::any_of(rdma.begin(), rdma.end(), [](const auto& device) { return !device.is_efa; });
}

network_facts find_network(const system_files& files) {
  network_facts found;
  for (const auto& name : files.entries("sys/class/net")) {
    const std::string folder = "sys/class/net/" + name;
    // A folder such as bonding_masters has no state, and is no interface.
    const auto state = files.line(folder + "/operstate");
    if (!state) continue;
    found.interfaces.push_back(
        {name, files.exists(folder + "/device"), *state == "up" || *state == "unknown", numa_node(files, folder)});
  }
  for (const auto& name : files.entries("sys/class/infiniband")) found.rdma.push_back(read_rdma(files, name));
  found.peer_memory_module = files.exists("sys/module/nvidia_peermem") || files.exists("sys/module/nv_peer_mem");
  return found;
}

}  // namespace gpubench::doctor
