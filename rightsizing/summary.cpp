#include "rightsizing/summary.hpp"

#include "core/statistics.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>
#include <unordered_set>

namespace gpubench::rightsizing {
namespace {

constexpr int hours_a_week = 168;
constexpr double shortest_week_seconds = 2 * 24 * seconds_per_hour;
/// Shorter pauses are not worth a start and a stop. Judgement.
constexpr int shortest_pause_hours = 2;
/// A reservation varies less than this over its mean, and is more than half of the memory. Judgement.
constexpr double steady_variation = 0.02, reserved_from = 0.5;

spread spread_of(const series& values) {
  std::vector<double> sorted;
  sorted.reserve(values.size());
  double sum = 0;
  for (const auto& each : values) {
    sorted.push_back(each.value);
    sum += each.value;
  }
  std::sort(sorted.begin(), sorted.end());
  constexpr double high = 0.95;
  return {sum / static_cast<double>(sorted.size()), sorted_quantile(sorted, high), sorted.back()};
}

/// Steps, numbered from the window's begin, in which the GPU was active.
using step_set = std::unordered_set<long long>;

class summarizer {
 public:
  summarizer(const history& all, const device_history& device) : all_(all), device_(device) {}

  device_summary run() {
    summary_.host = device_.host;
    summary_.gpu = device_.gpu;
    summary_.uuid = device_.uuid;
    summary_.model = device_.model;
    summary_.slice = device_.slice;
    summary_.instance_type = device_.instance_type;
    summary_.owner = device_.owner;
    add_activity();
    add_work();
    add_memory();
    return summary_;
  }

 private:
  long long step_of(double at_seconds) const {
    return std::llround((at_seconds - all_.begin_seconds) / all_.step_seconds);
  }

  void add_activity() {
    const auto* engine = device_.find(signal::engine_active);
    const auto* active = engine != nullptr ? engine : device_.find(signal::gpu_utilization);
    // The answer is made of the activity: what else was seen for longer, the host's CPUs above all, makes it no surer.
    std::size_t observed = active != nullptr ? active->size() : 0;
    if (active == nullptr)
      for (const auto& [of, values] : device_.signals)
        if (!is_of_host(of)) observed = std::max(observed, values.size());
    const double steps = std::max(1.0, (all_.end_seconds - all_.begin_seconds) / all_.step_seconds);
    summary_.covered = std::min(1.0, static_cast<double>(observed) / steps);
    summary_.observed_seconds = static_cast<double>(observed) * all_.step_seconds;
    if (active == nullptr) return;
    summary_.activity_is_engine = engine != nullptr;
    summary_.activity = spread_of(*active);
    series busy;
    for (const auto& each : *active) {
      if (each.value < busy_from) continue;
      busy_.insert(step_of(each.at_seconds));
      busy.push_back(each);
    }
    if (!busy.empty()) summary_.busy_p95 = spread_of(busy).p95;
    summary_.busy_time = static_cast<double>(busy_.size()) / static_cast<double>(active->size());
    add_idle_hours(*active);
  }

  void add_idle_hours(const series& active) {
    if (all_.end_seconds - all_.begin_seconds < shortest_week_seconds) return;
    std::array<double, hours_a_week> sum{};
    std::array<int, hours_a_week> count{};
    for (const auto& each : active) {
      const auto hour =
          static_cast<std::size_t>(std::llround(std::floor(each.at_seconds / seconds_per_hour))) % hours_a_week;
      sum.at(hour) += each.value;
      ++count.at(hour);
    }
    std::array<bool, hours_a_week> idle{};
    int known = 0;
    for (std::size_t hour = 0; hour < hours_a_week; ++hour) {
      if (count.at(hour) == 0) continue;
      ++known;
      idle.at(hour) = sum.at(hour) / count.at(hour) < busy_from;
    }
    if (known == 0) return;
    int off = 0;
    for (std::size_t hour = 0; hour < hours_a_week; ++hour) {
      if (!idle.at(hour)) continue;
      // The week goes round.
      int length = 1;
      for (std::size_t next = 1; next < hours_a_week && idle.at((hour + next) % hours_a_week); ++next) ++length;
      for (std::size_t back = 1;
           back < hours_a_week && length < hours_a_week && idle.at((hour + hours_a_week - back) % hours_a_week); ++back)
        ++length;
      if (length >= shortest_pause_hours) ++off;
    }
    summary_.idle_hours = static_cast<double>(off) / known;
  }

