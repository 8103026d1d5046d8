#include "bench/cuda/module/timing_rules.hpp"
#include "bench/cuda/module/watchdog.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

namespace gpubench::cuda {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST(timing_rules, the_flush_is_twice_the_cache_and_never_tiny) {
  EXPECT_EQ(flush_bytes(50.0 * (1 << 20)), std::size_t{100} << 20);
  EXPECT_EQ(flush_bytes(0), std::size_t{1} << 20);
  EXPECT_EQ(flush_bytes(1048585) % 16, 0u);
}

TEST(timing_rules, hot_samples_last_200_us_within_the_launch_queue) {
  EXPECT_EQ(hot_repetitions(1e6), 1);
  EXPECT_EQ(hot_repetitions(200e3), 1);
  EXPECT_EQ(hot_repetitions(10e3), 20);
  EXPECT_EQ(hot_repetitions(3e3), 67);
  EXPECT_EQ(hot_repetitions(1), 256);
  EXPECT_EQ(hot_repetitions(0), 1);
}

TEST(timing_rules, the_clock_is_told_only_over_long_intervals) {
  EXPECT_DOUBLE_EQ(clock_of({1.98e6, 1e6}).value(), 1.98e9);
  EXPECT_FALSE(clock_of({1.98e5, 99e3}).has_value());
  EXPECT_FALSE(clock_of({0, 1e6}).has_value());
  EXPECT_FALSE(clock_of({}).has_value());
}

/// A device that is done, or fails, after a scripted time; the clock moves only by pauses and questions.
struct scripted_device {
  nanoseconds clock{0}, end{0};
  cudaError_t last = cudaSuccess;
  int questions = 0;
  nanoseconds longest_pause{0};

  wait_outcome wait(nanoseconds limit, cudaError_t& status) {
    return wait_until(
        [this] {
          ++questions;
          clock += 1us;
          return clock >= end ? last : cudaErrorNotReady;
        },
        [this] { return clock; },
        [this](nanoseconds pause) {
          longest_pause = std::max(longest_pause, pause);
          clock += pause;
        },
        limit, status);
  }
};

TEST(watchdog, short_work_is_noticed_without_pause) {
  scripted_device device;
  device.end = 300us;
  cudaError_t status = cudaErrorUnknown;
  EXPECT_EQ(device.wait(60s, status), wait_outcome::done);
  EXPECT_EQ(status, cudaSuccess);
  EXPECT_EQ(device.longest_pause, 0ns);
}

TEST(watchdog, long_work_is_asked_about_at_most_a_millisecond_apart) {
  scripted_device device;
  device.end = 2s;
  cudaError_t status = cudaErrorUnknown;
  EXPECT_EQ(device.wait(60s, status), wait_outcome::done);
  EXPECT_LE(device.longest_pause, 1ms);
  EXPECT_LT(device.questions, 20000);
}

TEST(watchdog, work_that_never_ends_is_hung_at_the_limit) {
  scripted_device device;
  device.end = 24h;
  cudaError_t status = cudaSuccess;
  EXPECT_EQ(device.wait(60s, status), wait_outcome::hung);
  EXPECT_GE(device.clock, 60s);
  EXPECT_LT(device.clock, 61s);
}

TEST(watchdog, an_error_ends_the_wait) {
  scripted_device device;
  device.end = 10ms;
  device.last = cudaErrorIllegalAddress;
  cudaError_t status = cudaSuccess;
  EXPECT_EQ(device.wait(60s, status), wait_outcome::failed);
  EXPECT_EQ(status, cudaErrorIllegalAddress);
}

TEST(watchdog, the_limit_can_be_chosen) {
  ::unsetenv("GPUBENCH_WATCHDOG_SECONDS");
  EXPECT_EQ(watchdog_limit(), 60s);
  ::setenv("GPUBENCH_WATCHDOG_SECONDS", "2.5", 1);
  EXPECT_EQ(watchdog_limit(), 2500ms);
  ::setenv("GPUBENCH_WATCHDOG_SECONDS", "nonsense", 1);
  EXPECT_EQ(watchdog_limit(), 60s);
  ::unsetenv("GPUBENCH_WATCHDOG_SECONDS");
}

}  // namespace
}  // namespace gpubench::cuda
