#pragma once

#include "models/precision.hpp"
#include "profiles/provenance.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::profiles {

/// One server CPU that clouds rent (cpus.csv), per socket and per core. Unknown is absent.
struct cpu_spec {
  std::string name;
  std::string vendor;
  std::string microarchitecture;
  std::optional<int> cores_per_socket, threads_per_core;
  std::optional<double> base_clock_hertz, all_core_turbo_hertz;
  std::vector<std::string> simd;
  std::vector<std::string> matrix_instructions;
  std::optional<double> fp32_flop_per_cycle_per_core;  ///< a multiply-add counts two; fp64 is half
  std::optional<double> bf16_flop_per_cycle_per_core;
  std::optional<double> int8_op_per_cycle_per_core;
  std::optional<int> memory_channels;
  std::string memory_type;
  std::optional<double> memory_bandwidth_bytes_per_second;  ///< of one socket
  std::optional<double> l3_bytes;                           ///< of one socket
  std::optional<double> tdp_watts;
  std::optional<int> release_year;
  provenance origin;

  /// Dense peak of one core at the all-core turbo clock (base clock where that is unknown), in FLOP/s; fp16 and bf16
  /// fall back to nothing where the CPU has no such instruction.
  std::optional<double> core_peak_flop_per_second(models::precision p) const;
};

}  // namespace gpubench::profiles
