#include "rightsizing/demand.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace gpubench::rightsizing {
namespace {

using models::precision;

constexpr double attainable[] = {0.7, 0.95};
constexpr double remainder_scale[] = {0.9, 1.1};

double ratio(const std::optional<double>& other, const std::optional<double>& present) {
  if (!present || !other || *present <= 0) return 0;
  return *other / *present;
}

/// Without a rate it cannot be done.
double time_at(double seconds, double r) {
  return r > 0 ? seconds / r : std::numeric_limits<double>::infinity();
}

/// The pipes that were seen at work, each as share of its peak over its rate on the other device; and whether tensor
/// cores may have worked unseen.
struct arithmetic {
  double stretched = 0;  ///< largest of activity / r
  double active = 0;     ///< largest activity
};
arithmetic observed_arithmetic(const device_summary& of, const device_rates& present, const device_rates& other) {
  arithmetic found;
  const auto add = [&](const std::optional<double>& active, double r) {
    if (!active || *active <= 0) return;
    found.active = std::max(found.active, *active);
    found.stretched = std::max(found.stretched, time_at(*active, r));
  };
  add(of.tensor_active, ratio(other.tensor_flop_per_second, present.tensor_flop_per_second));
  add(of.fp64_active, ratio(other.fp64_flop_per_second, present.fp64_flop_per_second));
  const double fp32 = ratio(other.fp32_flop_per_second, present.fp32_flop_per_second);
  add(of.fp32_active, fp32);
  add(of.fp16_active, fp32);
  return found;
}

}  // namespace

device_rates rates_of(const predictor::device& on, precision tensor_precision) {
  device_rates rates;
  if (const auto used = predictor::supported_precision(on, tensor_precision, precision::fp32))
    rates.tensor_flop_per_second = on.dense_peak(*used);
  rates.fp64_flop_per_second = on.dense_peak(precision::fp64);
  rates.fp32_flop_per_second = on.dense_peak(precision::fp32);
  rates.bytes_per_second = on.memory_bandwidth_bytes_per_second;
  if (on.gpu != nullptr && on.gpu->multiprocessors && on.gpu->boost_clock_hertz)
    rates.multiprocessor_hertz = *on.gpu->multiprocessors * *on.gpu->boost_clock_hertz * on.share;
  return rates;
}

range time_ratio(const device_summary& of, const device_rates& present, const device_rates& other) {
  const double r_memory = other.bytes_per_second / present.bytes_per_second;
  const double r_tensor = ratio(other.tensor_flop_per_second, present.tensor_flop_per_second);
  const double r_fp64 = ratio(other.fp64_flop_per_second, present.fp64_flop_per_second);
  const double r_sm = ratio(other.multiprocessor_hertz, present.multiprocessor_hertz);
  const double busy = of.busy_time.value_or(1);
  const double active = of.activity && busy > 0 ? std::clamp(of.activity->mean / busy, 0.01, 1.0) : 1.0;
  const auto seen = observed_arithmetic(of, present, other);
  const auto time_on_other = [&](double t_c, double t_c_other, double t_m, double remainder_by, double sm) {
    const double rest = std::max(0.0, active - std::max(t_c, t_m)) * remainder_by;
    const double stretch = r_sm > 0 ? std::max(1.0, sm / r_sm) : 1.0;
    return (std::max(t_c_other, t_m / r_memory) + rest * stretch) / active;
  };
  // What was not observed may be nothing or all of the active time; the FP64 pipe works on active multiprocessors only.
  const double most_fp64 = std::min(active, of.sm_active.value_or(active));
  const auto arithmetic_times = [&](double t_seen, double t_seen_other) {
    std::vector<std::pair<double, double>> times{{t_seen, t_seen_other}};
    if (!of.tensor_active) times.emplace_back(active, time_at(active, r_tensor));
    if (!of.fp64_active && present.fp64_flop_per_second)
      times.emplace_back(std::max(t_seen, most_fp64), std::max(t_seen_other, time_at(most_fp64, r_fp64)));
    return times;
  };
  const auto multiprocessors = of.sm_active ? std::vector<double>{*of.sm_active} : std::vector<double>{0.0, 1.0};
  range result{std::numeric_limits<double>::infinity(), 0, 0};
  for (const double share : attainable)
    for (const double by : remainder_scale) {
      const double t_c_seen = std::min(active, seen.active / share);
      const double scale = seen.active > 0 ? t_c_seen / seen.active : 0;
      for (const auto& [t_c, t_c_other] : arithmetic_times(t_c_seen, seen.stretched * scale)) {
        for (const bool hidden_memory : {false, true}) {
          if (hidden_memory && of.dram_active) continue;
          const double t_m = of.dram_active ? std::min(active, *of.dram_active / share) : hidden_memory ? active : 0;
          for (const double sm : multiprocessors) {
            const double t = time_on_other(t_c, t_c_other, t_m, by, sm);
            result.low = std::min(result.low, t);
            result.high = std::max(result.high, t);
          }
        }
      }
    }
  result.expected = std::sqrt(result.low * result.high);
  return result;
}

}  // namespace gpubench::rightsizing
