#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::doctor {

/// One NVLink of a GPU.
struct nvlink_state {
  int link = 0;
  bool active = false;
  std::optional<std::uint64_t> replays, recoveries, crc_errors;  ///< since the driver was loaded
};

/// Rows of GPU memory that were replaced by spare ones.
struct remapped_rows {
  unsigned correctable = 0, uncorrectable = 0;  ///< by the kind of error that caused it
  bool pending = false;                         ///< takes effect at the next reset
  bool failed = false;                          ///< no spare row was left
};

/// What NVML says about the health and the settings of one GPU; absent where it does not.
struct gpu_health {
  int index = 0;
  std::optional<std::string> pci_address;  ///< as in /sys: "0000:17:00.0"
  std::optional<remapped_rows> rows;
  std::optional<bool> page_retirement_pending;
  std::optional<std::uint64_t> uncorrected_errors;  ///< of ECC, since the driver was loaded
  std::optional<bool> ecc_pending, mig_pending;     ///< the mode after the next reset
  std::optional<double> application_clock_hertz, default_application_clock_hertz;  ///< of the multiprocessors
  std::optional<std::uint64_t> clock_reasons;  ///< bits as in bench/gpu_readings.hpp
  std::optional<int> own_pcie_generation;      ///< the highest of the GPU, in whatever slot
  std::optional<std::string> compute_mode;     ///< "default", "exclusive", "prohibited"
  std::vector<nvlink_state> links;
};

/// A GPU that the driver counts and does not open.
struct closed_gpu {
  int index = 0;
  std::string reason;  ///< "lost", "no permission", "error 2"
};

struct gpu_health_report {
  std::string status;          ///< empty, or why NVML cannot be asked
  std::optional<int> counted;  ///< by the driver, whether or not they can be opened
  std::vector<gpu_health> gpus;
  std::vector<closed_gpu> closed;
  std::optional<std::string> cuda_version;  ///< the newest that the driver serves: "12.4"
};

/// Asks NVML; never throws for a missing or broken library.
/// Source: NVIDIA, "NVML API Reference Guide" (nvmlDeviceGetRemappedRows, nvmlDeviceGetTotalEccErrors,
/// nvmlDeviceGetClock, nvmlDeviceGetNvLinkErrorCounter, nvmlDeviceGetGpuMaxPcieLinkGeneration,
/// nvmlDeviceGetComputeMode).
gpu_health_report read_gpu_health();

}  // namespace gpubench::doctor
