#include "rightsizing/demand.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "rightsizing/placement.hpp"

namespace gpubench::rightsizing {
namespace {

device_rates scaled(double by) {
  device_rates rates;
  rates.tensor_flop_per_second = 312e12 * by;
  rates.fp64_flop_per_second = 9.7e12 * by;
  rates.fp32_flop_per_second = 19.5e12 * by;
  rates.bytes_per_second = 1.555e12 * by;
  rates.multiprocessor_hertz = 108 * 1.41e9 * by;
  return rates;
}

device_summary busy_device() {
  device_summary of;
  of.activity = spread{1, 1, 1};
  of.busy_time = 1;
  return of;
}

// By hand: 0.7 can be reached: arithmetic takes 0.5/0.7 = 0.714 s of a second, on the other half as long, the rest
// 0.286 s, 10 % less or more; 0.95: 0.526 and 0.474 s.
TEST(time_ratio, parts_of_a_second_move_by_the_ratio_of_what_binds_them) {
  auto of = busy_device();
  of.tensor_active = 0.5;
  of.fp64_active = 0;
  of.dram_active = 0.2;
  of.sm_active = 0.5;
  const auto ratio = time_ratio(of, scaled(1), scaled(2));
  EXPECT_NEAR(ratio.low, 0.5 / 0.7 / 2 + (1 - 0.5 / 0.7) * 0.9, 1e-9);
  EXPECT_NEAR(ratio.high, 0.5 / 0.95 / 2 + (1 - 0.5 / 0.95) * 1.1, 1e-9);
  EXPECT_GT(ratio.expected, ratio.low);
  EXPECT_LT(ratio.expected, ratio.high);
}

TEST(time_ratio, what_was_not_observed_may_be_all_or_nothing) {
  const auto ratio = time_ratio(busy_device(), scaled(1), scaled(0.5));
  // Nothing but gaps: as long as now, less 10 %. All of it full multiprocessors: twice as long, and 10 %.
  EXPECT_NEAR(ratio.low, 0.9, 1e-9);
  EXPECT_NEAR(ratio.high, 2.2, 1e-9);
}

TEST(time_ratio, evidence_narrows_the_range) {
  auto of = busy_device();
  const auto blind = time_ratio(of, scaled(1), scaled(0.5));
  of.tensor_active = 0.1;
  of.dram_active = 0.1;
  const auto seeing = time_ratio(of, scaled(1), scaled(0.5));
  of.sm_active = 0.2;
  const auto all = time_ratio(of, scaled(1), scaled(0.5));
  EXPECT_LE(seeing.high, blind.high);
  EXPECT_LT(all.high, seeing.high);
  EXPECT_LE(all.low, all.high);
}

TEST(time_ratio, a_pipe_that_the_other_device_lacks_makes_it_impossible) {
  auto of = busy_device();
  of.fp64_active = 0.5;
  of.tensor_active = 0;
  of.dram_active = 0.1;
  auto without = scaled(1);
  without.fp64_flop_per_second.reset();
  EXPECT_TRUE(std::isinf(time_ratio(of, scaled(1), without).high));
}

// By hand: a quarter of the multiprocessors may be in FP64 all the time; on a GPU with a fortieth of that rate it takes
// 0.25 * 40 = 10 s for a second, and the rest as long as now and 10 %.
TEST(time_ratio, fp64_that_was_not_observed_may_be_all_that_multiprocessors_do) {
  auto of = busy_device();
  of.tensor_active = 0;
  of.dram_active = 0;
  of.sm_active = 0.25;
  auto other = scaled(1);
  *other.fp64_flop_per_second /= 40;
  EXPECT_NEAR(time_ratio(of, scaled(1), other).high, 10 + 0.75 * 1.1, 1e-9);
  EXPECT_NEAR(time_ratio(of, scaled(1), other).low, 0.9, 1e-9) << "or none";
  of.fp64_active = 0;
  EXPECT_NEAR(time_ratio(of, scaled(1), other).high, 1.1, 1e-9) << "seen to be none";
}

TEST(time_ratio, fp64_of_a_gpu_whose_own_rate_is_not_known_widens_nothing) {
  auto of = busy_device();
  of.tensor_active = 0;
  of.dram_active = 0;
  of.sm_active = 0.25;
  auto present = scaled(1);
  present.fp64_flop_per_second.reset();
  EXPECT_NEAR(time_ratio(of, present, scaled(1)).high, 1.1, 1e-9);
}

TEST(time_ratio, activity_below_the_whole_step_counts_as_share_of_the_active_time) {
  // Active half of its busy time, all of it arithmetic at 0.35 of the peak, 0.7 of what can be reached in it.
  device_summary of;
  of.activity = spread{0.5, 0.5, 0.5};
  of.busy_time = 1;
  of.tensor_active = 0.35;
  of.fp64_active = 0;
  of.dram_active = 0;
  of.sm_active = 0.5;
  EXPECT_NEAR(time_ratio(of, scaled(1), scaled(2)).low, 0.5, 1e-9);
}

TEST(placement, works_share_a_gpu_where_time_and_memory_allow) {
  const auto placed = place({{0.2, 1e9}, {0.5, 1e9}, {0.3, 1e9}}, nullptr, 10e9, 1, 0.9);
  ASSERT_TRUE(placed);
  EXPECT_EQ(placed->gpus, 2);
  EXPECT_DOUBLE_EQ(placed->fullest, 0.8);
  const auto tight = place({{0.2, 6e9}, {0.2, 6e9}}, nullptr, 10e9, 1, 0.9);
  ASSERT_TRUE(tight);
  EXPECT_EQ(tight->gpus, 2) << "memory of one holds one";
  EXPECT_EQ(tight->how, "a GPU each");
}

TEST(placement, a_piece_too_large_for_any_gpu_has_no_place) {
  EXPECT_FALSE(place({{0.95, 1e9}}, nullptr, 10e9, 1, 0.9));
  EXPECT_FALSE(place({{0.1, 9.9e9}}, nullptr, 10e9, 1, 0.9));
  EXPECT_TRUE(place({{0.2, 1e9}}, nullptr, 10e9, 0.25, 0.9)) << "a quarter in turns holds 0.225";
  EXPECT_FALSE(place({{0.3, 1e9}}, nullptr, 10e9, 0.25, 0.9));
}

TEST(placement, a_share_is_named_and_says_what_a_work_has_at_the_least) {
  const auto quarter = place({{0.2, 1e9}}, nullptr, 10e9, 0.25, 0.9);
  ASSERT_TRUE(quarter);
  EXPECT_EQ(quarter->how, "a share of a GPU each, in turns with others");
  EXPECT_DOUBLE_EQ(quarter->least_share, 0.25);
  const auto whole = place({{0.2, 1e9}}, nullptr, 10e9, 1, 0.9);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->how, a_gpu_each);
  EXPECT_DOUBLE_EQ(whole->least_share, 1);
  const auto shared = place({{0.2, 1e9}, {0.2, 1e9}, {0.2, 1e9}}, nullptr, 10e9, 1, 0.9);
  ASSERT_TRUE(shared);
  EXPECT_DOUBLE_EQ(shared->least_share, 1.0 / 3);
}

profiles::gpu_spec a100() {
  profiles::gpu_spec gpu;
  gpu.name = "A100";
  gpu.compute_capability = "8.0";
  gpu.multiprocessors = 108;
  gpu.mig_max_instances = 7;
  gpu.memory_bytes = 40 * 1073741824.0;
  gpu.memory_bandwidth_bytes_per_second = 1.555e12;
  return gpu;
}

TEST(placement, slices_are_taken_where_they_do) {
  const auto gpu = a100();
  // A seventh of the multiprocessors and an eighth of the memory: 0.05 / 0.125 = 0.4 busy.
  const auto sliced = place(std::vector<placed_work>(4, {0.05, 3e9}), &gpu, gpu.memory_bytes, 1, 0.9);
  ASSERT_TRUE(sliced);
  EXPECT_EQ(sliced->gpus, 1);
  EXPECT_EQ(sliced->how, "MIG 1g.5gb");
  EXPECT_DOUBLE_EQ(sliced->least_share, 0.125) << "an eighth of the bandwidth";
  EXPECT_DOUBLE_EQ(sliced->fullest, 0.4);
  // 0.2 needs 2g.10gb: 0.2 / 0.25 = 0.8 busy.
  const auto larger = place({{0.2, 3e9}, {0.2, 3e9}}, &gpu, gpu.memory_bytes, 1, 0.9);
  ASSERT_TRUE(larger);
  EXPECT_EQ(larger->how, "MIG 2g.10gb");
  // Eight do not fit seven slices; in turns one GPU holds them.
  const auto eight = place(std::vector<placed_work>(8, {0.05, 3e9}), &gpu, gpu.memory_bytes, 1, 0.9);
  ASSERT_TRUE(eight);
  EXPECT_EQ(eight->gpus, 1);
  EXPECT_NE(eight->how.find("without isolation"), std::string::npos);
}

}  // namespace
}  // namespace gpubench::rightsizing
