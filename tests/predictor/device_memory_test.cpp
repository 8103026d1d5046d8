#include "predictor/device_memory.hpp"

#include <gtest/gtest.h>

#include "sample_gpus.hpp"

namespace gpubench::predictor {
namespace {

TEST(device_memory, what_fits_l2_is_not_fetched_again) {
  EXPECT_DOUBLE_EQ(missed_share(6e6, 10e6), 0);
  EXPECT_DOUBLE_EQ(missed_share(8e6, 10e6), 0.5);
  EXPECT_DOUBLE_EQ(missed_share(1e9, 10e6), 1);
}

TEST(device_memory, a_long_stream_runs_at_the_typical_share_of_the_bandwidth) {
  // 2.039 TB/s * 0.88 = 1.794 TB/s: 1.794 GB in a millisecond.
  EXPECT_NEAR(transfer_seconds(sample_a100(), 1.79432e9, 1.79432e9, 1), 1e-3, 1e-9);
  EXPECT_NEAR(transfer_seconds(sample_a100(), 1.79432e9, 1.79432e9, 0.5), 2e-3, 1e-9);
  // GDDR6 with ECC inside: 320 GB/s * 0.75.
  EXPECT_NEAR(transfer_seconds(sample_t4(), 240e6, 240e6, 1), 1e-3, 1e-9);
}

TEST(device_memory, a_warm_stream_runs_at_the_rate_of_l2) {
  // 36 B * 108 * 1.41 GHz = 5.482 TB/s, of which streams get 60 %.
  EXPECT_NEAR(l2_bytes_per_second(sample_a100()), 5.482e12, 1e9);
  EXPECT_NEAR(transfer_seconds(sample_a100(), 10e6, 10e6, 1), 10e6 / 3.2892e12, 1e-9);
}

TEST(device_memory, residency_follows_the_architecture) {
  EXPECT_EQ(resident_threads(sample_a100()), 2048);
  EXPECT_EQ(resident_threads(sample_t4()), 1024);
  gpu_traits ada = sample_t4();
  ada.generation = 3;
  EXPECT_EQ(resident_threads(ada), 1536);
  gpu_traits pascal = sample_t4();
  pascal.generation = 0;
  EXPECT_EQ(resident_threads(pascal), 2048);
  EXPECT_EQ(near_cache_bytes(pascal), pascal.l2_bytes) << "first-level caches do not keep what is read before Volta";
}

}  // namespace
}  // namespace gpubench::predictor
