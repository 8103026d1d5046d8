#include "bench/gpu_counters.hpp"

#include "bench/gpu_slices.hpp"

#include <array>
#include <utility>

namespace gpubench::bench {

namespace {

constexpr double joules_per_millijoule = 1e-3;
constexpr double per_cent = 1e-2;

/// nvmlUtilization_t
struct utilization {
  unsigned gpu = 0, memory = 0;
};

/// nvmlMemory_v2_t, which keeps what the driver reserves apart.
struct memory_info_2 {
  unsigned version = sizeof(memory_info_2) | (2U << 24);
  unsigned long long total = 0, reserved = 0, free = 0, used = 0;
};
static_assert(sizeof(memory_info_2) == 40);

constexpr int corrected_errors = 0, uncorrected_errors = 1, since_load = 0;

std::string text_of(const nvml_library& library, const char* function, nvml::device of) {
  std::array<char, 96> text{};
  if (!library.call(function, of, text.data(), static_cast<unsigned>(text.size()))) return {};
  text.back() = '\0';
  return text.data();
}

void read_memory(const nvml_library& library, nvml::device of, gpu_counters& into) {
  memory_info_2 memory;
  if (library.call("nvmlDeviceGetMemoryInfo_v2", of, &memory)) {
    into.memory_total_bytes = static_cast<double>(memory.total);
    into.memory_used_bytes = static_cast<double>(memory.used);
    into.memory_free_bytes = static_cast<double>(memory.free);
    return;
  }
  nvml::memory_info older;
  if (!library.call("nvmlDeviceGetMemoryInfo", of, &older)) return;
  into.memory_total_bytes = static_cast<double>(older.total);
  into.memory_used_bytes = static_cast<double>(older.used);
  into.memory_free_bytes = static_cast<double>(older.free);
}

std::optional<double> processes_of(const nvml_library& library, nvml::device of) {
  constexpr unsigned most = 256;
  std::array<nvml::process_info, most> found{};
  for (const char* name : {"nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2"}) {
    unsigned count = most;
    if (library.call(name, of, &count, found.data())) return count;
  }
  return std::nullopt;
}

/// What belongs to the whole GPU: a slice has none of it.
void read_whole(const nvml_library& library, nvml::device gpu, gpu_counters& into) {
  utilization used;
  if (library.call("nvmlDeviceGetUtilizationRates", gpu, &used)) {
    into.gpu_utilization = used.gpu * per_cent;
    into.memory_utilization = used.memory * per_cent;
  }
  unsigned percent = 0;
  unsigned period_us = 0;
  if (library.call("nvmlDeviceGetEncoderUtilization", gpu, &percent, &period_us))
    into.encoder_utilization = percent * per_cent;
  if (library.call("nvmlDeviceGetDecoderUtilization", gpu, &percent, &period_us))
    into.decoder_utilization = percent * per_cent;
  unsigned long long count = 0;
  if (library.call("nvmlDeviceGetTotalEnergyConsumption", gpu, &count))
    into.energy_joules = static_cast<double>(count) * joules_per_millijoule;
  if (library.call("nvmlDeviceGetTotalEccErrors", gpu, corrected_errors, since_load, &count))
    into.ecc_corrected = static_cast<double>(count);
  if (library.call("nvmlDeviceGetTotalEccErrors", gpu, uncorrected_errors, since_load, &count))
    into.ecc_uncorrected = static_cast<double>(count);
  unsigned corrected = 0, uncorrected = 0, pending = 0, failed = 0;
  if (library.call("nvmlDeviceGetRemappedRows", gpu, &corrected, &uncorrected, &pending, &failed)) {
    into.rows_remapped_corrected = corrected;
    into.rows_remapped_uncorrected = uncorrected;
    into.row_remap_pending = pending != 0;
  }
  unsigned replays = 0;
  if (library.call("nvmlDeviceGetPcieReplayCounter", gpu, &replays)) into.pcie_replays = replays;
}

}  // namespace

std::vector<monitored_device> list_monitored_devices(const nvml_library& library) {
  std::vector<monitored_device> all;
  unsigned count = 0;
  if (!library.call("nvmlDeviceGetCount_v2", &count)) return all;
  for (unsigned index = 0; index < count; ++index) {
    monitored_device whole;
    whole.index = static_cast<int>(index);
    if (!library.call("nvmlDeviceGetHandleByIndex_v2", index, &whole.device.gpu)) whole.device.gpu = nullptr;
    if (whole.device.gpu == nullptr) {
      all.push_back(std::move(whole));
      continue;
    }
    whole.uuid = text_of(library, "nvmlDeviceGetUUID", whole.device.gpu);
    whole.name = text_of(library, "nvmlDeviceGetName", whole.device.gpu);
    all.push_back(whole);
    unsigned slices = 0;
    if (!library.call("nvmlDeviceGetMaxMigDeviceCount", whole.device.gpu, &slices)) continue;
    for (unsigned i = 0; i < slices; ++i) {
      monitored_device part = whole;
      if (!library.call("nvmlDeviceGetMigDeviceHandleByIndex", whole.device.gpu, i, &part.device.slice) ||
          part.device.slice == nullptr)
        continue;
      part.uuid = text_of(library, "nvmlDeviceGetUUID", part.device.slice);
      const auto full = text_of(library, "nvmlDeviceGetName", part.device.slice);
      const auto named = parse_mig_name(full);
      part.slice = named ? named->slice : "unnamed slice";
      unsigned instance = 0;
      if (library.call("nvmlDeviceGetGpuInstanceId", part.device.slice, &instance)) part.gpu_instance = instance;
      all.push_back(std::move(part));
    }
  }
  return all;
}

gpu_counters read_gpu_counters(const nvml_library& library, const monitored_device& from) {
  gpu_counters now;
  if (from.device.gpu == nullptr) return now;
  const bool is_slice = from.device.slice != nullptr;
  read_memory(library, is_slice ? from.device.slice : from.device.gpu, now);
  now.processes = processes_of(library, is_slice ? from.device.slice : from.device.gpu);
  if (!is_slice) read_whole(library, from.device.gpu, now);
  return now;
}

}  // namespace gpubench::bench
