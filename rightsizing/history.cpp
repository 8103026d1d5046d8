#include "rightsizing/history.hpp"

#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

namespace gpubench::rightsizing {
namespace {

/// Averages of rounded figures, and counters read a little apart, can lie slightly above the whole.
constexpr double whole_with_rounding = 1.05;
constexpr double most_per_cent = 100.5;
/// No GPU has so much memory, none so little: between them the unit that a name says is believed.
constexpr double most_memory_bytes = 4096 * gib;
constexpr double least_total_bytes = 64 * mib;

double largest(const series& values) {
  return std::max_element(values.begin(), values.end(),
                          [](const observation& a, const observation& b) { return a.value < b.value; })
      ->value;
}

void scale(series& values, double by) {
  for (auto& each : values) each.value *= by;
}

bool is_memory(signal of) {
  return of == signal::memory_used || of == signal::memory_free || of == signal::memory_total;
}

void order(series& values) {
  std::stable_sort(values.begin(), values.end(), [](const observation& a, const observation& b) {
    return a.at_seconds < b.at_seconds || (a.at_seconds == b.at_seconds && a.value > b.value);
  });
  const auto end = std::unique(values.begin(), values.end(),
                               [](const observation& a, const observation& b) { return a.at_seconds == b.at_seconds; });
  values.erase(end, values.end());
}

/// @return false where the values can be no fraction.
bool settle_fraction(series& values, signal of, std::set<std::string>& notes) {
  const double most = largest(values);
  const bool has_negative =
      std::any_of(values.begin(), values.end(), [](const observation& each) { return each.value < -0.01; });
  if (has_negative) {
    notes.insert(
        fmt::format("{}: values below 0 are neither a fraction nor a percentage; it was not used", to_string(of)));
    return false;
  }
  if (most > whole_with_rounding) {
    if (most > most_per_cent) {
      notes.insert(fmt::format("{}: values up to {} are neither a fraction nor a percentage; it was not used",
                               to_string(of), format_number(most)));
      return false;
    }
    scale(values, 0.01);
    notes.insert(
        fmt::format("{}: values up to {} are no fraction: taken for per cent", to_string(of), format_number(most)));
  }
  for (auto& each : values) each.value = std::clamp(each.value, 0.0, 1.0);
  return true;
}

void settle_memory(device_history& device, std::set<std::string>& notes) {
  const auto* total = device.find(signal::memory_total);
  double most = 0;
  for (const signal of : {signal::memory_used, signal::memory_free, signal::memory_total})
    if (const auto* values = device.find(of)) most = std::max(most, largest(*values));
  double factor = 1;
  if (most > most_memory_bytes) {
    factor = 1 / mib;
    notes.insert("memory: values that would be above 4 TiB were taken for bytes, whatever the metric's usual unit");
  } else if (total && largest(*total) < least_total_bytes) {
    factor = mib;
    notes.insert("memory: a total below 64 MiB cannot be bytes: taken for MiB");
  }
  if (factor == 1) return;
  for (auto& [of, values] : device.signals)
    if (is_memory(of)) scale(values, factor);
}

/// A total is what is used and free together, where no metric says it.
void complete_memory(device_history& device) {
  if (device.find(signal::memory_total) != nullptr) return;
  const auto* used = device.find(signal::memory_used);
  const auto* unused = device.find(signal::memory_free);
  if (used == nullptr || unused == nullptr) return;
  series total;
  auto other = unused->begin();
  for (const auto& each : *used) {
    while (other != unused->end() && other->at_seconds < each.at_seconds) ++other;
    if (other == unused->end()) break;
    if (other->at_seconds == each.at_seconds) total.push_back({each.at_seconds, each.value + other->value});
  }
  // Read a moment apart, or each the largest of its step, the sum of the two varies: its smallest value is nearest.
  if (total.empty()) return;
  const double least = std::min_element(total.begin(), total.end(), [](const observation& a, const observation& b) {
                         return a.value < b.value;
                       })->value;
  for (auto& each : total) each.value = least;
  device.signals[signal::memory_total] = std::move(total);
}

}  // namespace

std::string_view to_string(signal of) {
  switch (of) {
    case signal::gpu_utilization:
      return "gpu_utilization";
    case signal::engine_active:
      return "engine_active";
    case signal::sm_active:
      return "sm_active";
    case signal::tensor_active:
      return "tensor_active";
    case signal::dram_active:
      return "dram_active";
    case signal::fp64_active:
      return "fp64_active";
    case signal::fp32_active:
      return "fp32_active";
    case signal::fp16_active:
      return "fp16_active";
    case signal::memory_used:
      return "memory_used";
    case signal::memory_free:
      return "memory_free";
    case signal::memory_total:
      return "memory_total";
    case signal::pcie_transmit:
      return "pcie_transmit";
    case signal::pcie_receive:
      return "pcie_receive";
    case signal::nvlink_transmit:
      return "nvlink_transmit";
    case signal::nvlink_receive:
      return "nvlink_receive";
    case signal::host_cpu:
      return "host_cpu";
    case signal::host_cores_used:
      return "host_cores_used";
  }
  return "";
}

bool is_fraction(signal of) {
  switch (of) {
    case signal::gpu_utilization:
    case signal::engine_active:
    case signal::sm_active:
    case signal::tensor_active:
    case signal::dram_active:
    case signal::fp64_active:
    case signal::fp32_active:
    case signal::fp16_active:
    case signal::host_cpu:
      return true;
    default:
      return false;
  }
}

void settle(history& all) {
  std::set<std::string> notes;
  for (auto& device : all.devices) {
    std::erase_if(device.signals, [](const auto& each) { return each.second.empty(); });
    for (auto& [of, values] : device.signals) order(values);
    for (auto at = device.signals.begin(); at != device.signals.end();) {
      const bool usable = !is_fraction(at->first) || settle_fraction(at->second, at->first, notes);
      at = usable ? std::next(at) : device.signals.erase(at);
    }
    settle_memory(device, notes);
    complete_memory(device);
  }
  all.notes.insert(all.notes.end(), notes.begin(), notes.end());
}

}  // namespace gpubench::rightsizing
