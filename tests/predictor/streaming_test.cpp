#include "predictor/streaming.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "sample_gpus.hpp"

namespace gpubench::predictor {
namespace {

// memory share, vector share, eager floor, share of it that passes before the kernel starts
constexpr double values[] = {1.0, 0.5, 30e-6, 0.5};

kernel_time time_of(const gpu_traits& on, double bytes, double flop, launch how = launch::captured) {
  return streaming_family.time(on, {models::streaming{bytes, flop}, models::precision::fp32, how}, values);
}

TEST(streaming, is_start_plus_bytes_over_bandwidth) {
  const kernel_time t = time_of(sample_a100(), 1.79432e9, 0);
  EXPECT_NEAR(t.seconds, 1e-3 + 2e-6, 1e-9);
  EXPECT_EQ(t.bound_by, bound::memory);
}

TEST(streaming, much_arithmetic_sets_the_time) {
  // 19.5 TFLOP/s * 0.5: 9.75 GFLOP in a millisecond, beside 0.1 ms of traffic: (1 + 0.1^4)^(1/4).
  const kernel_time t = time_of(sample_a100(), 1.79432e8, 9.75e9);
  EXPECT_NEAR(t.seconds, 1e-3 * std::pow(1.0001, 0.25) + 2e-6, 1e-9);
  EXPECT_EQ(t.bound_by, bound::compute);
}

TEST(streaming, an_eager_call_is_never_below_the_host) {
  const kernel_time t = time_of(sample_a100(), 1000, 0, launch::eager);
  EXPECT_NEAR(t.seconds, 30e-6, 0.1e-6);
  EXPECT_EQ(t.bound_by, bound::overhead);
  // Long ones show half the floor besides the kernel.
  EXPECT_NEAR(time_of(sample_a100(), 1.79432e9, 0, launch::eager).seconds, 1e-3 + 17e-6, 1e-9);
  EXPECT_LT(time_of(sample_a100(), 1000, 0).seconds, 2.1e-6) << "a captured kernel does not wait for it";
}

TEST(streaming, grows_with_the_work_and_keeps_the_physical_bound) {
  for (const gpu_traits& on : {sample_a100(), sample_t4()}) {
    double before = 0;
    for (double bytes = 1; bytes < 1e15; bytes *= 1.3) {
      const double t = time_of(on, bytes, bytes / 8).seconds;
      EXPECT_TRUE(std::isfinite(t));
      EXPECT_GE(t, before) << bytes;
      if (bytes > on.l2_bytes) {
        EXPECT_GE(t, bytes / on.memory_bandwidth_bytes_per_second) << bytes;
      }
      EXPECT_LE(time_of(doubled(on), bytes, bytes / 8).seconds, t) << bytes;
      before = t;
    }
  }
}

TEST(streaming, nothing_to_do_takes_the_start_alone) {
  EXPECT_NEAR(time_of(sample_t4(), 0, 0).seconds, 2e-6, 1e-12);
  const feature_vector at = streaming_family.features({models::streaming{}, models::precision::fp32, launch::eager});
  for (const float x : at) EXPECT_TRUE(std::isfinite(x));
}

TEST(streaming, features_count_octaves_and_tell_operators_apart) {
  const auto at = [](double bytes, double flop, launch how) {
    return streaming_family.features({models::streaming{bytes, flop}, models::precision::fp32, how});
  };
  EXPECT_FLOAT_EQ(at(4096, 0, launch::eager)[0], 12);
  EXPECT_FLOAT_EQ(at(4096, 0, launch::eager)[1], 0);
  EXPECT_FLOAT_EQ(at(4096, 512, launch::eager)[1], 4) << "an addition a value of two tensors: log2(1 + 1) * 4";
  EXPECT_FLOAT_EQ(at(4096, 0, launch::captured)[2] - at(4096, 0, launch::eager)[2], 8);
}

}  // namespace
}  // namespace gpubench::predictor
