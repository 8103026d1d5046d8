#include "capacity/demand_pattern.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>

namespace gpubench::capacity {
namespace {

void require(bool holds, const char* name, double value, const char* range) {
  if (!holds) throw error(error_kind::usage, fmt::format("{} of the demand is {:g}, not {}", name, value, range));
}

void check(const demand_pattern& p) {
  // Written so that a NaN is refused too.
  require(p.mean_units_per_second > 0 && std::isfinite(p.mean_units_per_second), "the mean", p.mean_units_per_second,
          "above 0");
  require(p.daily_swing >= 0 && p.daily_swing <= 1, "the daily swing", p.daily_swing, "from 0 to 1");
  require(p.peak_hour >= 0 && p.peak_hour <= 24, "the peak hour", p.peak_hour, "from 0 to 24");
  require(p.weekend_factor >= 0 && p.weekend_factor <= 10, "the weekend factor", p.weekend_factor, "from 0 to 10");
  require(p.growth_per_month > -1 && p.growth_per_month <= 10, "the growth a month", p.growth_per_month,
          "above -100 % and at most 1000 %");
  require(p.bursts_per_day >= 0 && p.bursts_per_day <= 1440, "the number of bursts a day", p.bursts_per_day,
          "from 0 to 1440");
  require(p.burst_factor >= 1 && p.burst_factor <= 1000, "the burst factor", p.burst_factor, "from 1 to 1000");
  require(p.burst_seconds > 0 && p.burst_seconds <= 86400, "the duration of a burst", p.burst_seconds,
          "above 0 s and at most a day");
  require(p.noise >= 0 && p.noise <= 10, "the noise", p.noise, "from 0 to 10");
}

/// std::mt19937_64 is the same everywhere, the distributions of the standard library are not.
class random_source {
 public:
  explicit random_source(std::uint64_t seed) : engine_(seed) {}

  double uniform() { return (static_cast<double>(engine_() >> 11) + 0.5) * 0x1p-53; }  ///< in (0, 1)
  double exponential(double mean) { return -mean * std::log(uniform()); }
  /// Box and Muller, A note on the generation of random normal deviates (1958).
  double normal() { return std::sqrt(exponential(2)) * std::cos(2 * std::numbers::pi * uniform()); }

 private:
  std::mt19937_64 engine_;
};

void add_bursts(demand_series& demand, const demand_pattern& p, random_source& random) {
  if (p.bursts_per_day == 0 || p.burst_factor == 1) return;
  const double end = static_cast<double>(demand.size()) * step_seconds;
  const double mean_pause = 86400.0 / p.bursts_per_day;
  std::vector<double> extra(demand.size());  // share of the minute within a burst
  double covered = 0;                        // bursts reach up to here
  for (double start = random.exponential(mean_pause); start < end; start += random.exponential(mean_pause)) {
    const double stop = std::min(start + random.exponential(p.burst_seconds), end);
    for (double from = std::max(start, covered); from < stop;) {
      const auto step = static_cast<std::size_t>(from / step_seconds);
      if (step >= demand.size()) break;
      const double until = std::min(stop, static_cast<double>(step + 1) * step_seconds);
      extra[step] += (until - from) / step_seconds;
      from = until;
    }
    covered = std::max(covered, stop);
  }
  for (std::size_t i = 0; i < demand.size(); ++i) demand[i] *= 1 + (p.burst_factor - 1) * extra[i];
}

void add_noise(demand_series& demand, const demand_pattern& p, random_source& random) {
  if (p.noise == 0) return;
  const double variance = std::log(1 + p.noise * p.noise);  // of the logarithm
  for (double& value : demand) value *= std::exp(std::sqrt(variance) * random.normal() - variance / 2);
}

}  // namespace

demand_series generate(const demand_pattern& p, std::size_t steps) {
  check(p);
  std::array<double, steps_per_day> day{};
  for (std::size_t minute = 0; minute < steps_per_day; ++minute) {
    // Each value stands for the middle of its minute.
    const double hour = (static_cast<double>(minute) + 0.5) / static_cast<double>(steps_per_hour);
    day[minute] = 1 + p.daily_swing * std::cos(2 * std::numbers::pi * (hour - p.peak_hour) / 24);
  }
  const double weekday = 7 / (5 + 2 * p.weekend_factor);
  const double growth_per_step = std::pow(1 + p.growth_per_month, 1.0 / static_cast<double>(steps_per_month));
  demand_series demand(steps);
  double growth = 1;
  for (std::size_t i = 0; i < steps; ++i) {
    const bool weekend = i % steps_per_week >= 5 * steps_per_day;
    demand[i] = p.mean_units_per_second * day[i % steps_per_day] * weekday * (weekend ? p.weekend_factor : 1) * growth;
    growth *= growth_per_step;
  }
  random_source random(p.seed);
  add_bursts(demand, p, random);
  add_noise(demand, p, random);
  return demand;
}

}  // namespace gpubench::capacity
