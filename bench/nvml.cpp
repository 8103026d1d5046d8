#include "bench/nvml.hpp"

#include "bench/nvml_library.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <utility>

namespace gpubench::bench {

namespace {

constexpr double hertz_per_megahertz = 1e6;
constexpr double watts_per_milliwatt = 1e-3;

/// One GPU asked through the library; each question gives nothing where it is not supported.
class gpu_query {
 public:
  gpu_query(const nvml_library& library, nvml::device device) : library_(library), device_(device) {}

  std::optional<std::string> text(const char* function) const {
    char buffer[96] = {};
    if (!library_.call(function, device_, static_cast<char*>(buffer), unsigned{sizeof buffer})) return std::nullopt;
    buffer[sizeof buffer - 1] = '\0';
    return std::string(buffer);
  }

  std::optional<double> number(const char* function, double unit) const {
    unsigned value = 0;
    if (!library_.call(function, device_, &value)) return std::nullopt;
    return value * unit;
  }

  std::optional<int> count(const char* function) const {
    unsigned value = 0;
    if (!library_.call(function, device_, &value) || value == 0) return std::nullopt;
    return static_cast<int>(value);
  }

  /// Modes come as the current one and the one after the next reset.
  std::optional<bool> mode(const char* function) const {
    unsigned current = 0;
    unsigned pending = 0;
    if (!library_.call(function, device_, &current, &pending)) return std::nullopt;
    return current != 0;
  }

  std::optional<double> max_clock_hertz(nvml::clock_type clock) const {
    unsigned megahertz = 0;
    if (!library_.call("nvmlDeviceGetMaxClockInfo", device_, clock, &megahertz)) return std::nullopt;
    return megahertz * hertz_per_megahertz;
  }

  std::optional<double> memory_bytes() const {
    nvml::memory_info memory;
    if (!library_.call("nvmlDeviceGetMemoryInfo", device_, &memory)) return std::nullopt;
    return static_cast<double>(memory.total);
  }

  /// 0 is an answer here.
  std::optional<int> active_nvlinks() const {
    constexpr unsigned most_links = 18;  // NVML_NVLINK_MAX_LINKS
    std::optional<int> active;
    for (unsigned link = 0; link < most_links; ++link) {
      int state = 0;
      if (!library_.call("nvmlDeviceGetNvLinkState", device_, link, &state)) break;
      active = active.value_or(0) + (state != 0 ? 1 : 0);
    }
    return active;
  }

  std::vector<std::string> mig_devices() const {
    std::vector<std::string> found;
    unsigned most = 0;
    if (!library_.call("nvmlDeviceGetMaxMigDeviceCount", device_, &most)) return found;
    for (unsigned i = 0; i < most; ++i) {
      nvml::device slice = nullptr;
      if (!library_.call("nvmlDeviceGetMigDeviceHandleByIndex", device_, i, &slice)) continue;
      if (auto uuid = gpu_query(library_, slice).text("nvmlDeviceGetUUID")) found.push_back(std::move(*uuid));
    }
    return found;
  }

  std::optional<std::string> virtualization() const {
    int mode = 0;
    if (!library_.call("nvmlDeviceGetVirtualizationMode", device_, &mode)) return std::nullopt;
    switch (mode) {
      case nvml::bare_metal:
        return "none";
      case nvml::passthrough:
        return "passthrough";
      case nvml::vgpu:
        return "vgpu";
      case nvml::host_vgpu:
        return "host of vGPUs";
      case nvml::host_vsga:
        return "host of shared graphics";
      default:
        return std::nullopt;
    }
  }

  std::optional<bool> flag(const char* function) const {
    int value = 0;
    if (!library_.call(function, device_, &value)) return std::nullopt;
    return value != 0;
  }

  std::optional<std::string> compute_capability() const {
    int major = 0;
    int minor = 0;
    if (!library_.call("nvmlDeviceGetCudaComputeCapability", device_, &major, &minor)) return std::nullopt;
    return fmt::format("{}.{}", major, minor);
  }

 private:
  const nvml_library& library_;
  nvml::device device_;
};

results::gpu_environment describe_gpu(const gpu_query& gpu, int index) {
  results::gpu_environment found;
  found.index = index;
  found.name = gpu.text("nvmlDeviceGetName").value_or("unnamed GPU");
  found.uuid = gpu.text("nvmlDeviceGetUUID");
  found.memory_bytes = gpu.memory_bytes();
  found.compute_capability = gpu.compute_capability();
  found.max_sm_clock_hertz = gpu.max_clock_hertz(nvml::clock_sm);
  found.max_memory_clock_hertz = gpu.max_clock_hertz(nvml::clock_memory);
  found.power_limit_watts = gpu.number("nvmlDeviceGetEnforcedPowerLimit", watts_per_milliwatt);
  found.default_power_limit_watts = gpu.number("nvmlDeviceGetPowerManagementDefaultLimit", watts_per_milliwatt);
  found.ecc = gpu.mode("nvmlDeviceGetEccMode");
  found.mig = gpu.mode("nvmlDeviceGetMigMode");
  // The highest of this GPU in this slot: an idle link drops to a lower one.
  found.pcie_generation = gpu.count("nvmlDeviceGetMaxPcieLinkGeneration");
  found.pcie_width = gpu.count("nvmlDeviceGetCurrPcieLinkWidth");
  found.pcie_current_generation = gpu.count("nvmlDeviceGetCurrPcieLinkGeneration");
  found.pcie_max_width = gpu.count("nvmlDeviceGetMaxPcieLinkWidth");
  found.nvlinks = gpu.active_nvlinks();
  found.virtualization = gpu.virtualization();
  if (found.mig.value_or(false)) found.mig_devices = gpu.mig_devices();
  found.persistence_mode = gpu.flag("nvmlDeviceGetPersistenceMode");
  return found;
}

}  // namespace

gpu_discovery discover_gpus() {
  gpu_discovery found;
  const auto library = nvml_library::open(found.status);
  if (!library) return found;

  char version[96] = {};
  if (library->call("nvmlSystemGetDriverVersion", static_cast<char*>(version), unsigned{sizeof version})) {
    found.driver_version = std::string(version);
  }
  unsigned count = 0;
  if (!library->call("nvmlDeviceGetCount_v2", &count)) {
    found.status = "NVML cannot count the GPUs";
    return found;
  }
  for (unsigned index = 0; index < count; ++index) {
    nvml::device device = nullptr;
    if (!library->call("nvmlDeviceGetHandleByIndex_v2", index, &device)) continue;  // counted, but not ours to use
    found.gpus.push_back(describe_gpu(gpu_query(*library, device), static_cast<int>(index)));
  }
  const auto usable = found.gpus.size();
  found.status = usable == 0 ? "no NVIDIA GPU" : count_of(usable, "GPU");
  if (usable < count) found.status += fmt::format(", {} more cannot be opened", count - usable);
  return found;
}

}  // namespace gpubench::bench
