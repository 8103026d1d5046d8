#include "predictor/row_operation.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "sample_gpus.hpp"

namespace gpubench::predictor {
namespace {

using models::precision;
using models::row_operation;
using kind = row_operation::kind;

// memory share, row cycles, first wave, floors of softmax and normalisation, delay share
constexpr double values[] = {1.0, 500, 0.4, 30e-6, 40e-6, 0.5};

double seconds(const gpu_traits& on, const row_operation& r, precision p = precision::fp32,
               launch how = launch::captured) {
  return row_operation_family.time(on, {r, p, how}, values).seconds;
}

TEST(row_operation, a_short_softmax_touches_memory_once) {
  // 2^20 rows of 512 values: 4.295 GB over 2.039 TB/s * 0.88 = 2.3936 ms. A row is one warp: 500 / 8 + 0.3 * 512
  // cycles = 216.1, over 108 * 1.41 GHz (64 lanes): 1.4880 ms. Fourth-power norm: 2.4778 ms. Waves of 108 * 64 rows:
  // 151.7, so the first adds 0.05 / 51.6 = 0.1 %. Start: 2 us.
  const double t = seconds(sample_a100(), {kind::softmax, 1 << 20, 512});
  EXPECT_NEAR(t, 2.4778e-3 * (1 + 0.05 / 51.57) + 2e-6, 4e-6);
}

TEST(row_operation, a_normalization_reads_twice_what_the_caches_do_not_keep) {
  // T4 holds 40 * 8 rows at a time; of 65,536 columns they are 83.9 MB and miss L2 and L1 (6.8 MB) wholly.
  const row_operation wide{kind::layer_norm, 4096, 65536};
  const double values_bytes = 4096.0 * 65536 * 4;
  EXPECT_GT(seconds(sample_t4(), wide), 3 * values_bytes / (320e9 * 0.75));
  EXPECT_LT(seconds(sample_t4(), wide), 3.6 * values_bytes / (320e9 * 0.75));
  // Of 512 columns they are 0.7 MB and stay.
  const row_operation narrow{kind::layer_norm, 524288, 512};
  EXPECT_LT(seconds(sample_t4(), narrow), 2.6 * values_bytes / (320e9 * 0.75));
}

TEST(row_operation, eager_calls_have_the_floor_of_their_kind) {
  const gpu_traits on = sample_a100();
  EXPECT_NEAR(seconds(on, {kind::softmax, 4, 64}, precision::fp32, launch::eager), 30e-6, 0.3e-6);
  EXPECT_NEAR(seconds(on, {kind::layer_norm, 4, 64}, precision::fp32, launch::eager), 40e-6, 0.3e-6);
  EXPECT_LT(seconds(on, {kind::layer_norm, 4, 64}), 5e-6);
}

TEST(row_operation, sixteen_bits_halve_a_long_stream) {
  const row_operation r{kind::softmax, 1 << 16, 1024};
  const double ratio = seconds(sample_t4(), r) / seconds(sample_t4(), r, precision::fp16);
  EXPECT_GT(ratio, 1.6);
  EXPECT_LE(ratio, 2.0);
}

TEST(row_operation, backward_takes_longer_than_forward) {
  for (const kind what : {kind::softmax, kind::layer_norm, kind::rms_norm}) {
    for (const std::int64_t cols : {64, 1024, 1025, 8192}) {
      EXPECT_GT(seconds(sample_a100(), {what, 8192, cols, true}), seconds(sample_a100(), {what, 8192, cols, false}));
    }
  }
}

TEST(row_operation, grows_with_rows_and_is_finite_and_above_the_bound) {
  for (const gpu_traits& on : {sample_a100(), sample_t4()}) {
    for (const kind what : {kind::softmax, kind::layer_norm, kind::rms_norm}) {
      for (const std::int64_t cols : {1, 100, 1024, 1025, 5000, 1 << 20}) {
        double before = 0;
        for (std::int64_t rows = 1; rows < (std::int64_t{1} << 36); rows *= 3) {
          const double t = seconds(on, {what, rows, cols});
          ASSERT_TRUE(std::isfinite(t));
          EXPECT_GE(t, before) << rows << " x " << cols;
          const double bytes = 8.0 * static_cast<double>(rows) * static_cast<double>(cols);
          if (bytes > on.l2_bytes) {
            EXPECT_GE(t, bytes / on.memory_bandwidth_bytes_per_second);
          }
          EXPECT_LE(seconds(doubled(on), {what, rows, cols}), t * 1.001) << rows << " x " << cols;
          before = t;
        }
      }
    }
  }
}

}  // namespace
}  // namespace gpubench::predictor
