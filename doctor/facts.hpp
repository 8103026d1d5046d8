#pragma once

#include "core/json.hpp"
#include "results/environment.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "doctor/gpu_health.hpp"
#include "doctor/kernel_log.hpp"
#include "doctor/nccl_plugins.hpp"
#include "doctor/network.hpp"
#include "doctor/pci.hpp"
#include "doctor/software.hpp"
#include "doctor/system_limits.hpp"

namespace gpubench::doctor {

/// What `kubectl get node NAME -o json` says of the node that this machine is.
struct kubernetes_node {
  std::string name;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> capacity, allocatable;  ///< of nvidia.com/... resources
};

/// Everything about a machine that the checks look at. What could not be found out is absent.
struct facts {
  results::environment machine;
  bool asked_driver = false;  ///< false for a recorded tree: NVML and the variables belong to this machine
  gpu_health_report gpus;
  std::vector<pci_device> pci;
  nvidia_software software;
  system_limits limits;
  network_facts network;
  std::vector<nccl_plugin> nccl_plugins;
  std::optional<std::vector<xid_event>> xids;    ///< absent: no kernel log could be read
  std::vector<module_refusal> module_refusals;   ///< likewise of the kernel log, and since the last boot
  std::vector<std::string> nvidia_device_files;  ///< in /dev: "nvidia0", "nvidiactl", "nvidia-uvm"
  std::map<std::string, std::string> variables;  ///< NCCL_*, CUDA_*, NVIDIA_*, FI_*, and LD_LIBRARY_PATH
  std::optional<kubernetes_node> node;

  bool has_nvidia_device() const;                ///< on the PCI bus, or known to the driver
  const gpu_health* health_of(int index) const;  ///< nullptr where NVML says nothing of that GPU
  std::optional<version> driver() const;         ///< as NVML says it, else the kernel module's
  bool is_virtual() const { return machine.hypervisor.has_value(); }
};

}  // namespace gpubench::doctor
