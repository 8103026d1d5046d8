#pragma once

#include "bench/system_files.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::doctor {

/// A network interface of /sys/class/net.
struct network_interface {
  std::string name;
  bool is_device = false;  ///< stands on a bus; false for lo, bridges and the like
  bool is_up = false;
  std::optional<int> numa_node;
};

/// A device of /sys/class/infiniband: InfiniBand, RoCE or EFA.
struct rdma_device {
  std::string name;
  std::optional<int> numa_node;
  std::vector<int> ports, active_ports;
  bool is_efa = false;  ///< Amazon's, which NCCL reaches by a plugin and not by verbs
};

struct network_facts {
  std::vector<network_interface> interfaces;
  std::vector<rdma_device> rdma;
  bool peer_memory_module = false;  ///< nvidia_peermem, or its forerunner nv_peer_mem

  bool has_verbs_device() const;  ///< InfiniBand or RoCE
};

/// Source: Linux, Documentation/ABI/testing/sysfs-class-net, ABI/stable/sysfs-class-infiniband.
network_facts find_network(const bench::system_files& files);

}  // namespace gpubench::doctor
