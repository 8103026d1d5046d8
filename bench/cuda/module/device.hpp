#pragma once

#include "bench/cuda/module_interface.h"

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

}  // namespace gpubench::cuda
