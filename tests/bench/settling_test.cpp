#include "bench/settling.hpp"

#include <gtest/gtest.h>

#include "tests/bench/scripted_benchmark.hpp"

namespace gpubench::bench {
namespace {

using nanoseconds = std::chrono::duration<double, std::nano>;

TEST(settling_rule, wants_three_windows_within_one_percent) {
  settling_rule rule;
  EXPECT_FALSE(rule.add(100));
  EXPECT_FALSE(rule.add(100.2));
  EXPECT_TRUE(rule.add(100.9));
}

TEST(settling_rule, a_slow_drift_is_not_settled) {
  settling_rule rule;
  for (double median = 100; median < 200; median *= 1.008) EXPECT_FALSE(rule.add(median)) << median;
  EXPECT_FALSE(rule.add(500));
  EXPECT_FALSE(rule.add(500));
  EXPECT_TRUE(rule.add(500));
}

class soaking : public testing::Test {
 protected:
  /// Every sample takes 100 ms of the clock and reports `time(elapsed seconds)`.
  soak_outcome run(seconds duration, std::function<double(double)> time) {
    const auto start = clock.now;
    const auto sample = [&] {
      clock.advance(seconds(0.1));
      ++samples;
      return nanoseconds(time(seconds(clock.now - start).count()));
    };
    return soak(sample, duration, clock.function(), interrupted);
  }

  scripted_clock clock;
  std::function<bool()> interrupted;
  int samples = 0;
};

TEST_F(soaking, ends_when_the_device_has_settled) {
  // The clock drops after 7 s: the windows of 5 s from 10 s on agree.
  const auto outcome = run(seconds(60), [](double elapsed) { return elapsed < 7 ? 100.0 : 120.0; });
  EXPECT_TRUE(outcome.settled);
  EXPECT_NEAR(outcome.lasted.count(), 20, 0.5);
}

TEST_F(soaking, ends_after_its_time_where_nothing_settles) {
  const auto outcome = run(seconds(30), [](double elapsed) { return 100 + 2 * elapsed; });
  EXPECT_FALSE(outcome.settled);
  EXPECT_NEAR(outcome.lasted.count(), 30, 0.5);
}

TEST_F(soaking, a_short_one_has_shorter_windows) {
  const auto outcome = run(seconds(4), [](double) { return 100.0; });
  EXPECT_TRUE(outcome.settled);
  EXPECT_NEAR(outcome.lasted.count(), 3, 0.3);
}

TEST_F(soaking, can_be_interrupted) {
  interrupted = [this] { return samples >= 5; };
  const auto outcome = run(seconds(30), [](double) { return 100.0; });
  EXPECT_TRUE(outcome.interrupted);
  EXPECT_EQ(samples, 5);
}

}  // namespace
}  // namespace gpubench::bench
