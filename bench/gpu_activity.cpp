#include "bench/gpu_activity.hpp"

#include "core/units.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <utility>

namespace gpubench::bench {

namespace {

/// nvmlGpmMetric_t
struct gpm_metric {
  unsigned id = 0;
  nvml::result status = nvml::success;
  double value = 0;
  std::array<const char*, 3> names{};
};
static_assert(sizeof(gpm_metric) == 40);

/// One figure: its number in NVML (nvmlGpmMetricId_t), the unit in which it comes, and where it goes.
struct wanted {
  unsigned id;
  double unit;
  std::optional<double> gpu_activity::*into;
};
constexpr double per_cent = 1e-2;
constexpr wanted figures[] = {{1, per_cent, &gpu_activity::graphics_engine},
                              {2, per_cent, &gpu_activity::sm},
                              {3, per_cent, &gpu_activity::sm_occupancy},
                              {5, per_cent, &gpu_activity::tensor},
                              {10, per_cent, &gpu_activity::dram},
                              {11, per_cent, &gpu_activity::fp64},
                              {12, per_cent, &gpu_activity::fp32},
                              {13, per_cent, &gpu_activity::fp16},
                              {20, mib, &gpu_activity::pcie_transmit_bytes_per_second},
                              {21, mib, &gpu_activity::pcie_receive_bytes_per_second},
                              {60, mib, &gpu_activity::nvlink_receive_bytes_per_second},
                              {61, mib, &gpu_activity::nvlink_transmit_bytes_per_second}};

/// nvmlGpmMetricsGet_t; only the first `count` metrics are read, of as many as the newest header has room for.
struct gpm_question {
  unsigned version = 1;
  unsigned count = 0;
  void* before = nullptr;
  void* now = nullptr;
  std::array<gpm_metric, 333> metrics{};
};

struct gpm_support {
  unsigned version = 1;
  unsigned is_supported = 0;
};

}  // namespace

std::unique_ptr<gpu_activity_reader> gpu_activity_reader::open(std::shared_ptr<const nvml_library> library,
                                                               const monitored_device& from) {
  gpm_support support;
  if (from.device.gpu == nullptr || !library->call("nvmlGpmQueryDeviceSupport", from.device.gpu, &support) ||
      support.is_supported == 0)
    return nullptr;
  if (from.device.slice != nullptr && !from.gpu_instance) return nullptr;
  std::unique_ptr<gpu_activity_reader> reader(new gpu_activity_reader(std::move(library), from));
  if (!reader->library_->call("nvmlGpmSampleAlloc", &reader->before_) ||
      !reader->library_->call("nvmlGpmSampleAlloc", &reader->now_))
    return nullptr;
  return reader;
}

gpu_activity_reader::~gpu_activity_reader() {
  for (const sample each : {before_, now_})
    if (each != nullptr) library_->call("nvmlGpmSampleFree", each);
}

gpu_activity gpu_activity_reader::read() {
  gpu_activity seen;
  const bool taken = device_.device.slice != nullptr
                         ? library_->call("nvmlGpmMigSampleGet", device_.device.gpu, *device_.gpu_instance, now_)
                         : library_->call("nvmlGpmSampleGet", device_.device.gpu, now_);
  if (taken && has_before_) {
    gpm_question question;
    question.before = before_;
    question.now = now_;
    for (const auto& figure : figures) question.metrics.at(question.count++).id = figure.id;
    if (library_->call("nvmlGpmMetricsGet", &question)) {
      for (std::size_t i = 0; i < std::size(figures); ++i) {
        const auto& answer = question.metrics.at(i);
        if (answer.status == nvml::success && std::isfinite(answer.value) && answer.value >= 0)
          seen.*figures[i].into = answer.value * figures[i].unit;
      }
    }
  }
  has_before_ = taken;
  if (taken) std::swap(before_, now_);
  return seen;
}

}  // namespace gpubench::bench
