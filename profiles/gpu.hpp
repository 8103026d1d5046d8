#pragma once

#include "models/precision.hpp"
#include "profiles/provenance.hpp"

#include <array>
#include <optional>
#include <string>

namespace gpubench::profiles {

/// Data sheet of one GPU as the operating system or the cloud counts it (gpus.csv). Unknown is absent.
struct gpu_spec {
  std::string name;
  std::string vendor;              ///< "NVIDIA", "AMD"
  std::string architecture;        ///< "Hopper"
  std::string compute_capability;  ///< "9.0", or the gfx name for AMD
  std::optional<int> multiprocessors;
  std::optional<double> boost_clock_hertz;
  double memory_bytes = 0;  ///< size as sold
  std::string memory_type;
  std::optional<double> memory_bandwidth_bytes_per_second;
  std::optional<double> l2_bytes;
  /// Dense tensor rate where the tensor (AMD: matrix) cores know the precision, else the vector rate, in FLOP/s (int8:
  /// OP/s), by precision.
  std::array<std::optional<double>, std::size(models::all_precisions)> dense_peak_flop_per_second;
  std::optional<double> nvlink_bytes_per_second;  ///< both directions, all links
  std::optional<int> pcie_generation, pcie_lanes;
  std::optional<double> tdp_watts;
  std::optional<int> mig_max_instances;  ///< 0: it cannot be cut into slices
  std::optional<int> nvenc_engines, nvdec_engines;
  std::optional<bool> ecc;
  std::optional<int> release_year;
  provenance origin;

  std::optional<double> dense_peak(models::precision p) const {
    return dense_peak_flop_per_second[static_cast<std::size_t>(p)];
  }
};

/// Another name of a GPU (gpu_aliases.csv): a short form, a reseller's, or what NVML reports.
struct gpu_alias {
  std::string alias;
  std::string name;  ///< in gpus.csv
  provenance origin;
};

}  // namespace gpubench::profiles
