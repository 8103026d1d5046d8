#include "bench/nvml_reader.hpp"

#include "bench/clock.hpp"

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace gpubench::bench {

namespace {

constexpr double hertz_per_megahertz = 1e6;
constexpr double watts_per_milliwatt = 1e-3;

std::string_view digits_of(std::string_view uuid) {
  for (const std::string_view prefix : {"GPU-", "MIG-"}) {
    if (uuid.substr(0, prefix.size()) == prefix) return uuid.substr(prefix.size());
  }
  return uuid;
}

bool has_uuid(const nvml_library& library, nvml::device device, std::string_view uuid) {
  std::array<char, 96> text{};
  if (!library.call("nvmlDeviceGetUUID", device, text.data(), static_cast<unsigned>(text.size()))) return false;
  text.back() = '\0';
  return same_uuid(text.data(), uuid);
}

class nvml_reader final : public gpu_reader {
 public:
  nvml_reader(std::shared_ptr<const nvml_library> library, nvml_device device)
      : library_(std::move(library)), device_(device) {}

  gpu_reading read(bool with_processes) override {
    gpu_reading now;
    now.at = steady_now();
    now.sm_clock_hertz = clock("nvmlDeviceGetClockInfo", nvml::clock_sm);
    now.memory_clock_hertz = clock("nvmlDeviceGetClockInfo", nvml::clock_memory);
    now.power_watts = power();
    now.power_limit_watts = number("nvmlDeviceGetEnforcedPowerLimit", watts_per_milliwatt);
    now.temperature_celsius = temperature();
    now.memory_temperature_celsius = field(nvml::field_memory_temperature);
    now.clock_reasons = clock_reasons();
    now.pcie_generation = count("nvmlDeviceGetCurrPcieLinkGeneration");
    now.pcie_width = count("nvmlDeviceGetCurrPcieLinkWidth");
    if (with_processes) now.other_processes = other_processes(processes());
    return now;
  }

  std::optional<double> max_sm_clock_hertz() override { return clock("nvmlDeviceGetMaxClockInfo", nvml::clock_sm); }

 private:
  std::optional<double> number(const char* function, double unit) const {
    unsigned value = 0;
    if (!library_->call(function, device_.gpu, &value) || value == 0) return std::nullopt;
    return value * unit;
  }

  std::optional<int> count(const char* function) const {
    unsigned value = 0;
    if (!library_->call(function, device_.gpu, &value) || value == 0) return std::nullopt;
    return static_cast<int>(value);
  }

  std::optional<double> clock(const char* function, nvml::clock_type which) const {
    unsigned megahertz = 0;
    if (!library_->call(function, device_.gpu, which, &megahertz) || megahertz == 0) return std::nullopt;
    return megahertz * hertz_per_megahertz;
  }

  /// A field that holds a whole number; its low half is the value, whatever integer type the driver chose.
  std::optional<double> field(unsigned id) const {
    nvml::field_value value;
    value.id = id;
    if (!library_->call("nvmlDeviceGetFieldValues", device_.gpu, 1, &value)) return std::nullopt;
    if (value.status != nvml::success || value.type == nvml::type_double || value.unsigned_int == 0)
      return std::nullopt;
    return value.unsigned_int;
  }

  /// Power at this moment where the driver knows it: nvmlDeviceGetPowerUsage is from Ampere on (GA100 excepted) the
  /// mean of the last second.
  std::optional<double> power() const {
    if (const auto milliwatts = field(nvml::field_power_instant)) return *milliwatts * watts_per_milliwatt;
    return number("nvmlDeviceGetPowerUsage", watts_per_milliwatt);
  }

  std::optional<double> temperature() const {
    unsigned celsius = 0;
    constexpr int sensor_of_the_gpu = 0;
    if (!library_->call("nvmlDeviceGetTemperature", device_.gpu, sensor_of_the_gpu, &celsius)) return std::nullopt;
    return celsius;
  }

  /// Renamed in driver 535; the older name stays for older drivers.
  std::optional<std::uint64_t> clock_reasons() const {
    unsigned long long mask = 0;
    for (const char* name : {"nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"}) {
      if (library_->call(name, device_.gpu, &mask)) return mask;
    }
    return std::nullopt;
  }

  std::vector<unsigned> processes() const {
    constexpr unsigned most = 256;
    std::vector<nvml::process_info> found(most);
    const nvml::device where = device_.slice != nullptr ? device_.slice : device_.gpu;
    for (const char* name : {"nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2"}) {
      unsigned count = most;
      if (!library_->call(name, where, &count, found.data())) continue;
      std::vector<unsigned> ids;
      for (unsigned i = 0; i < count && i < most; ++i) ids.push_back(found[i].pid);
      return ids;
    }
    return {};
  }

  std::shared_ptr<const nvml_library> library_;
  nvml_device device_;
};

}  // namespace

bool same_uuid(std::string_view a, std::string_view b) {
  return !digits_of(a).empty() && digits_of(a) == digits_of(b);
}

std::optional<nvml_device> find_nvml_device(const nvml_library& library, std::string_view uuid) {
  unsigned count = 0;
  if (!library.call("nvmlDeviceGetCount_v2", &count)) return std::nullopt;
  for (unsigned index = 0; index < count; ++index) {
    nvml::device gpu = nullptr;
    if (!library.call("nvmlDeviceGetHandleByIndex_v2", index, &gpu)) continue;
    if (has_uuid(library, gpu, uuid)) return nvml_device{gpu, nullptr};
    unsigned slices = 0;
    if (!library.call("nvmlDeviceGetMaxMigDeviceCount", gpu, &slices)) continue;
    for (unsigned i = 0; i < slices; ++i) {
      nvml::device slice = nullptr;
      if (library.call("nvmlDeviceGetMigDeviceHandleByIndex", gpu, i, &slice) && has_uuid(library, slice, uuid))
        return nvml_device{gpu, slice};
    }
  }
  return std::nullopt;
}

std::unique_ptr<gpu_reader> make_nvml_reader(std::shared_ptr<const nvml_library> library, nvml_device device) {
  return std::make_unique<nvml_reader>(std::move(library), device);
}

}  // namespace gpubench::bench
