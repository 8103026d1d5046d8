#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::results {

struct cpu_environment {
  std::optional<std::string> model;  ///< as the system names it; clouds often hide the real part
  std::optional<std::string> vendor;
  std::optional<int> family, model_number, stepping;
  std::optional<std::string> microarchitecture;  ///< from family and model number, for example "Emerald Rapids"
  std::optional<int> sockets, physical_cores, logical_cpus;
  std::optional<int> usable_cpus;                       ///< after affinity and cgroup quota: what benchmarks may use
  std::vector<std::string> features;                    ///< those that decide speed: avx2, avx512f, amx_bf16, ...
  std::optional<double> l1d_bytes, l2_bytes, l3_bytes;  ///< per core, per core, per socket (as the system reports L3)
  std::optional<int> numa_nodes;
  std::optional<std::string> governor;
  std::optional<double> measured_clock_hertz;  ///< sustained core clock, by a chain of dependent additions

  friend bool operator==(const cpu_environment&, const cpu_environment&) = default;
};

struct gpu_environment {
  int index = 0;
  std::string name;
  std::optional<std::string> uuid;
  std::optional<double> memory_bytes;
  std::optional<std::string> compute_capability;
  std::optional<double> max_sm_clock_hertz, max_memory_clock_hertz, power_limit_watts, default_power_limit_watts;
  std::optional<bool> ecc, mig;
  /// The highest of this GPU in this slot, and the width in force: an idle link drops to a lower generation.
  std::optional<int> pcie_generation, pcie_width;
  std::optional<int> pcie_current_generation, pcie_max_width;
  std::optional<int> nvlinks;  ///< active ones
  std::optional<bool> persistence_mode;
  std::optional<std::string> virtualization;  ///< "none", "passthrough", "vgpu"
  std::vector<std::string> mig_devices;       ///< UUIDs of the slices that this GPU is cut into
  std::optional<std::string> mig_slice;       ///< "1g.10gb": this device is that slice of a GPU
  /// What a slice has of the whole GPU's multiprocessors and of its memory slices, 0 to 1; absent where not known.
  std::optional<double> mig_compute_share, mig_memory_share;

  friend bool operator==(const gpu_environment&, const gpu_environment&) = default;
};

struct cloud_environment {
  std::optional<std::string> provider;       ///< "aws", "gcp", "azure", "alibaba", ...
  std::optional<std::string> instance_type;  ///< only where known without network, or by --instance
  std::string source;                        ///< "DMI", "--instance"

  friend bool operator==(const cloud_environment&, const cloud_environment&) = default;
};

/// The machine that measured.
struct environment {
  std::optional<std::string> operating_system, kernel, hypervisor, container;
  cpu_environment cpu;
  std::optional<double> memory_bytes;  ///< usable: the smaller of physical memory and cgroup limit
  std::optional<double> cgroup_cpu_limit, cgroup_memory_limit_bytes;
  std::optional<cloud_environment> cloud;
  std::optional<std::string> gpu_driver_version;
  std::string gpu_status;  ///< "2 GPUs", "no NVIDIA driver (libnvidia-ml.so.1 not found)"
  std::vector<gpu_environment> gpus;
  std::map<std::string, std::string> libraries;  ///< name to version: openblas, onednn, cublas, ...
  std::map<std::string, std::string> variables;  ///< chosen variables in force: OMP_*, OPENBLAS_*, CUDA_*, NCCL_*, ...

  friend bool operator==(const environment&, const environment&) = default;
};

}  // namespace gpubench::results
