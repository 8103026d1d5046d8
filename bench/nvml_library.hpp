#pragma once

#include <memory>
#include <string>

namespace gpubench::bench {

/// The few types and numbers of NVML that are used, declared here because a machine without a CUDA toolkit has no
/// header. Source: NVIDIA, nvml.h; the interface with these names is stable since driver 418.
namespace nvml {

using device = struct device_handle*;
using result = int;
inline constexpr result success = 0;
inline constexpr result no_permission = 4;
inline constexpr result driver_not_loaded = 9;
inline constexpr result function_not_found = 13;
inline constexpr result gpu_is_lost = 15;

struct memory_info {
  unsigned long long total = 0;
  unsigned long long free = 0;
  unsigned long long used = 0;
};

enum clock_type : int { clock_sm = 1, clock_memory = 2 };

/// nvmlFieldValue_t: a question by number and its answer.
struct field_value {
  unsigned id = 0, scope = 0;
  long long timestamp = 0, latency_us = 0;
  unsigned type = 0;
  result status = success;
  union {
    unsigned unsigned_int;
    double number;  ///< gives the union its size
  };
  field_value() : number(0) {}
};
static_assert(sizeof(field_value) == 40);
inline constexpr unsigned type_double = 0;
inline constexpr unsigned field_memory_temperature = 82;  ///< NVML_FI_DEV_MEMORY_TEMP, degrees Celsius
inline constexpr unsigned field_power_instant = 186;      ///< NVML_FI_DEV_POWER_INSTANT, milliwatts

/// nvmlProcessInfo_t as versions 2 and 3 of its functions fill it.
struct process_info {
  unsigned pid = 0;
  unsigned long long used_bytes = 0;
  unsigned gpu_instance = 0, compute_instance = 0;
};
static_assert(sizeof(process_info) == 24);

/// nvmlGpuVirtualizationMode_t
enum virtualization_mode : int { bare_metal = 0, passthrough = 1, vgpu = 2, host_vgpu = 3, host_vsga = 4 };

}  // namespace nvml

/// An opened NVML library, initialised; shut down and closed at the end.
class nvml_library {
 public:
  /// Says in `problem` what is missing where nothing is returned.
  static std::unique_ptr<nvml_library> open(std::string& problem);
  ~nvml_library();
  nvml_library(const nvml_library&) = delete;
  nvml_library& operator=(const nvml_library&) = delete;

  /// Calls a function of the library by name; the arguments' types are the function's parameters.
  /// @return false where the library lacks it or it does not succeed.
  template <class... Arguments>
  bool call(const char* name, Arguments... arguments) const {
    return status(name, arguments...) == nvml::success;
  }

  /// As call(), with the library's answer: why something did not succeed.
  template <class... Arguments>
  nvml::result status(const char* name, Arguments... arguments) const {
    const auto function = reinterpret_cast<nvml::result (*)(Arguments...)>(symbol(name));
    return function != nullptr ? function(arguments...) : nvml::function_not_found;
  }

 private:
  explicit nvml_library(void* handle) : handle_(handle) {}
  void* symbol(const char* name) const;

  void* handle_;
  bool initialized_ = false;
};

}  // namespace gpubench::bench
