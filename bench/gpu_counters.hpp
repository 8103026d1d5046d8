#pragma once

#include "bench/nvml_library.hpp"
#include "bench/nvml_reader.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::bench {

/// A device that can be monitored: a GPU or a MIG slice. What names it is asked for once, so that a device that is lost
/// later keeps its names.
struct monitored_device {
  nvml_device device;  ///< no GPU where it may not be opened
  int index = 0;       ///< of the GPU
  std::string uuid;    ///< of the slice, where it is one; empty where it may not be opened
  std::string name;
  std::string slice;                     ///< "1g.10gb"; empty for a whole GPU
  std::optional<unsigned> gpu_instance;  ///< of a slice, as nvidia-smi numbers it
};

/// All GPUs, those that may not be opened among them, each followed by its MIG slices.
std::vector<monitored_device> list_monitored_devices(const nvml_library& library);

/// What a driver counts besides gpu_reading; fractions 0 to 1. What it does not support is absent: utilisation of a GPU
/// in MIG mode, and of a slice, is.
/// Source: NVIDIA, "NVML API Reference Guide". Utilisation is the share of the last sample period, between 1/6 s and 1
/// s, in which a kernel ran (gpu) or memory was read or written (memory).
struct gpu_counters {
  std::optional<double> gpu_utilization, memory_utilization, encoder_utilization, decoder_utilization;
  std::optional<double> memory_total_bytes, memory_used_bytes,
      memory_free_bytes;                                 ///< what the driver reserves is in neither used nor free
  std::optional<double> energy_joules;                   ///< since the driver was loaded
  std::optional<double> ecc_corrected, ecc_uncorrected;  ///< since the driver was loaded
  std::optional<double> rows_remapped_corrected, rows_remapped_uncorrected;
  std::optional<bool> row_remap_pending;
  std::optional<double> pcie_replays;
  std::optional<double> processes;
};
gpu_counters read_gpu_counters(const nvml_library& library, const monitored_device& from);

}  // namespace gpubench::bench
