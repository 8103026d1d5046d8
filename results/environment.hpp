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
  int usable_cpus = 1;                                  ///< after affinity and cgroup quota: what benchmarks may use
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
  std::optional<int> pcie_generation, pcie_width;

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
