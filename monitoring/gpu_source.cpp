#include "monitoring/gpu_source.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gpubench::monitoring {
namespace {

using enum metric_id;

metric_labels labels_of(const bench::monitored_device& device) {
  metric_labels labels{{"gpu", std::to_string(device.index)}, {"uuid", device.uuid}, {"name", device.name}};
  if (!device.slice.empty()) labels.emplace_back("slice", device.slice);
  if (device.gpu_instance) labels.emplace_back("gpu_instance", std::to_string(*device.gpu_instance));
  return labels;
}

metric_labels with(metric_labels labels, const char* key, std::string value) {
  labels.emplace_back(key, std::move(value));
  return labels;
}

std::optional<double> number(const std::optional<int>& value) {
  return value ? std::optional<double>(*value) : std::nullopt;
}

std::optional<double> number(const std::optional<bool>& value) {
  return value ? std::optional<double>(*value ? 1 : 0) : std::nullopt;
}

/// Names of all reasons that may be reported, so that a series goes back to 0 when its reason ends.
std::vector<std::string> slowdown_reasons() {
  std::uint64_t all = 0;
  for (const auto bit :
       {bench::clock_reason::sw_power_cap, bench::clock_reason::sync_boost, bench::clock_reason::sw_thermal_slowdown,
        bench::clock_reason::hw_thermal_slowdown, bench::clock_reason::hw_power_brake_slowdown})
    all |= bit;
  auto names = bench::slowdown_names(all);
  for (auto& name : bench::slowdown_names(bench::clock_reason::hw_slowdown)) names.push_back(std::move(name));
  return names;
}

void add_reading(const bench::gpu_reading& now, const metric_labels& labels, sample& into) {
  into.add(gpu_power, labels, now.power_watts);
  into.add(gpu_power_limit, labels, now.power_limit_watts);
  into.add(gpu_sm_clock, labels, now.sm_clock_hertz);
  into.add(gpu_memory_clock, labels, now.memory_clock_hertz);
  into.add(gpu_temperature, labels, now.temperature_celsius);
  into.add(gpu_memory_temperature, labels, now.memory_temperature_celsius);
  into.add(gpu_pcie_generation, labels, number(now.pcie_generation));
  into.add(gpu_pcie_width, labels, number(now.pcie_width));
  if (!now.clock_reasons) return;
  static const auto reasons = slowdown_reasons();
  const auto present = bench::slowdown_names(*now.clock_reasons);
  for (const auto& reason : reasons) {
    const bool slowed = std::find(present.begin(), present.end(), reason) != present.end();
    into.add(gpu_clock_slowed, with(labels, "reason", reason), slowed ? 1.0 : 0.0);
  }
}

void add_counters(const bench::gpu_counters& now, const metric_labels& labels, sample& into) {
  into.add(gpu_utilization, labels, now.gpu_utilization);
  into.add(gpu_memory_utilization, labels, now.memory_utilization);
  into.add(gpu_memory_total, labels, now.memory_total_bytes);
  into.add(gpu_memory_used, labels, now.memory_used_bytes);
  into.add(gpu_memory_free, labels, now.memory_free_bytes);
  into.add(gpu_energy, labels, now.energy_joules);
  into.add(gpu_encoder_utilization, labels, now.encoder_utilization);
  into.add(gpu_decoder_utilization, labels, now.decoder_utilization);
  into.add(gpu_ecc_corrected, labels, now.ecc_corrected);
  into.add(gpu_ecc_uncorrected, labels, now.ecc_uncorrected);
  into.add(gpu_rows_remapped, with(labels, "cause", "corrected"), now.rows_remapped_corrected);
  into.add(gpu_rows_remapped, with(labels, "cause", "uncorrected"), now.rows_remapped_uncorrected);
  into.add(gpu_row_remap_pending, labels, number(now.row_remap_pending));
  into.add(gpu_pcie_replays, labels, now.pcie_replays);
  into.add(gpu_processes, labels, now.processes);
}

void add_activity(const bench::gpu_activity& seen, const metric_labels& labels, sample& into) {
  into.add(gpu_graphics_engine_active, labels, seen.graphics_engine);
  into.add(gpu_sm_active, labels, seen.sm);
  into.add(gpu_sm_occupancy, labels, seen.sm_occupancy);
  into.add(gpu_tensor_active, labels, seen.tensor);
  into.add(gpu_dram_active, labels, seen.dram);
  into.add(gpu_fp64_active, labels, seen.fp64);
  into.add(gpu_fp32_active, labels, seen.fp32);
  into.add(gpu_fp16_active, labels, seen.fp16);
  into.add(gpu_pcie_transmit, labels, seen.pcie_transmit_bytes_per_second);
  into.add(gpu_pcie_receive, labels, seen.pcie_receive_bytes_per_second);
  into.add(gpu_nvlink_transmit, labels, seen.nvlink_transmit_bytes_per_second);
  into.add(gpu_nvlink_receive, labels, seen.nvlink_receive_bytes_per_second);
}

bool says_something(const bench::gpu_counters& now) {
  return now.memory_total_bytes || now.gpu_utilization || now.energy_joules;
}

}  // namespace

gpu_source::gpu_source() {
  library_ = bench::nvml_library::open(status_);
  if (!library_) return;
  std::array<char, 96> version{};
  if (library_->call("nvmlSystemGetDriverVersion", version.data(), static_cast<unsigned>(version.size()))) {
    version.back() = '\0';
    driver_ = version.data();
  }
  std::size_t gpus = 0;
  for (auto& device : bench::list_monitored_devices(*library_)) {
    watched one;
    one.labels = labels_of(device);
    if (device.slice.empty()) {
      ++gpus;
      if (device.device.gpu != nullptr) one.reader = bench::make_nvml_reader(library_, device.device);
    }
    one.activity = bench::gpu_activity_reader::open(library_, device);
    one.device = std::move(device);
    devices_.push_back(std::move(one));
  }
  status_ = count_of(gpus, "GPU");
  if (devices_.size() > gpus) status_ += ", " + count_of(devices_.size() - gpus, "MIG slice");
}

bool gpu_source::nvml_answers() const {
  unsigned count = 0;
  return library_ && library_->call("nvmlDeviceGetCount_v2", &count);
}

void gpu_source::read(sample& into) {
  for (auto& one : devices_) read_one(one, into);
}

void gpu_source::read_one(watched& one, sample& into) const {
  bool answers = false;
  if (one.device.device.gpu != nullptr) {
    const auto reading = one.reader ? one.reader->read(false) : bench::gpu_reading();
    const bool state = one.reader && !reading.is_empty();
    // A lost GPU answers old questions from the driver's memory, such as that for its memory's size.
    const bool lost = one.reader && !state;
    const auto counters = lost ? bench::gpu_counters() : bench::read_gpu_counters(*library_, one.device);
    answers = state || says_something(counters);
    if (answers) {
      into.add(gpu_info, with(one.labels, "driver_version", driver_), 1.0);
      add_reading(reading, one.labels, into);
      add_counters(counters, one.labels, into);
      if (one.activity) add_activity(one.activity->read(), one.labels, into);
    }
  }
  into.add(gpu_up, one.labels, answers ? 1.0 : 0.0);
}

void gpu_source::mark_down(sample& into) const {
  for (const auto& one : devices_) into.add(gpu_up, one.labels, 0.0);
}

}  // namespace gpubench::monitoring
