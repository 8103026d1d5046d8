#include "bench/gpu_readings.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

namespace gpubench::bench {

namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds longest_reach{100'000'000};

/// The time that a reading speaks for.
struct span_of_time {
  nanoseconds begin, end;
  bool meets(nanoseconds from, nanoseconds to) const { return begin <= to && from <= end; }
};

span_of_time span_of(const std::vector<gpu_reading>& readings, std::size_t i) {
  const nanoseconds at = readings[i].at;
  span_of_time span{at - longest_reach, at + longest_reach};
  if (i > 0) span.begin = std::max(span.begin, (readings[i - 1].at + at) / 2);
  if (i + 1 < readings.size()) span.end = std::min(span.end, (at + readings[i + 1].at) / 2);
  return span;
}

std::optional<double> median(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The readings that speak for some of the time from the first sample to the last, of all GPUs or of one.
class readings_in_time {
 public:
  readings_in_time(const gpu_history& gpu, const timed_window& timed) {
    for (std::size_t i = 0; i < gpu.readings.size(); ++i) {
      if (span_of(gpu.readings, i).meets(timed.samples.front().begin, timed.samples.back().end))
        chosen_.push_back(&gpu.readings[i]);
    }
  }

  template <class Value>
  std::vector<double> values(std::optional<Value> gpu_reading::*member) const {
    std::vector<double> known;
    for (const auto* reading : chosen_) {
      if (reading->*member) known.push_back(static_cast<double>(*(reading->*member)));
    }
    return known;
  }

  std::optional<double> mean(std::optional<double> gpu_reading::*member) const {
    const auto known = values(member);
    if (known.empty()) return std::nullopt;
    return std::accumulate(known.begin(), known.end(), 0.0) / static_cast<double>(known.size());
  }

 private:
  std::vector<const gpu_reading*> chosen_;
};

template <class Value>
std::vector<double> values_of_all(const std::vector<readings_in_time>& gpus,
                                  std::optional<Value> gpu_reading::*member) {
  std::vector<double> all;
  for (const auto& gpu : gpus) {
    const auto values = gpu.values(member);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

std::optional<double> largest(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  return *std::max_element(values.begin(), values.end());
}

std::optional<int> whole(const std::optional<double>& value) {
  return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

/// Of all GPUs together; nothing where one of them does not tell.
std::optional<double> total(const std::vector<readings_in_time>& gpus, std::optional<double> gpu_reading::*member) {
  double sum = 0;
  for (const auto& gpu : gpus) {
    const auto mean = gpu.mean(member);
    if (!mean) return std::nullopt;
    sum += *mean;
  }
  return sum;
}

void add_state(results::measurement& m, const std::vector<readings_in_time>& gpus) {
  auto& t = m.telemetry;
  // The multiprocessors' own counters are nearer to the work than what the driver says.
  if (!t.clock_hertz) t.clock_hertz = median(values_of_all(gpus, &gpu_reading::sm_clock_hertz));
  t.memory_clock_hertz = median(values_of_all(gpus, &gpu_reading::memory_clock_hertz));
  t.power_watts = total(gpus, &gpu_reading::power_watts);
  t.power_limit_watts = total(gpus, &gpu_reading::power_limit_watts);
  t.temperature_celsius = largest(values_of_all(gpus, &gpu_reading::temperature_celsius));
  t.memory_temperature_celsius = largest(values_of_all(gpus, &gpu_reading::memory_temperature_celsius));
  t.pcie_generation = whole(median(values_of_all(gpus, &gpu_reading::pcie_generation)));
  t.pcie_width = whole(median(values_of_all(gpus, &gpu_reading::pcie_width)));
  if (t.power_watts) {
    const double seconds = std::accumulate(m.samples_ns.begin(), m.samples_ns.end(), 0.0) * 1e-9;
    t.energy_joules = *t.power_watts * seconds;
  }
}

/// The process list is asked for seldom, so whatever was seen counts, also just before and after.
void add_other_processes(results::measurement& m, const std::vector<gpu_history>& gpus) {
  std::optional<int> most;
  for (const auto& gpu : gpus) {
    for (const auto& reading : gpu.readings) {
      if (reading.other_processes) most = std::max(most.value_or(0), *reading.other_processes);
    }
  }
  m.telemetry.other_processes = most;
  if (most.value_or(0) > 0) {
    m.warnings.push_back(fmt::format("{} other process{} had the GPU open meanwhile: the figure may be too low", *most,
                                     *most == 1 ? "" : "es"));
  }
}

std::set<std::string> reasons_during(const gpu_history& gpu, const sample_window& sample) {
  std::set<std::string> reasons;
  for (std::size_t i = 0; i < gpu.readings.size(); ++i) {
    const auto& reading = gpu.readings[i];
    if (!reading.clock_reasons || !span_of(gpu.readings, i).meets(sample.begin, sample.end)) continue;
    for (auto& name : slowdown_names(*reading.clock_reasons)) reasons.insert(std::move(name));
  }
  return reasons;
}

std::set<std::string> classify(const std::vector<gpu_history>& gpus, const sample_window& sample) {
  const auto& maximum = gpus.front().max_sm_clock_hertz;
  // Not a number where it is not known: then no comparison holds.
  const double clock = sample.clock_hertz && maximum ? *sample.clock_hertz / *maximum : std::nan("");
  // The clock was the first GPU's; of several, another may have been slowed.
  if (gpus.size() == 1 && clock >= full_clock_fraction) return {};
  std::set<std::string> reasons;
  for (const auto& gpu : gpus) reasons.merge(reasons_during(gpu, sample));
  if (reasons.empty() && clock < low_clock_fraction) reasons.insert(low_clock_class);
  return reasons;
}

/// From the first work to the first reading that names a slowdown.
std::optional<double> seconds_to_throttle(const std::vector<gpu_history>& gpus, nanoseconds first_work) {
  std::optional<double> first;
  for (const auto& gpu : gpus) {
    for (const auto& reading : gpu.readings) {
      if (reading.at < first_work || !reading.clock_reasons || slowdown_names(*reading.clock_reasons).empty()) continue;
      const double after = std::chrono::duration<double>(reading.at - first_work).count();
      first = std::min(first.value_or(after), after);
      break;
    }
  }
  return first;
}

void add_throttling(results::measurement& m, const std::vector<gpu_history>& gpus, const timed_window& timed) {
  auto& t = m.telemetry;
  t.throttled_samples.emplace();
  for (std::size_t i = 0; i < timed.samples.size(); ++i) {
    const auto reasons = classify(gpus, timed.samples[i]);
    if (!reasons.empty()) t.throttled_samples->push_back(i);
    for (const auto& reason : reasons) ++t.samples_by_throttle[reason];
  }
  t.seconds_to_throttle = seconds_to_throttle(gpus, timed.first_work);
  for (const auto& [reason, count] : t.samples_by_throttle) t.throttle_reasons.push_back(reason);
  if (!t.throttled_samples->empty()) {
    m.warnings.push_back(fmt::format("{} of {} samples ran under: {}", t.throttled_samples->size(),
                                     timed.samples.size(), join(t.throttle_reasons, ", ")));
  }
}

/// Whether the reasons of the clock are known at all over the samples: else nobody can say what was not throttled.
bool tells_reasons(const std::vector<readings_in_time>& gpus) {
  return std::none_of(gpus.begin(), gpus.end(),
                      [](const auto& gpu) { return gpu.values(&gpu_reading::clock_reasons).empty(); });
}

}  // namespace

std::vector<std::string> slowdown_names(std::uint64_t reasons) {
  using namespace clock_reason;
  static constexpr std::pair<std::uint64_t, const char*> names[] = {
      {sw_power_cap, "sw_power_cap"},
      {sync_boost, "sync_boost"},
      {sw_thermal_slowdown, "sw_thermal_slowdown"},
      {hw_thermal_slowdown, "hw_thermal_slowdown"},
      {hw_power_brake_slowdown, "hw_power_brake_slowdown"}};
  std::vector<std::string> found;
  for (const auto& [bit, name] : names) {
    if ((reasons & bit) != 0) found.emplace_back(name);
  }
  const bool said_more_exactly = (reasons & (hw_thermal_slowdown | hw_power_brake_slowdown)) != 0;
  if ((reasons & hw_slowdown) != 0 && !said_more_exactly) found.emplace_back("hw_slowdown");
  return found;
}

bool gpu_reading::is_empty() const {
  return !sm_clock_hertz && !memory_clock_hertz && !power_watts && !temperature_celsius && !clock_reasons;
}

std::optional<int> other_processes(const std::vector<unsigned>& listed) {
  if (listed.empty()) return std::nullopt;
  const std::set<unsigned> distinct(listed.begin(), listed.end());
  return static_cast<int>(distinct.size()) - 1;
}

void add_gpu_history(results::measurement& m, const std::vector<gpu_history>& gpus, const timed_window& timed) {
  if (gpus.empty()) return;
  add_other_processes(m, gpus);
  if (timed.samples.empty()) return;
  std::vector<readings_in_time> in_time;
  in_time.reserve(gpus.size());
  for (const auto& gpu : gpus) in_time.emplace_back(gpu, timed);
  add_state(m, in_time);
  const bool clocks_known = gpus.front().max_sm_clock_hertz &&
                            std::any_of(timed.samples.begin(), timed.samples.end(),
                                        [](const sample_window& sample) { return sample.clock_hertz.has_value(); });
  if (tells_reasons(in_time) || clocks_known) add_throttling(m, gpus, timed);
}

}  // namespace gpubench::bench
