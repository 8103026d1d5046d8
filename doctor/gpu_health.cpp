#include "doctor/gpu_health.hpp"

#include "bench/nvml_library.hpp"

#include <fmt/format.h>

#include <array>

namespace gpubench::doctor {

namespace {

using bench::nvml_library;
namespace nvml = bench::nvml;

constexpr double hertz_per_megahertz = 1e6;

/// nvmlPciInfo_t as version 3 of its function fills it.
struct pci_info {
  char legacy_bus_id[16];
  unsigned domain, bus, device, device_id, subsystem_id;
  char bus_id[32];
};

std::optional<remapped_rows> rows_of(const nvml_library& library, nvml::device gpu) {
  remapped_rows rows;
  unsigned pending = 0, failed = 0;
  if (!library.call("nvmlDeviceGetRemappedRows", gpu, &rows.correctable, &rows.uncorrectable, &pending, &failed))
    return std::nullopt;
  rows.pending = pending != 0;
  rows.failed = failed != 0;
  return rows;
}

std::optional<bool> pending_mode(const nvml_library& library, nvml::device gpu, const char* function) {
  unsigned current = 0, pending = 0;
  if (!library.call(function, gpu, &current, &pending)) return std::nullopt;
  return pending != 0;
}

std::optional<double> application_clock(const nvml_library& library, nvml::device gpu, int which) {
  unsigned megahertz = 0;
  if (!library.call("nvmlDeviceGetClock", gpu, nvml::clock_sm, which, &megahertz) || megahertz == 0)
    return std::nullopt;
  return megahertz * hertz_per_megahertz;
}

std::optional<std::uint64_t> clock_reasons_of(const nvml_library& library, nvml::device gpu) {
  unsigned long long mask = 0;
  for (const char* name : {"nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"}) {
    if (library.call(name, gpu, &mask)) return mask;
  }
  return std::nullopt;
}

std::optional<std::string> compute_mode_of(const nvml_library& library, nvml::device gpu) {
  int mode = 0;
  if (!library.call("nvmlDeviceGetComputeMode", gpu, &mode)) return std::nullopt;
  return mode == 0 ? "default" : mode == 2 ? "prohibited" : "exclusive";
}

std::vector<nvlink_state> links_of(const nvml_library& library, nvml::device gpu) {
  constexpr unsigned most_links = 18;  // NVML_NVLINK_MAX_LINKS
  enum error_counter : int { replay = 0, recovery = 1, crc_flit = 2 };
  std::vector<nvlink_state> links;
  for (unsigned link = 0; link < most_links; ++link) {
    int active = 0;
    if (!library.call("nvmlDeviceGetNvLinkState", gpu, link, &active)) break;
    const auto counter = [&](error_counter which) -> std::optional<std::uint64_t> {
      unsigned long long value = 0;
      if (!library.call("nvmlDeviceGetNvLinkErrorCounter", gpu, link, which, &value)) return std::nullopt;
      return value;
    };
    links.push_back({static_cast<int>(link), active != 0, counter(replay), counter(recovery), counter(crc_flit)});
  }
  return links;
}

gpu_health health_of(const nvml_library& library, nvml::device gpu, int index) {
  gpu_health found;
  found.index = index;
  pci_info pci{};
  if (library.call("nvmlDeviceGetPciInfo_v3", gpu, &pci))
    found.pci_address = fmt::format("{:04x}:{:02x}:{:02x}.0", pci.domain, pci.bus, pci.device);
  found.rows = rows_of(library, gpu);
  unsigned pending = 0;
  if (library.call("nvmlDeviceGetRetiredPagesPendingStatus", gpu, &pending))
    found.page_retirement_pending = pending != 0;
  unsigned long long errors = 0;
  constexpr int uncorrected = 1, since_the_driver_was_loaded = 0;
  if (library.call("nvmlDeviceGetTotalEccErrors", gpu, uncorrected, since_the_driver_was_loaded, &errors))
    found.uncorrected_errors = errors;
  found.ecc_pending = pending_mode(library, gpu, "nvmlDeviceGetEccMode");
  found.mig_pending = pending_mode(library, gpu, "nvmlDeviceGetMigMode");
  constexpr int target = 1, default_target = 2;  // NVML_CLOCK_ID_APP_CLOCK_TARGET, ..._DEFAULT
  found.application_clock_hertz = application_clock(library, gpu, target);
  found.default_application_clock_hertz = application_clock(library, gpu, default_target);
  found.clock_reasons = clock_reasons_of(library, gpu);
  unsigned generation = 0;
  if (library.call("nvmlDeviceGetGpuMaxPcieLinkGeneration", gpu, &generation) && generation > 0)
    found.own_pcie_generation = static_cast<int>(generation);
  found.compute_mode = compute_mode_of(library, gpu);
  found.links = links_of(library, gpu);
  return found;
}

std::string reason_of(nvml::result status) {
  switch (status) {
    case nvml::no_permission:
      return "no permission";
    case nvml::gpu_is_lost:
      return "lost";
    default:
      return fmt::format("error {}", status);
  }
}

}  // namespace

gpu_health_report read_gpu_health() {
  gpu_health_report report;
  const auto library = nvml_library::open(report.status);
  if (!library) return report;
  int cuda = 0;
  if (library->call("nvmlSystemGetCudaDriverVersion_v2", &cuda))
    report.cuda_version = fmt::format("{}.{}", cuda / 1000, cuda % 1000 / 10);
  unsigned count = 0;
  if (!library->call("nvmlDeviceGetCount_v2", &count)) {
    report.status = "NVML cannot count the GPUs";
    return report;
  }
  report.counted = static_cast<int>(count);
  for (unsigned i = 0; i < count; ++i) {
    nvml::device gpu = nullptr;
    const int index = static_cast<int>(i);
    if (const auto status = library->status("nvmlDeviceGetHandleByIndex_v2", i, &gpu); status != nvml::success) {
      report.closed.push_back({index, reason_of(status)});
      continue;
    }
    report.gpus.push_back(health_of(*library, gpu, index));
  }
  return report;
}

}  // namespace gpubench::doctor
