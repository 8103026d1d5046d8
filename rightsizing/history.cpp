#include "rightsizing/history.hpp"

#include "core/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

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

/// Whose: "train1, GPU 0".
std::string owner_of(const device_history& device) {
  std::string name = device.host;
  const auto& gpu = device.gpu.empty() ? device.uuid : device.gpu;
  if (!gpu.empty()) name += (name.empty() ? "GPU " : ", GPU ") + gpu;
  if (!device.slice.empty()) name += " " + device.slice;
  return name.empty() ? "the GPU" : name;
}

/// What was noted, and of whom: an exporter with other units is often that of many GPUs.
class noted {
 public:
  void add(const std::string& what, const device_history& of) { devices_[what].push_back(owner_of(of)); }
  std::vector<std::string> sentences() const {
    std::vector<std::string> all;
    for (const auto& [what, of] : devices_)
      all.push_back(fmt::format("{} ({}{})", what, of.front(),
                                of.size() > 1 ? fmt::format(" and {} more", of.size() - 1) : std::string()));
    return all;
  }

 private:
  std::map<std::string, std::vector<std::string>> devices_;
};

/// Of the values above 0, and no more than `most`, those above a limit: a unit is a matter of all of a series, not of
/// one reading.
struct values_above {
  std::size_t positive = 0, above = 0;
  double largest = 0;

  values_above(const series& values, double limit, double most) {
    for (const auto& each : values) {
      if (!(each.value > 0) || each.value > most) continue;
      ++positive;
      if (each.value > limit) ++above;
      largest = std::max(largest, each.value);
    }
  }
  bool are_most() const { return 2 * above > positive; }
  /// One, or a hundredth: those are slips.
  bool are_few() const { return above <= std::max<std::size_t>(1, positive / 100); }
};

bool are_mostly_above(const series& values, double limit, double most) {
  return values_above(values, limit, most).are_most();
}

enum class unit_of_fraction { fraction, per_cent, unknown };

/// A GPU that is seldom busy has most of its per cent below 1, and so has any fraction: what is above decides. Work
/// that is worth the name fills a tenth of a GPU at some time; a fraction's broken readings, as 2.55 for a blank value
/// of 255 %, do not look like that.
unit_of_fraction unit_of(signal of, const series& values) {
  // Made here of counters, or CloudWatch's per cent: above 1 where not every container of a pod has a limit.
  if (of == signal::host_cpu) return unit_of_fraction::fraction;
  constexpr double surely_per_cent = 10;
  const values_above whole(values, whole_with_rounding, most_per_cent);
  if (whole.are_most()) return unit_of_fraction::per_cent;
  if (whole.are_few()) return unit_of_fraction::fraction;
  return whole.largest >= surely_per_cent ? unit_of_fraction::per_cent : unit_of_fraction::unknown;
}

/// Takes out what the signal cannot be; says how much that was.
template <class Possible>
void drop_impossible(device_history& device, signal of, const Possible& is_possible, noted& notes) {
  auto& values = device.signals[of];
  const std::size_t all = values.size();
  std::optional<observation> first;
  std::erase_if(values, [&](const observation& each) {
    if (is_possible(each.value)) return false;
    if (!first) first = each;
    return true;
  });
  if (!first) return;
  const auto at = std::chrono::system_clock::time_point(std::chrono::duration_cast<std::chrono::system_clock::duration>(
      std::chrono::duration<double>(first->at_seconds)));
  notes.add(fmt::format("{}: {} of {} observations left out that it cannot be, the first {} at {}", to_string(of),
                        all - values.size(), all, format_number(first->value), format_utc(at)),
            device);
}

void scale(series& values, double by) {
  for (auto& each : values) each.value *= by;
}

void order(series& values) {
  std::stable_sort(values.begin(), values.end(), [](const observation& a, const observation& b) {
    return a.at_seconds < b.at_seconds || (a.at_seconds == b.at_seconds && a.value > b.value);
  });
  const auto end = std::unique(values.begin(), values.end(),
                               [](const observation& a, const observation& b) { return a.at_seconds == b.at_seconds; });
  values.erase(end, values.end());
}

/// Signals that one exporter writes, and so in one unit.
const std::vector<std::vector<signal>>& fractions_of_one_unit() {
  static const std::vector<std::vector<signal>> families{
      {signal::gpu_utilization},
      {signal::host_cpu},
      {signal::engine_active, signal::sm_active, signal::tensor_active, signal::dram_active, signal::fp64_active,
       signal::fp32_active, signal::fp16_active}};
  return families;
}

