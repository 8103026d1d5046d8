#include "bench/sampler.hpp"

#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace gpubench::bench {
namespace {

using results::stop_reason;
using testing::ElementsAre;
using testing::HasSubstr;
using milliseconds = std::chrono::duration<double, std::milli>;

/// A benchmark whose n-th sample takes the time that a script says, on a clock that only samples move.
class scripted {
 public:
  explicit scripted(std::function<double(int)> milliseconds_of) : milliseconds_of_(std::move(milliseconds_of)) {}

  sampling_result run(const sampling_policy& policy, std::function<bool()> interrupted = {}) {
    const clock_function clock = [this] { return now_; };
    const std::function<std::chrono::duration<double, std::nano>()> sample = [this] {
      const std::chrono::duration<double, std::nano> took = milliseconds(milliseconds_of_(taken_++));
      if (std::isfinite(took.count())) now_ += std::chrono::duration_cast<std::chrono::nanoseconds>(took);
      return took;
    };
    return take_samples(sample, policy, clock, interrupted);
  }

  int taken() const { return taken_; }
  std::chrono::nanoseconds now() const { return now_; }

 private:
  std::function<double(int)> milliseconds_of_;
  std::chrono::nanoseconds now_{1};
  int taken_ = 0;
};

sampling_policy policy() {
  sampling_policy p;
  p.warmup_time = seconds(0.02);
  p.min_time = seconds(0.1);
  p.time_limit = seconds(2);
  return p;
}

TEST(sampler, converges_on_a_steady_benchmark_after_the_minimum_time) {
  scripted steady([](int) { return 5.0; });
  const auto result = steady.run(policy());
  EXPECT_EQ(result.stopped_by, stop_reason::converged);
  EXPECT_EQ(result.samples_ns.size(), 20U);  // 20 x 5 ms is the minimum time of 100 ms
  EXPECT_EQ(steady.taken(), 24);             // 4 more warmed up for 20 ms
  EXPECT_TRUE(result.warnings.empty());
}

TEST(sampler, takes_the_minimum_number_of_long_samples) {
  scripted steady([](int) { return 50.0; });
  const auto result = steady.run(policy());
  EXPECT_EQ(result.stopped_by, stop_reason::converged);
  EXPECT_EQ(result.samples_ns.size(), 10U);
  EXPECT_EQ(steady.taken(), 11);
}

TEST(sampler, leaves_the_warm_up_out) {
  scripted first_is_slow([](int n) { return n == 0 ? 30.0 : 20.0; });
  const auto result = first_is_slow.run(policy());
  EXPECT_EQ(result.samples_ns, std::vector<double>(10, 20e6));
}

TEST(sampler, stops_when_noise_that_drifts_no_longer_narrows_the_interval) {
  // Plateaus that grow with n: the interval stays as wide however long one samples.
  scripted drifting([](int n) { return 1.0 + 0.2 * static_cast<double>(n % 2); });
  auto p = policy();
  p.time_limit = seconds(100);
  const auto result = drifting.run(p);
  EXPECT_EQ(result.stopped_by, stop_reason::noise_settled);
  ASSERT_FALSE(result.warnings.empty());
  EXPECT_THAT(result.warnings.back(), HasSubstr("the goal is ±0.5 %"));
}

TEST(sampler, stops_at_the_time_limit_without_overdrawing_it) {
  // Spread evenly over 9..11 ms without order, so that the interval narrows but slowly.
  scripted noisy([](int n) { return 9.0 + 2.0 * std::fmod(n * 0.6180339887, 1.0); });
  auto p = policy();
  p.time_limit = seconds(0.3);
  const auto result = noisy.run(p);
  EXPECT_EQ(result.stopped_by, stop_reason::time_limit);
  EXPECT_LE(noisy.now(), std::chrono::milliseconds(301));
  EXPECT_GT(result.samples_ns.size(), 20U);
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("the median is known to ±")));
}

TEST(sampler, names_each_minimum_that_the_time_limit_left_unmet) {
  scripted slow([](int) { return 400.0; });
  const auto result = slow.run(policy());
  EXPECT_EQ(result.stopped_by, stop_reason::time_limit);
  EXPECT_EQ(result.samples_ns.size(), 4U);
  EXPECT_THAT(result.warnings,
              ElementsAre("4 of at least 10 samples taken", "too few samples (4) for a 95 % interval of the median"));
}

TEST(sampler, keeps_the_warm_up_sample_when_there_is_time_for_no_other) {
  scripted very_slow([](int) { return 1500.0; });
  const auto result = very_slow.run(policy());
  EXPECT_EQ(result.stopped_by, stop_reason::time_limit);
  EXPECT_THAT(result.samples_ns, ElementsAre(1.5e9));
  EXPECT_EQ(very_slow.taken(), 1);
  EXPECT_THAT(result.warnings.front(), HasSubstr("the warm-up sample is kept"));
}

TEST(sampler, stops_at_the_sample_limit) {
  scripted noisy([](int n) { return 9.0 + 2.0 * std::fmod(n * 0.6180339887, 1.0); });
  auto p = policy();
  p.max_samples = 15;
  const auto result = noisy.run(p);
  EXPECT_EQ(result.stopped_by, stop_reason::sample_limit);
  EXPECT_EQ(result.samples_ns.size(), 15U);
}

TEST(sampler, keeps_the_samples_of_an_interrupted_case) {
  scripted steady([](int) { return 50.0; });
  const auto result = steady.run(policy(), [&] { return steady.taken() >= 4; });
  EXPECT_EQ(result.stopped_by, stop_reason::interrupted);
  EXPECT_EQ(result.samples_ns.size(), 3U);
  EXPECT_EQ(result.warnings.front(), "3 of at least 10 samples taken");
}

TEST(sampler, gives_no_sample_when_interrupted_while_warming_up) {
  scripted steady([](int) { return 50.0; });
  const auto result = steady.run(policy(), [] { return true; });
  EXPECT_EQ(result.stopped_by, stop_reason::interrupted);
  EXPECT_TRUE(result.samples_ns.empty());
  EXPECT_EQ(steady.taken(), 0);
}

TEST(sampler, gives_the_same_result_for_the_same_script) {
  const auto noise = [](int n) { return 1.0 + std::fmod(n * 0.6180339887, 1.0); };
  EXPECT_EQ(scripted(noise).run(policy()).samples_ns, scripted(noise).run(policy()).samples_ns);
}

TEST(sampler, refuses_a_sample_without_a_time) {
  EXPECT_THROW(scripted([](int) { return 0.0; }).run(policy()), error);
  EXPECT_THROW(scripted([](int) { return std::numeric_limits<double>::quiet_NaN(); }).run(policy()), error);
}

}  // namespace
}  // namespace gpubench::bench
