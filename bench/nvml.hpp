#pragma once

#include "results/environment.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::bench {

/// The NVIDIA GPUs of this machine, or why there are none.
struct gpu_discovery {
  std::string status;  ///< "2 GPUs", "no NVIDIA driver (libnvidia-ml.so.1 not found)"
  std::optional<std::string> driver_version;
  std::vector<results::gpu_environment> gpus;
};

/// Asks NVML, opened at run time, so that the program also starts where there is no driver. $GPUBENCH_NVML_LIBRARY
/// names another library in its place. What a driver or GPU does not support is absent. Never throws for a missing or
/// broken library: the status says what is wrong. Source: NVIDIA, "NVML API Reference Guide"; clocks come in MHz, power
/// in mW.
gpu_discovery discover_gpus();

}  // namespace gpubench::bench
