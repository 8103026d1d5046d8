#include "bench/pcie.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "doctor/checks.hpp"

namespace gpubench::doctor {

namespace {

/// What of a rate is lost; nothing where one of the two is not known.
std::optional<double> lost(std::optional<double> rate, std::optional<double> full) {
  if (!rate || !full || *full <= 0) return std::nullopt;
  return std::max(0.0, 1 - *rate / *full);
}

const char* const link_source = "PCI-SIG, PCI Express Base Specification";

finding narrow(const std::string& gpu, int width, int most) {
  return {"",
          severity::warning,
          fmt::format("{}: its PCIe link has {} of {} lanes", gpu, width, most),
          "a card that sits loose, a riser or a slot with fewer lanes; copies to and from the host are slower",
          {"copies between host and GPU", 1 - static_cast<double>(width) / most, link_source},
          "reseat the card or use a slot with all lanes; in a cloud ask for another instance",
          {"the width in force, against the GPU's own"}};
}

outcome pcie_link(const facts& machine, const compatibility&) {
  outcome result;
  bool known = false;
  for (const auto& gpu : machine.machine.gpus) {
    const std::string name = fmt::format("gpu{}", gpu.index);
    if (gpu.pcie_width && gpu.pcie_max_width) {
      known = true;
      if (*gpu.pcie_width < *gpu.pcie_max_width)
        result.findings.push_back(narrow(name, *gpu.pcie_width, *gpu.pcie_max_width));
    }
    const auto health = std::find_if(machine.gpus.gpus.begin(), machine.gpus.gpus.end(),
                                     [&](const auto& one) { return one.index == gpu.index; });
    if (health == machine.gpus.gpus.end() || !health->own_pcie_generation || !gpu.pcie_generation) continue;
    known = true;
    const int own = *health->own_pcie_generation, here = *gpu.pcie_generation;
    if (here >= own) continue;
    result.findings.push_back(
        {"",
         severity::warning,
         fmt::format("{}: PCIe generation {} in a GPU of generation {}", name, here, own),
         "the slot, the CPU or a setting of the firmware holds the link below what the GPU can do",
         {"copies between host and GPU",
          lost(bench::pcie_bytes_per_second(here, 16), bench::pcie_bytes_per_second(own, 16)), link_source},
         "look for a link speed setting in the firmware, or use a slot of that generation",
         {"nvmlDeviceGetMaxPcieLinkGeneration against nvmlDeviceGetGpuMaxPcieLinkGeneration"}});
  }
  if (machine.machine.gpus.empty()) {
    for (const auto& device : machine.pci) {
      if (!device.is_nvidia_gpu() || !device.width || !device.most_width) continue;
      known = true;
      if (*device.width < *device.most_width)
        result.findings.push_back(narrow(device.address, *device.width, *device.most_width));
    }
  }
  if (!known) return outcome::skipped("no GPU whose PCIe link is known");
  return result;
}

outcome nvlink(const facts& machine, const compatibility&) {
  outcome result;
  bool known = false;
  const std::string source = "NVIDIA, NVML API Reference Guide, \"NvLink Methods\"";
  for (const auto& gpu : machine.gpus.gpus) {
    if (gpu.links.empty()) continue;
    known = true;
    std::vector<std::string> down;
    std::uint64_t recoveries = 0, corrupt = 0;
    for (const auto& link : gpu.links) {
      if (!link.active) down.push_back(std::to_string(link.link));
      recoveries += link.recoveries.value_or(0) + link.replays.value_or(0);
      corrupt += link.crc_errors.value_or(0);
    }
    const bool all_down = down.size() == gpu.links.size();
    // One GPU alone has nothing to be linked to.
    if (!down.empty() && !(all_down && machine.gpus.gpus.size() < 2))
      result.findings.push_back(
          {"",
           severity::warning,
           fmt::format("gpu{}: {} of {} NVLinks are down ({})", gpu.index, down.size(), gpu.links.size(),
                       join(down, ", ")),
           all_down
               ? "GPUs talk over PCIe: no bridge, a switch without its fabric manager, or a virtual machine without it"
               : "traffic between GPUs has fewer links than the hardware",
           {"traffic between GPUs over NVLink",
            static_cast<double>(down.size()) / static_cast<double>(gpu.links.size()), "share of the links"},
           "nvidia-smi nvlink -s; on systems with NVSwitch: systemctl status nvidia-fabricmanager",
           {source}});
    if (recoveries > 0 || corrupt > 0)
      result.findings.push_back(
          {"",
           recoveries > 0 ? severity::warning : severity::note,
           fmt::format("gpu{}: NVLink had {} replays and recoveries, {} CRC errors", gpu.index, recoveries, corrupt),
           "a marginal link repeats what it sent; numbers that grow announce a failure (Xid 74)",
           {"not known", std::nullopt, ""},
           "nvidia-smi nvlink -e, twice under load",
           {source}});
  }
  if (!known) return outcome::skipped("no GPU with NVLink");
  return result;
}

int distance(const facts& machine, int a, int b) {
  const auto& matrix = machine.limits.numa_distances;
  return matrix[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)];
}

/// Nodes of network devices: RDMA ones where there are any, since those carry the work's traffic.
std::vector<int> network_nodes(const facts& machine) {
  std::vector<int> nodes;
  for (const auto& device : machine.network.rdma) {
    if (device.numa_node) nodes.push_back(*device.numa_node);
  }
  if (!machine.network.rdma.empty()) return nodes;
  for (const auto& interface : machine.network.interfaces) {
    if (interface.is_device && interface.is_up && interface.numa_node) nodes.push_back(*interface.numa_node);
  }
  return nodes;
}

outcome numa(const facts& machine, const compatibility&) {
  const auto& matrix = machine.limits.numa_distances;
  if (matrix.size() < 2) return outcome::skipped("one NUMA node");
  auto nics = network_nodes(machine);
  const auto outside = [&](int node) { return static_cast<std::size_t>(node) >= matrix.size(); };
  nics.erase(std::remove_if(nics.begin(), nics.end(), outside), nics.end());
  outcome result;
  bool known = false;
  for (const auto& device : machine.pci) {
    if (!device.is_nvidia_gpu()) continue;
    if (!device.numa_node || outside(*device.numa_node)) {
      result.findings.push_back({"",
                                 severity::note,
                                 fmt::format("the GPU at {} does not tell its NUMA node", device.address),
                                 "work cannot be bound to the CPUs beside the GPU",
                                 {"not known", std::nullopt, ""},
                                 "enable NUMA in the firmware (SRAT), or in the virtual machine's settings",
                                 {"/sys/bus/pci/devices/" + device.address + "/numa_node"}});
      continue;
    }
    if (nics.empty()) continue;
    known = true;
    const int node = *device.numa_node;
    const int nearest = *std::min_element(nics.begin(), nics.end(), [&](int a, int b) {
      return distance(machine, node, a) < distance(machine, node, b);
    });
    const int local = distance(machine, node, node);
    if (distance(machine, node, nearest) <= local) continue;
    result.findings.push_back(
        {"",
         severity::warning,
         fmt::format(
             "the GPU at {} (NUMA node {}) has its nearest network device on node {}, at distance {} (local: {})",
             device.address, node, nearest, distance(machine, node, nearest), local),
         "its traffic to other machines crosses the link between the sockets, and GPUDirect RDMA is not used over it "
         "by "
         "default",
         {"not known", std::nullopt, "NVIDIA, NCCL documentation, NCCL_NET_GDR_LEVEL"},
         "put a network card on the GPU's socket, or use the GPUs beside the card for work over several machines",
         {"/sys/devices/system/node/node*/distance"}});
  }
  if (!known && result.findings.empty())
    return outcome::skipped("no GPU and network device whose NUMA nodes are known");
  return result;
}

std::size_t gpus_on_bus(const facts& machine) {
  return static_cast<std::size_t>(
      std::count_if(machine.pci.begin(), machine.pci.end(), [](const auto& one) { return one.is_nvidia_gpu(); }));
}

const char* const direct_source =
    "NVIDIA, NCCL documentation, \"Troubleshooting\", \"PCI Access Control Services (ACS)\"";

outcome iommu(const facts& machine, const compatibility&) {
  if (gpus_on_bus(machine) == 0) return outcome::skipped("no NVIDIA GPU");
  if (machine.is_virtual()) return outcome::skipped("a virtual machine: the host's IOMMU keeps its guests apart");
  std::vector<std::string> translated, evidence;
  for (const auto& device : machine.pci) {
    if (!device.is_nvidia_gpu() || !device.iommu_type || device.iommu_type->rfind("DMA", 0) != 0) continue;
    translated.push_back(device.address);
    evidence.push_back("/sys/bus/pci/devices/" + device.address + "/iommu_group/type: " + *device.iommu_type);
  }
  outcome result;
  if (!translated.empty())
    result.findings.push_back(
        {"",
         severity::warning,
         fmt::format("the IOMMU translates the addresses of {}", join(translated, ", ")),
         "direct traffic between GPUs, and between GPU and network card, goes up to the root complex, and may hang",
         {"copies from GPU to GPU and GPUDirect RDMA; no figure is known", std::nullopt, direct_source},
         "boot with iommu=pt (pass-through), or turn VT-d or AMD-Vi off where no virtual machine needs it",
         evidence});
  return result;
}

outcome acs(const facts& machine, const compatibility&) {
  if (gpus_on_bus(machine) == 0) return outcome::skipped("no NVIDIA GPU");
  if (gpus_on_bus(machine) < 2 && machine.network.rdma.empty())
    return outcome::skipped("one GPU and no RDMA device: nothing to go between them");
  if (machine.is_virtual()) return outcome::skipped("a virtual machine: ACS is the host's");
  std::vector<std::string> redirecting;
  bool unreadable = false;
  for (const auto& device : machine.pci) {
    if (device.redirects_peers.value_or(false)) redirecting.push_back(device.address);
    unreadable = unreadable || device.acs_unreadable;
  }
  outcome result;
  if (redirecting.empty() && unreadable) return outcome::skipped("the bridges' settings may not be read: run as root");
  if (!redirecting.empty())
    result.findings.push_back(
        {"",
         severity::warning,
         fmt::format("ACS redirects traffic between devices on {}", count_of(redirecting.size(), "PCI bridge")),
         "what goes from GPU to GPU or to a network card under one switch is sent up to the CPU and back",
         {"copies from GPU to GPU over PCIe and GPUDirect RDMA; no figure is known", std::nullopt, direct_source},
         "turn ACS off in the firmware, or for each bridge: setpci -s BRIDGE ECAP_ACS+0x6.w=0000",
         redirecting});
  return result;
}

outcome rdma_ports(const facts& machine, const compatibility&) {
  if (machine.network.rdma.empty()) return outcome::skipped("no RDMA device");
  outcome result;
  for (const auto& device : machine.network.rdma) {
    if (device.ports.empty() || device.active_ports.size() == device.ports.size()) continue;
    result.findings.push_back(
        {"",
         severity::warning,
         fmt::format("{}: {} of {} ports are not active", device.name, device.ports.size() - device.active_ports.size(),
                     device.ports.size()),
         "NCCL leaves out a port that is down, and nodes with fewer ports slow all others",
         {"that port's share of the traffic between machines",
          1 - static_cast<double>(device.active_ports.size()) / static_cast<double>(device.ports.size()),
          "share of the ports"},
         "ibstat shows the state; check the cable and the subnet manager",
         {"/sys/class/infiniband/" + device.name + "/ports"}});
  }
  return result;
}

outcome peer_memory(const facts& machine, const compatibility&) {
  if (gpus_on_bus(machine) == 0) return outcome::skipped("no NVIDIA GPU");
  if (!machine.network.has_verbs_device()) return outcome::skipped("no InfiniBand or RoCE device");
  outcome result;
  if (!machine.network.peer_memory_module && !machine.software.open_module.value_or(false))
    result.findings.push_back(
        {"",
         severity::warning,
         "nvidia_peermem is not loaded",
         "without it, or DMA-BUF by the open kernel modules, RDMA copies through host memory",
         {"traffic between machines; no figure is known", std::nullopt, "NVIDIA, GPUDirect RDMA documentation"},
         "modprobe nvidia_peermem, or use the open kernel modules on Linux 5.12 or newer",
         {"/sys/module/nvidia_peermem"}});
  return result;
}

}  // namespace

std::vector<check> link_checks() {
  return {{"pcie-link", "PCIe links have the generation and width that the GPUs can do", pcie_link},
          {"nvlink", "NVLinks are up and without errors", nvlink},
          {"numa", "GPUs have a network device on their NUMA node", numa},
          {"iommu", "the IOMMU leaves GPU traffic alone", iommu},
          {"acs", "PCI bridges let devices talk directly", acs},
          {"rdma-ports", "ports of RDMA devices are active", rdma_ports},
          {"peer-memory", "RDMA can reach GPU memory", peer_memory}};
}

}  // namespace gpubench::doctor