void settle_fractions(device_history& device, noted& notes) {
  for (const auto& family : fractions_of_one_unit()) {
    std::vector<signal> present;
    for (const signal of : family)
      if (device.find(of) != nullptr) present.push_back(of);
    const bool is_per_cent = std::any_of(present.begin(), present.end(), [&](signal of) {
      return unit_of(of, *device.find(of)) == unit_of_fraction::per_cent;
    });
    for (const signal of : present) {
      auto& values = device.signals[of];
      if (is_per_cent) {
        scale(values, 0.01);
        notes.add(fmt::format("{}: no fraction, taken for per cent", to_string(of)), device);
      } else if (unit_of(of, values) == unit_of_fraction::unknown) {
        const values_above whole(values, whole_with_rounding, most_per_cent);
        notes.add(
            fmt::format("{}: not used, as its unit cannot be told: {} of {} observations above 0 are above 1, too "
                        "many for slips, and the largest, {}, is too small for per cent",
                        to_string(of), whole.above, whole.positive, format_number(whole.largest)),
            device);
        values.clear();
        continue;
      }
      drop_impossible(
          device, of, [](double value) { return value > -0.01 && value <= whole_with_rounding; }, notes);
      for (auto& each : values) each.value = std::clamp(each.value, 0.0, 1.0);
    }
  }
}

/// Whole per cent are what drivers give; finer ones that never reach two may be fractions under a name of per cent.
/// Means of whole ones are finer too: there the largest readings decide.
void question_low_utilization(const device_history& device, bool are_means, noted& notes) {
  const auto* values = device.find(signal::gpu_utilization);
  if (values == nullptr || !is_low_utilization(*values)) return;
  const auto& readings = are_means ? device.utilization_peaks : *values;
  if (readings.empty() || !is_low_utilization(readings)) return;
  const bool are_whole = std::all_of(readings.begin(), readings.end(), [](const observation& each) {
    return std::abs(100 * each.value - std::round(100 * each.value)) < 0.01;
  });
  if (!are_whole)
    notes.add(
        "gpu_utilization: never above 1 %; if its exporter writes fractions for per cent, it was a hundred times that",
        device);
}

void settle_memory(device_history& device, noted& notes) {
  const auto present = [&] {
    std::vector<signal> all;
    for (const signal of : {signal::memory_used, signal::memory_free, signal::memory_total})
      if (device.find(of) != nullptr) all.push_back(of);
    return all;
  }();
  constexpr double any = std::numeric_limits<double>::infinity();
  double factor = 1;
  if (std::any_of(present.begin(), present.end(),
                  [&](signal of) { return are_mostly_above(*device.find(of), most_memory_bytes, any); })) {
    factor = 1 / mib;
    notes.add("memory: above 4 TiB by its metric's usual unit, taken for bytes", device);
  } else if (const auto* total = device.find(signal::memory_total); total != nullptr &&
                                                                    !are_mostly_above(*total, least_total_bytes, any) &&
                                                                    largest(*total) * mib <= most_memory_bytes) {
    factor = mib;
    notes.add("memory: a total below 64 MiB cannot be bytes: taken for MiB", device);
  }
  for (const signal of : present) {
    scale(device.signals[of], factor);
    drop_impossible(
        device, of, [](double value) { return value >= 0 && value <= most_memory_bytes; }, notes);
  }
  if (const auto* total = device.find(signal::memory_total)) {
    const double most = largest(*total) * whole_with_rounding;
    for (const signal of : {signal::memory_used, signal::memory_free})
      if (device.find(of) != nullptr)
        drop_impossible(
            device, of, [&](double value) { return value <= most; }, notes);
  }
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

bool is_of_host(signal of) {
  return of == signal::host_cpu || of == signal::host_cores_used;
}

bool is_low_utilization(const series& values) {
  constexpr double one_per_cent_with_rounding = 0.0105;
  return std::all_of(values.begin(), values.end(),
                     [&](const observation& each) { return each.value <= one_per_cent_with_rounding; });
}

void settle(history& all) {
  noted notes;
  for (auto& device : all.devices) {
    const auto forget_empty = [&] {
      std::erase_if(device.signals, [](const auto& each) { return each.second.empty(); });
    };
    forget_empty();
    settle_fractions(device, notes);
    settle_memory(device, notes);
    forget_empty();
    for (auto& [of, values] : device.signals) order(values);
    question_low_utilization(device, all.are_means, notes);
    complete_memory(device);
  }
  const auto sentences = notes.sentences();
  all.notes.insert(all.notes.end(), sentences.begin(), sentences.end());
}

}  // namespace gpubench::rightsizing
