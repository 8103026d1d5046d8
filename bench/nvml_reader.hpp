#pragma once

#include "bench/gpu_readings.hpp"
#include "bench/nvml_library.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gpubench::bench {

/// Asks what a GPU is doing. Not thread-safe: one thread at a time.
class gpu_reader {
 public:
  virtual ~gpu_reader() = default;
  /// @param with_processes  also count the other processes, which takes the driver milliseconds
  virtual gpu_reading read(bool with_processes) = 0;
  virtual std::optional<double> max_sm_clock_hertz() = 0;
};

/// Whether two UUIDs name the same device: "GPU-" and "MIG-" before the digits do not count, since CUDA gives digits
/// alone.
bool same_uuid(std::string_view a, std::string_view b);

/// A device of NVML: a GPU, or a MIG slice with the GPU that it is part of.
struct nvml_device {
  nvml::device gpu = nullptr;
  nvml::device slice = nullptr;  ///< nullptr where the device is the whole GPU
};

/// Looks for the GPU or MIG slice of that UUID among all.
std::optional<nvml_device> find_nvml_device(const nvml_library& library, std::string_view uuid);

/// Reads the device through NVML: a slice's clocks, power and temperature are those of its GPU, its processes its own.
std::unique_ptr<gpu_reader> make_nvml_reader(std::shared_ptr<const nvml_library> library, nvml_device device);

}  // namespace gpubench::bench
