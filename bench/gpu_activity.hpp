#pragma once

#include "bench/gpu_counters.hpp"
#include "bench/nvml_library.hpp"

#include <memory>
#include <optional>

namespace gpubench::bench {

/// What parts of a GPU did between two looks at it, as hardware counters saw it. Fractions 0 to 1: of time (engine), of
/// multiprocessors and time (sm), of warps (occupancy), of the peak rate (tensor, dram, and the vector pipes).
struct gpu_activity {
  std::optional<double> graphics_engine, sm, sm_occupancy, tensor, dram, fp64, fp32, fp16;
  std::optional<double> pcie_transmit_bytes_per_second, pcie_receive_bytes_per_second;
  std::optional<double> nvlink_transmit_bytes_per_second, nvlink_receive_bytes_per_second;
};

/// Reads the GPU performance monitoring (GPM) of NVML: drivers from 520 on, Hopper and later, MIG slices too, without
/// root. Not thread-safe. Source: NVIDIA, "NVML API Reference Guide", "GPM Functions"; rates come in MiB/s.
class gpu_activity_reader {
 public:
  /// @return nothing where the device has no such counters
  static std::unique_ptr<gpu_activity_reader> open(std::shared_ptr<const nvml_library> library,
                                                   const monitored_device& from);
  ~gpu_activity_reader();
  gpu_activity_reader(const gpu_activity_reader&) = delete;
  gpu_activity_reader& operator=(const gpu_activity_reader&) = delete;

  /// Since the call before; the first one gives nothing.
  gpu_activity read();

 private:
  using sample = struct gpm_sample*;
  gpu_activity_reader(std::shared_ptr<const nvml_library> library, const monitored_device& from)
      : library_(std::move(library)), device_(from) {}

  std::shared_ptr<const nvml_library> library_;
  monitored_device device_;
  sample before_ = nullptr, now_ = nullptr;
  bool has_before_ = false;
};

}  // namespace gpubench::bench
