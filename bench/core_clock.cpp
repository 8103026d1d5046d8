#include "bench/core_clock.hpp"

#include "bench/clock.hpp"

#include <algorithm>

namespace gpubench::bench {
namespace {

constexpr int runs_to_wake = 20;
// A fiftieth of a millisecond each, so that some lie between the interruptions of a busy host, which come ten and more
// times a millisecond.
constexpr int short_runs = 24, short_additions = 80'000;
constexpr std::chrono::nanoseconds shortest_gap = std::chrono::milliseconds(5);

}  // namespace

std::optional<double> median_clock_hertz(std::vector<clock_reading> readings) {
  std::sort(readings.begin(), readings.end(),
            [](const clock_reading& a, const clock_reading& b) { return a.hertz < b.hertz; });
  std::chrono::nanoseconds all{0}, below{0};
  for (const auto& one : readings) all += one.lasted;
  for (const auto& one : readings)
    if (2 * (below += one.lasted) >= all) return one.hertz;
  return std::nullopt;
}

core_clock::core_clock() {
  measured_clock_hertz(runs_to_wake);
  start_ = last_ = due_ = steady_now();
}

void core_clock::read() {
  const auto now = measured_clock_hertz(short_runs, short_additions);
  const auto time = steady_now();
  if (now) readings_.push_back({*now, time - last_});
  last_ = time;
  due_ = time + std::max(shortest_gap, (time - start_) / 50);
}

void core_clock::read_when_due() {
  if (steady_now() >= due_) read();
}

}  // namespace gpubench::bench
