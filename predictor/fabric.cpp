#include "predictor/fabric.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "predictor/gpu_traits.hpp"

namespace gpubench::predictor {
namespace {

using profiles::gpu_spec;
using profiles::interconnect;

constexpr double hopper_generation = 3.5;

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

bool is_nvidia(const gpu_spec& gpu) {
  return gpu.vendor == "NVIDIA";
}

fabric::tuning tuning_of(const gpu_spec& gpu) {
  if (!is_nvidia(gpu)) return fabric::tuning::ampere;
  const double place = generation_of(gpu.architecture);
  if (place >= 4.5) return fabric::tuning::blackwell;
  if (place >= hopper_generation) return fabric::tuning::hopper;
  return place >= 2.5 ? fabric::tuning::ampere : fabric::tuning::volta;
}

fabric::link link_of(interconnect inside, const gpu_spec* gpu) {
  switch (inside) {
    case interconnect::none:
      return fabric::link::none;
    case interconnect::pcie:
      return fabric::link::pcie;
    case interconnect::nvswitch:
      return fabric::link::nvlink_switch;
    case interconnect::infinity_fabric:
      return fabric::link::infinity_fabric;
    case interconnect::nvlink:
      return gpu && contains(gpu->name, "SXM2") ? fabric::link::nvlink_mesh : fabric::link::nvlink_pairs;
  }
  return fabric::link::none;
}

/// Small messages are handed on by code on the multiprocessors, so their hops follow the clock; launch and set-up also
/// cross the host's PCIe, which was slower in the hosts before generation 5: a factor of 1.27 beside the clocks' ratio
/// lies between the A100 and the H100 nodes of the calibration file.
void set_latency(fabric& f, const gpu_spec* gpu) {
  constexpr double reference_hertz = 1.98e9, older_host = 1.27;
  if (!gpu) return;
  f.step_scale = reference_hertz / gpu->boost_clock_hertz.value_or(reference_hertz);
  f.latency_scale = f.step_scale * (gpu->pcie_generation.value_or(4) >= 5 ? 1 : older_host);
}

/// Data-centre and workstation parts have it; the driver does not offer it on recent GeForce cards.
bool part_has_peer_access(const gpu_spec& gpu) {
  for (const char* const geforce : {"RTX 30", "RTX 40", "RTX 50"}) {
    if (gpu.name.rfind(geforce, 0) == 0) return false;
  }
  return true;
}

/// EFA: 4 nodes of p6-b200 take about 350 us for 1 MiB, twice two hops, and large messages reach 78 to 90 % of the
/// node's rate on p4de, p5 and p6-b200 (stas00/ml-engineering network/README.md, 2026-08-22;
/// aws-samples/awsome-distributed-training, 2025-09-26). InfiniBand and RoCE: NCCL's own 14 us for its simple protocol
/// (src/graph/tuning.cc) and nearly the full rate (BM.GPU.H100.8, oracle-quickstart/oci-hpc, 2026-03-16). TCP between.
void set_network(fabric& f, const std::string& kind) {
  if (kind == "IB" || kind == "RoCE") {
    f.network_share = 0.95;
    f.network_hop_seconds = 14e-6;
  } else if (kind != "EFA") {
    f.network_hop_seconds = 60e-6;
  }
}

}  // namespace

double pcie_direction_bytes_per_second(const gpu_spec* gpu) {
  const int generation = gpu ? std::clamp(gpu->pcie_generation.value_or(3), 1, 6) : 3;
  const double lanes = gpu ? gpu->pcie_lanes.value_or(16) : 16;
  return lanes * std::ldexp(1e9, generation - 3) * 128 / 130;
}

constexpr int infinity_fabric_devices = 8;  // of a node, however many of them a job has

double link_share(const fabric& links, int ranks) {
  if (links.inside == fabric::link::infinity_fabric)
    return std::min(1.0, (ranks - 1.0) / (std::max(infinity_fabric_devices, links.devices_per_node) - 1));
  if (links.inside != fabric::link::nvlink_mesh) return 1;
  return ranks <= 2 ? 1.0 / 3 : ranks <= 4 ? 2.0 / 3 : 1;
}

interconnect usual_interconnect(const gpu_spec& gpu) {
  if (!gpu.nvlink_bytes_per_second) return interconnect::pcie;
  if (!is_nvidia(gpu)) return interconnect::infinity_fabric;
  for (const char* const card : {"PCIe", "NVL", "RTX", "A40", "A30"}) {
    if (contains(gpu.name, card)) return interconnect::nvlink;
  }
  return contains(gpu.name, "SXM2") ? interconnect::nvlink : interconnect::nvswitch;
}

fabric node_fabric(const gpu_spec& gpu, interconnect inside, int devices, int nodes) {
  profiles::instance bare;
  bare.gpu = gpu.name;
  bare.gpu_count = devices;
  bare.gpu_interconnect = inside;
  fabric f = fabric_of(bare, &gpu, nodes);
  f.peer_access = part_has_peer_access(gpu);
  return f;
}

fabric fabric_of(const profiles::instance& type, const gpu_spec* gpu, int nodes) {
  fabric f;
  f.devices_per_node = type.has_gpu() ? std::max(1, type.gpu_count) : 1;
  f.nodes = nodes;
  if (type.network_bits_per_second) f.network_bytes_per_second = *type.network_bits_per_second / 8;
  set_network(f, type.network_kind);
  if (!type.has_gpu()) return f;
  set_latency(f, gpu);
  if (gpu) {
    f.generation = tuning_of(*gpu);
    f.gpu = gpu->name;
    // A GPU beside a Grace is the same GPU.
    const bool grace = gpu->architecture.rfind("Grace ", 0) == 0;
    f.architecture = grace ? gpu->architecture.substr(6) : gpu->architecture;
    if (grace && f.generation == fabric::tuning::blackwell) f.switch_domain = 72;
    // Guests see each other's GPUs only where provider and platform allow it, which older PCIe platforms rarely do.
    f.peer_access = part_has_peer_access(*gpu) && gpu->pcie_generation.value_or(3) >= 5;
  }
  f.pcie_bytes_per_second = pcie_direction_bytes_per_second(gpu);
  if (type.gpu_count < 2) return f;
  f.inside = link_of(type.gpu_interconnect, gpu);
  std::optional<double> both_directions = type.gpu_interconnect_bytes_per_second;
  const bool fast = f.inside != fabric::link::none && f.inside != fabric::link::pcie;
  if (fast && !both_directions && gpu) both_directions = gpu->nvlink_bytes_per_second;
  if (fast && both_directions) {
    f.inside_bytes_per_second = *both_directions / 2;
  } else {
    f.inside = fabric::link::pcie;
    f.inside_bytes_per_second = f.pcie_bytes_per_second;
  }
  return f;
}

}  // namespace gpubench::predictor
