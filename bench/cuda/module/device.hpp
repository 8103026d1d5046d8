#pragma once

#include "bench/cuda/module_interface.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::cuda {

/// What the benchmarks ask about a device.
struct device_properties {
  int index = 0;
  std::string name, uuid, compute_capability;
  int major = 0, minor = 0;
  double memory_bytes = 0, l2_bytes = 0;
  int multiprocessors = 0;
  std::optional<double> max_clock_hertz{};  ///< of the multiprocessors

  bool at_least(int wanted_major, int wanted_minor) const {
    return major > wanted_major || (major == wanted_major && minor >= wanted_minor);
  }
};

/// What looking for devices came to.
struct device_search {
  gpubench_module_state state = GPUBENCH_MODULE_FAILED;
  std::string detail;  ///< empty when ready
  std::vector<device_properties> devices;
};

device_search find_devices();

/// "580.65" is not known here; the driver's own version of the CUDA interface, as "13.0".
std::string cuda_version_text(int version);

/// The oldest Linux driver that a runtime of that version (13000 is 13.0) runs on; nothing where it is not known.
/// Within a major version the first one's driver serves ("minor version compatibility"). Source: NVIDIA, "CUDA Toolkit
/// Release Notes", "CUDA Toolkit and Minimum Required Driver Version for CUDA Minor Version Compatibility" and "CUDA
/// Toolkit and Corresponding Driver Versions".
std::optional<std::string> minimum_driver(int runtime_version);

/// As NVML and nvidia-smi write a UUID: GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, or MIG-... for a slice, which CUDA
/// names "... MIG 1g.10gb".
std::string uuid_text(const std::array<unsigned char, 16>& bytes, const std::string& device_name);

}  // namespace gpubench::cuda
