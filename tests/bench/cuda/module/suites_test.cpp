// What all families together ask of a suite's time: the runner would cut cases, the least important first, but a suite
// that fits is one whose cases are always the same.
#include "bench/cuda/module/benchmark.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace gpubench::cuda {
namespace {

device_properties h200() {
  device_properties result;
  result.name = "NVIDIA H200";
  result.major = 9;
  result.minor = 0;
  result.compute_capability = "9.0";
  result.memory_bytes = 140.0 * std::ldexp(1.0, 30);
  result.l2_bytes = 60.0 * std::ldexp(1.0, 20);
  result.multiprocessors = 132;
  return result;
}

/// Time of all cases of a suite when each samples as shortly as the runner's policy allows.
/// @param sampling_seconds  warm-up and least sampling time of bench/plan.cpp
double least_seconds(gpubench_module_suite suite, double sampling_seconds) {
  const device_properties device = h200();
  double total = 0;
  for (const auto& one : registered_benchmarks()) {
    const auto cases = one->cases(suite, device);
    total += static_cast<double>(cases.size()) * (one->description().overhead_seconds + sampling_seconds);
  }
  return total;
}

TEST(suites, the_quick_suite_fits_in_its_minute) {
  const double seconds = least_seconds(GPUBENCH_MODULE_QUICK, 0.12);
  RecordProperty("seconds", std::to_string(seconds));
  EXPECT_LE(seconds, 60);
}

TEST(suites, the_standard_suite_fits_in_its_five_minutes) {
  const double seconds = least_seconds(GPUBENCH_MODULE_STANDARD, 0.32);
  RecordProperty("seconds", std::to_string(seconds));
  EXPECT_LE(seconds, 300);
}

}  // namespace
}  // namespace gpubench::cuda