  /// Mean of a signal over the busy steps, over all where it is not known which are busy.
  std::optional<double> while_busy(signal of) const {
    const auto* values = device_.find(of);
    if (values == nullptr) return std::nullopt;
    double sum = 0;
    std::size_t count = 0;
    for (const auto& each : *values) {
      if (!busy_.empty() && busy_.count(step_of(each.at_seconds)) == 0) continue;
      sum += each.value;
      ++count;
    }
    if (count == 0) return std::nullopt;
    return sum / static_cast<double>(count);
  }

  static std::optional<double> larger(std::optional<double> a, std::optional<double> b) {
    return !a ? b : !b ? a : std::max(*a, *b);
  }

  void add_work() {
    summary_.sm_active = while_busy(signal::sm_active);
    summary_.tensor_active = while_busy(signal::tensor_active);
    summary_.dram_active = while_busy(signal::dram_active);
    summary_.fp64_active = while_busy(signal::fp64_active);
    summary_.fp32_active = while_busy(signal::fp32_active);
    summary_.fp16_active = while_busy(signal::fp16_active);
    summary_.host_cpu = while_busy(signal::host_cpu);
    if (const auto* cores = device_.find(signal::host_cores_used)) summary_.host_cores_used_p95 = spread_of(*cores).p95;
    summary_.pcie_bytes_per_second = larger(while_busy(signal::pcie_transmit), while_busy(signal::pcie_receive));
    summary_.nvlink_bytes_per_second = larger(while_busy(signal::nvlink_transmit), while_busy(signal::nvlink_receive));
  }

  void add_memory() {
    if (const auto* total = device_.find(signal::memory_total)) summary_.memory_total_bytes = spread_of(*total).max;
    const auto* used = device_.find(signal::memory_used);
    if (used == nullptr) return;
    const auto seen = spread_of(*used);
    summary_.memory_used_max_bytes = seen.max;
    const double least = std::min_element(used->begin(), used->end(), [](const observation& a, const observation& b) {
                           return a.value < b.value;
                         })->value;
    summary_.memory_is_reserved = summary_.memory_total_bytes &&
                                  seen.mean > reserved_from * *summary_.memory_total_bytes &&
                                  seen.max - least < steady_variation * seen.mean;
  }

  const history& all_;
  const device_history& device_;
  device_summary summary_;
  step_set busy_;
};

}  // namespace

std::vector<device_summary> summarize(const history& all) {
  std::vector<device_summary> summaries;
  summaries.reserve(all.devices.size());
  for (const auto& device : all.devices) summaries.push_back(summarizer(all, device).run());
  std::sort(summaries.begin(), summaries.end(), [](const device_summary& a, const device_summary& b) {
    return std::tie(a.host, a.gpu, a.slice, a.uuid) < std::tie(b.host, b.gpu, b.slice, b.uuid);
  });
  return summaries;
}

double working_time(const std::vector<device_summary>& devices) {
  double most = 0;
  for (const auto& each : devices) most = std::max(most, each.busy_time.value_or(0));
  return most;
}

double idle_hours_of(const std::vector<device_summary>& devices) {
  double least = 1;
  for (const auto& each : devices) least = std::min(least, each.idle_hours.value_or(0));
  return devices.empty() ? 0 : least;
}

std::string observed_time_of(const std::vector<device_summary>& devices) {
  const auto least = std::min_element(devices.begin(), devices.end(), [](const auto& a, const auto& b) {
    return a.observed_seconds < b.observed_seconds;
  });
  return fmt::format("{}, {:.0f} % of the window", format_duration(least->observed_seconds), 100 * least->covered);
}

}  // namespace gpubench::rightsizing
