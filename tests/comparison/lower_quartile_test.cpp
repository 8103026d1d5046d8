#include <gmock/gmock.h>

#include <algorithm>

#include "sample_side.hpp"

namespace gpubench::comparison {
namespace {

using testing::HasSubstr;

/// Runs of 100 samples of a CPU, of which so many take 4 % longer, as where the host interrupts them.
side interrupted_now_and_then(const std::string& name, double time_ns, const std::vector<int>& interrupted,
                              const std::string& device = "cpu") {
  side made{name, {}};
  for (std::size_t run = 0; run < interrupted.size(); ++run) {
    std::vector<double> samples;
    for (int i = 0; i < 100; ++i) {
      const bool is_interrupted = (i * 37) % 100 < interrupted[run];
      samples.push_back(time_ns * (is_interrupted ? 1.04 : 1) * (1 + 1e-4 * ((i * 7) % 11 - 5)) *
                        (1 + 1e-4 * static_cast<double>(run % 3)));
    }
    made.runs.push_back(sample_run(fmt::format("{}-{}", name, run), {sample_measurement("load", samples, device)}));
  }
  return made;
}

TEST(compare, calls_nothing_slower_for_interruptions_that_reach_half_of_the_samples) {
  const auto base = interrupted_now_and_then("base", 1000, {40, 35, 42, 30, 38, 44, 41, 33});
  const auto row = only_row(base, interrupted_now_and_then("same", 1000, {60, 58, 62, 65}));
  EXPECT_EQ(row.outcome, verdict::ambiguous);
  EXPECT_NEAR(*row.change, 0.04, 1e-3);
  EXPECT_THAT(row.because,
              HasSubstr("the quickest quarter of its samples did not change (lower quartile of time +0.0 %"));
  // The other way round it is no improvement either.
  EXPECT_EQ(only_row(interrupted_now_and_then("slow base", 1000, {60, 58, 62, 65}), base).outcome, verdict::ambiguous);
  // What slows all samples is found among them, of both sides.
  const auto slower = only_row(base, interrupted_now_and_then("slower", 1030, {60, 58, 62, 65}));
  EXPECT_EQ(slower.outcome, verdict::slower);
}

TEST(compare, judges_at_the_lower_quartile_what_varies_less_there) {
  const std::vector<int> now_and_then{40, 60, 42, 30, 63, 44, 41, 58};
  const auto base = interrupted_now_and_then("base", 1000, now_and_then);
  const auto slower = only_row(base, interrupted_now_and_then("slower", 1030, {35, 62}));
  EXPECT_EQ(slower.outcome, verdict::slower);
  EXPECT_EQ(slower.judged_at, sample_quantile::lower_quartile);
  EXPECT_THAT(slower.because, HasSubstr("lower quartile of time +3.0 %, which varies less than the median here"));
  EXPECT_EQ(only_row(base, interrupted_now_and_then("same", 1000, {62, 35})).outcome, verdict::same);
  EXPECT_EQ(only_row(base, interrupted_now_and_then("same", 1000, {66, 64})).outcome, verdict::same);
}

TEST(compare, knows_from_a_profile_how_lower_quartiles_vary) {
  const auto profiled = interrupted_now_and_then("profile", 1000, {40, 60, 42, 30, 63, 44, 41, 58});
  const auto noises = noise_of(profiled.runs);
  ASSERT_EQ(noises.size(), 1u);
  const auto& noise = noises.begin()->second;
  ASSERT_TRUE(noise.lower_quartile);
  EXPECT_GT(noise.median.run_deviation, 0.01);
  EXPECT_LT(noise.lower_quartile->run_deviation, 0.001);
  EXPECT_FALSE(noise.lower_quartile->cycles_deviation);  // no run recorded its clock

  criteria by;
  by.noise = noise_profile{"", "0.1.0", profiled.runs[0].environment, {}, {}, {}, noises};
  const auto base = interrupted_now_and_then("base", 1000, {40});
  const auto slower = only_row(base, interrupted_now_and_then("slower", 1030, {62}), by);
  EXPECT_EQ(slower.outcome, verdict::slower);
  EXPECT_EQ(slower.judged_at, sample_quantile::lower_quartile);
  EXPECT_EQ(only_row(base, interrupted_now_and_then("same", 1000, {62}), by).outcome, verdict::same);
  // A profile of before that does not know quartiles leaves the change open.
  by.noise->benchmarks.begin()->second.lower_quartile.reset();
  EXPECT_EQ(only_row(base, interrupted_now_and_then("slower", 1030, {62}), by).outcome, verdict::ambiguous);
}

TEST(compare, judges_at_the_median_what_a_gpu_did_and_what_has_few_samples) {
  const auto base = interrupted_now_and_then("base", 1000, {40, 35, 42, 30, 38, 44, 41, 33}, "gpu0");
  // No other guest of the host takes turns with a GPU: half of the samples slower is slower.
  const auto row = only_row(base, interrupted_now_and_then("new", 1000, {60, 58, 62, 65}, "gpu0"));
  EXPECT_EQ(row.outcome, verdict::slower);
  EXPECT_EQ(row.judged_at, sample_quantile::median);
  EXPECT_EQ(only_row(sample_side("base", quiet), sample_side("new", scaled(1.001))).judged_at, sample_quantile::median);
}

TEST(compare, leaves_open_what_changed_only_the_quickest_quarter) {
  const std::vector<int> most(9, 58);
  auto base = interrupted_now_and_then("base", 1000, most), fresh = interrupted_now_and_then("new", 1000, most);
  for (auto* one : {&base, &fresh}) {
    for (std::size_t run = 0; run < most.size(); ++run) {
      auto samples = one->runs[run].measurements[0].samples_ns;
      for (auto& sample : samples) {
        if (sample > 1030) sample *= 1 + 0.002 * (static_cast<double>(run % 3) - 1);  // so that the median varies more
        if (one == &fresh) sample = std::max(sample, 1030.0);
      }
      one->runs[run].measurements[0] = sample_measurement("load", samples);
    }
  }
  const auto row = only_row(base, fresh);
  EXPECT_EQ(row.judged_at, sample_quantile::lower_quartile);
  EXPECT_EQ(row.outcome, verdict::ambiguous);
  EXPECT_THAT(row.because, HasSubstr("the quickest quarter of its samples changed alone"));
}

}  // namespace
}  // namespace gpubench::comparison
