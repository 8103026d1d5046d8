#include "predictor/gemm_time.hpp"

#include <gtest/gtest.h>

namespace gpubench::predictor {
namespace {

TEST(gemm_time, overlap_adds_a_fading_share_of_the_shorter) {
  EXPECT_DOUBLE_EQ(overlapped(2, 1, 0.4), 2 * (1 + 0.4 / 8));
  EXPECT_DOUBLE_EQ(overlapped(1, 2, 0.4), overlapped(2, 1, 0.4));
  EXPECT_DOUBLE_EQ(overlapped(1, 1, 0.4), 1.4);
  EXPECT_DOUBLE_EQ(overlapped(0, 3, 0.4), 3);
}

TEST(gemm_time, short_transfers_miss_the_full_rate) {
  // 100 MB at 1 TB/s with 1 MB in flight: sqrt(1e8 * 1e6) = 1e7 bytes more.
  EXPECT_NEAR(dram_seconds(100e6, 1e12, 1e6), 110e-6, 1e-12);
  EXPECT_EQ(dram_seconds(0, 1e12, 1e6), 0);
}

TEST(gemm_time, long_kernels_are_throttled_by_their_utilisation) {
  EXPECT_DOUBLE_EQ(throttled(1e-3, 0.5, 0.4, 1e-3), 1e-3 * 1.1);
  EXPECT_NEAR(throttled(10, 1, 0.4, 1e-3), 14, 1e-3);
  EXPECT_NEAR(throttled(1e-6, 1, 0.4, 1e-3), 1e-6, 1e-9);
}

TEST(gemm_time, only_eager_calls_have_a_floor) {
  const kernel_time t{5e-6, bound::memory};
  EXPECT_EQ(with_floor(t, launch::captured, 30e-6).seconds, 5e-6);
  EXPECT_EQ(with_floor(t, launch::eager, 30e-6).seconds, 30e-6);
  EXPECT_EQ(with_floor(t, launch::eager, 30e-6).bound_by, bound::overhead);
  EXPECT_EQ(with_floor(t, launch::eager, 3e-6).seconds, 5e-6);
}

}  // namespace
}  // namespace gpubench::predictor
