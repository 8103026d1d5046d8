#include <gmock/gmock.h>

#include "sample_side.hpp"

namespace gpubench::comparison {
namespace {

using testing::HasSubstr;

TEST(compare, calls_nothing_slower_while_other_work_keeps_the_cores_busy) {
  const auto under_load = [&](double load, const std::string& device) {
    auto fresh = sample_side("new", scaled(1.03), device);
    for (auto& run : fresh.runs) run.measurements[0].telemetry.competing_load = load;
    return only_row(sample_side("base", quiet, device), fresh);
  };
  EXPECT_EQ(under_load(0.1, "cpu").outcome, verdict::slower);
  EXPECT_EQ(under_load(0.5, "cpu").outcome, verdict::ambiguous);
  EXPECT_THAT(under_load(0.5, "cpu").because, HasSubstr("50 % at the new side"));
  EXPECT_EQ(under_load(0.5, "gpu0").outcome, verdict::slower);
}

TEST(compare, holds_a_change_under_load_against_the_difference_of_loads) {
  const auto under_loads = [&](double times, std::optional<double> base_load, std::optional<double> new_load) {
    auto base = sample_side("base", quiet), fresh = sample_side("new", scaled(times));
    for (auto& run : base.runs) run.measurements[0].telemetry.competing_load = base_load;
    for (auto& run : fresh.runs) run.measurements[0].telemetry.competing_load = new_load;
    return only_row(base, fresh);
  };
  // 1 / (1 - 0.7) is 3.3: what both sides lose explains nothing but its half, which comes and goes.
  EXPECT_EQ(under_loads(4, 0.7, 0.7).outcome, verdict::slower);
  EXPECT_EQ(under_loads(2, 0.7, 0.7).outcome, verdict::slower);
  EXPECT_EQ(under_loads(1.5, 0.7, 0.7).outcome, verdict::ambiguous);
  EXPECT_EQ(under_loads(4, 0, 0.7).outcome, verdict::ambiguous);
  EXPECT_EQ(under_loads(7, 0, 0.7).outcome, verdict::slower);
  // A heavier load at the base makes nothing slower, and explains what became faster.
  EXPECT_EQ(under_loads(2, 0.7, 0).outcome, verdict::slower);
  EXPECT_EQ(under_loads(1.0 / 4, 0.7, 0).outcome, verdict::ambiguous);
  EXPECT_EQ(under_loads(1.0 / 4, 0, 0.7).outcome, verdict::faster);
  EXPECT_THAT(under_loads(4, 0.1, 0.7).because,
              HasSubstr("70 % at the new side, which can explain up to 5.5 times the time"));
  EXPECT_THAT(under_loads(4, {}, 0.7).because, HasSubstr("an unknown part of the cores busy at the base"));
  EXPECT_EQ(under_loads(20, {}, 0.7).outcome, verdict::slower) << "whatever the base's load was";
  EXPECT_EQ(under_loads(20, 0.7, {}).outcome, verdict::ambiguous) << "the new side's may have been any";
  EXPECT_EQ(under_loads(1.0 / 20, {}, 0.3).outcome, verdict::ambiguous);
}

TEST(compare, points_out_a_slow_down_far_beyond_the_threshold_that_has_no_verdict) {
  auto fresh = sample_side("new", scaled(3));
  for (auto& run : fresh.runs) run.measurements[0].telemetry.competing_load = 0.7;
  const auto row = only_row(sample_side("base", quiet), fresh);
  EXPECT_TRUE(is_unjudged_slow_down(row, 0.02));
  EXPECT_FALSE(is_unjudged_slow_down(row, 0.5));
  EXPECT_FALSE(is_unjudged_slow_down(only_row(sample_side("base", quiet), sample_side("new", scaled(3))), 0.02));
}

TEST(compare, calls_nothing_the_same_where_load_on_one_side_could_hide_a_change) {
  const auto under_loads = [&](double base_load, double new_load, const std::string& device) {
    auto base = sample_side("base", quiet, device), fresh = sample_side("new", scaled(1.001), device);
    for (auto& run : base.runs) run.measurements[0].telemetry.competing_load = base_load;
    for (auto& run : fresh.runs) run.measurements[0].telemetry.competing_load = new_load;
    return only_row(base, fresh);
  };
  const auto hidden = under_loads(0.5, 0.02, "cpu");
  EXPECT_EQ(hidden.outcome, verdict::ambiguous);
  EXPECT_THAT(hidden.because, HasSubstr("50 % of the cores busy at the base and 2 % at the new side"));
  EXPECT_EQ(under_loads(0.02, 0.5, "cpu").outcome, verdict::ambiguous);
  EXPECT_EQ(under_loads(0.5, 0.5, "cpu").outcome, verdict::same);
  EXPECT_EQ(under_loads(0.2, 0.02, "cpu").outcome, verdict::same);
  EXPECT_EQ(under_loads(0.5, 0.02, "gpu0").outcome, verdict::same);
}

}  // namespace
}  // namespace gpubench::comparison
