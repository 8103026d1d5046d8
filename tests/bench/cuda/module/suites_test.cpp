// What all families together ask of a suite's time: the runner would cut cases, the least important first, but a suite
// that fits is one whose cases are always the same.
#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/failure.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>

#include "described.hpp"

namespace gpubench::cuda {
namespace {

device_properties h200() {
  return described_device(9, 0, 140, 60, 132);
}

struct suite_needs {
  double seconds = 0;
  std::string table;  ///< each benchmark's cases and time, the dearest first
};

/// Whether a case would run on one such GPU. Where there is no driver, asking for machine code fails after all other
/// reasons have been gone through.
bool would_run(const benchmark& one, const parameters& values, const device_properties& device) {
  try {
    return !one.unavailable(values, device);
  } catch (const failure&) {
    return true;
  }
}

/// Time of all cases of a suite, of applications or of all but these, when each samples as shortly as the runner's
/// policy allows.
/// @param sampling_seconds  warm-up and least sampling time of bench/plan.cpp
/// @param applications      those of the suite apps, which is asked for as the standard one, and of no other
suite_needs needs_of(gpubench_module_suite suite, double sampling_seconds, bool applications = false) {
  const device_properties device = h200();
  std::multimap<double, std::string, std::greater<>> lines;
  suite_needs result;
  for (const auto& one : registered_benchmarks()) {
    if (one->is_application() != applications) continue;
    const auto described = one->description();
    const auto all = one->cases(suite, device);
    const auto cases = std::count_if(all.begin(), all.end(),
                                     [&](const parameters& values) { return would_run(*one, values, device); });
    const double seconds = static_cast<double>(cases) * (described.overhead_seconds + sampling_seconds);
    result.seconds += seconds;
    if (cases > 0) lines.emplace(seconds, std::string(described.name) + ": " + std::to_string(cases) + " cases");
  }
  for (const auto& [seconds, line] : lines) result.table += std::to_string(seconds) + " s  " + line + '\n';
  return result;
}

TEST(suites, the_quick_suite_fits_in_its_minute) {
  const auto needs = needs_of(GPUBENCH_MODULE_QUICK, 0.12);
  EXPECT_LE(needs.seconds, 60) << needs.table;
}

TEST(suites, the_standard_suite_fits_in_its_five_minutes) {
  const auto needs = needs_of(GPUBENCH_MODULE_STANDARD, 0.32);
  EXPECT_LE(needs.seconds, 300) << needs.table;
}

TEST(suites, the_applications_fit_in_their_five_minutes) {
  const auto needs = needs_of(GPUBENCH_MODULE_STANDARD, 0.32, true);
  EXPECT_GT(needs.seconds, 0);
  EXPECT_LE(needs.seconds, 300) << needs.table;
}

}  // namespace
}  // namespace gpubench::cuda
