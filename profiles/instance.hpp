#pragma once

#include "profiles/provenance.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gpubench::profiles {

enum class interconnect { none, pcie, nvlink, nvswitch, infinity_fabric };
/// "nvswitch", "infinity-fabric", ...
std::string_view to_string(interconnect link);
std::optional<interconnect> parse_interconnect(std::string_view name);

/// One instance type of one provider (instances.csv): whole GPUs, slices of a GPU, or CPU only. Prices stand apart.
struct instance {
  std::string provider;
  std::string type;
  std::string gpu;                         ///< a name in gpus.csv; empty for a CPU-only instance
  int gpu_count = 0;                       ///< GPUs that the guest sees
  double gpu_fraction = 1;                 ///< share of each GPU, in (0,1]: vGPU or MIG slice
  std::optional<double> gpu_memory_bytes;  ///< of one GPU (of the share); the part's memory times
                                           ///< the fraction where the file leaves it empty
  std::string cpu;                         ///< a name in cpus.csv, or empty where the part is not known
  std::optional<double> vcpus, physical_cores;
  std::optional<double> host_memory_bytes;
  interconnect gpu_interconnect = interconnect::none;
  std::optional<double> gpu_interconnect_bytes_per_second;  ///< per GPU, both directions together
  std::optional<double> network_bits_per_second;
  std::string network_kind;
  std::optional<double> local_ssd_bytes;
  provenance origin;

  bool has_gpu() const { return !gpu.empty(); }
  std::string name() const { return provider + " " + type; }
};

}  // namespace gpubench::profiles
