#pragma once

#include "profiles/gpu.hpp"
#include "profiles/instance.hpp"

#include <string>

namespace gpubench::predictor {

struct collective_model;

/// The links that the devices of a job use, and what of the GPU and the host sets their latency.
struct fabric {
  enum class link {
    none,
    pcie,             ///< switches and host bridges
    nvlink_pairs,     ///< bridges between two cards; more than two ranks go over PCIe
    nvlink_mesh,      ///< point to point, no switch (DGX-1): few ranks share few of a GPU's links
    nvlink_switch,    ///< every pair at a GPU's full rate
    infinity_fabric,  ///< every GPU wired to every other of the node
  };
  /// Generations that NCCL tunes for apart.
  enum class tuning { volta, ampere, hopper, blackwell };

  link inside = link::none;
  tuning generation = tuning::ampere;
  std::string gpu;                     ///< catalogue name; whose measured curves to use
  std::string architecture;            ///< catalogue name without "Grace"; kin share measured curves
  double inside_bytes_per_second = 0;  ///< one direction, per GPU
  double pcie_bytes_per_second = 0;    ///< one direction, per GPU
  bool peer_access = false;            ///< GPUs reach each other over PCIe without a stop in host memory
  double latency_scale = 1;            ///< of launch and set-up, H100 in a PCIe 5 host = 1
  double step_scale = 1;               ///< of one hop of a small message, H100 = 1

  double network_bytes_per_second = 0;  ///< of a whole node; 0: not known
  double network_share = 0.85;          ///< of that rate that a large collective gets
  double network_hop_seconds = 85e-6;   ///< one message between two nodes
  int devices_per_node = 1;
  int nodes = 1;
  int switch_domain = 1;  ///< devices that one NVLink switch reaches, over several nodes where it does (NVL72)

  const collective_model* collectives = nullptr;  ///< what is known of their times; must outlive it. Without: shipped

  int devices() const { return devices_per_node * nodes; }
};

/// The fabric of `nodes` instances. PCIe where the instance states nothing; nothing at all for one device.
fabric fabric_of(const profiles::instance& type, const profiles::gpu_spec* gpu, int nodes);

/// The fabric of a node that only its GPU and its kind of link describe: the data sheet's rates, and peer access where
/// the part supports it.
fabric node_fabric(const profiles::gpu_spec& gpu, profiles::interconnect inside, int devices, int nodes = 1);

/// The link with which this part is usually sold: NVSwitch for SXM boards from Ampere on, a mesh for older ones, pairs
/// for cards with a bridge, PCIe for the rest.
profiles::interconnect usual_interconnect(const profiles::gpu_spec& gpu);

/// Share of a GPU's links that run between the ranks of a group: all behind a switch. A mesh has fewer: of the six of a
/// V100 in a DGX-1 at most two go to the same neighbour and four stay within its group of four (NVIDIA DGX-1 with Tesla
/// V100 system architecture whitepaper); Infinity Fabric joins every two GPUs of a node with one of its links.
double link_share(const fabric& links, int ranks);

/// One direction of a PCIe link: 8, 16, 32, 64 GT/s a lane in generations 3 to 6, 128b/130b encoding (PCI-SIG base
/// specifications; generation 6 sends fixed-size units of nearly the same yield). Generation 3, 16 lanes where the data
/// sheet is silent.
double pcie_direction_bytes_per_second(const profiles::gpu_spec* gpu);

}  // namespace gpubench::predictor
