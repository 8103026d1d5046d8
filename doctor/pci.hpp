#pragma once

#include "bench/system_files.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::doctor {

/// A device of /sys/bus/pci/devices.
struct pci_device {
  std::string address;  ///< "0000:17:00.0"
  unsigned vendor = 0, device = 0, device_class = 0;
  std::optional<std::string> driver;      ///< the kernel's driver that holds it: "nvidia", "nouveau", "vfio-pci"
  std::optional<int> numa_node;           ///< absent where the firmware does not tell
  std::optional<int> width, most_width;   ///< lanes of the link: in force, and what the device can do
  std::optional<std::string> iommu_type;  ///< of its group: "identity", "DMA", "DMA-FQ"
  /// Of bridges alone: whether Access Control Services send requests between devices up to the root. Absent where the
  /// bridge has none, or its configuration may not be read (see `acs_unreadable`).
  std::optional<bool> redirects_peers;
  bool acs_unreadable = false;

  bool is_nvidia_gpu() const;  ///< display controllers and 3D controllers of NVIDIA
  bool is_bridge() const { return device_class >> 8 == 0x0604; }
};

/// Source: Linux, Documentation/ABI/testing/sysfs-bus-pci and sysfs-kernel-iommu_groups; PCI-SIG, "PCI Express Base
/// Specification", "ACS Extended Capability" (identifier 0x000D; control register at offset 6, bits 2 and 3: P2P
/// request and completion redirect).
std::vector<pci_device> find_pci_devices(const bench::system_files& files);

/// Whether the configuration space of a bridge has P2P redirection on; nothing where it has no such capability.
/// @param space  at least 256 bytes are needed to say more than nothing
std::optional<bool> redirects_peers(const std::string& space);

}  // namespace gpubench::doctor
