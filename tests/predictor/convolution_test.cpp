#include "predictor/convolution.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "predictor/convolution_tiles.hpp"
#include "sample_gpus.hpp"

namespace gpubench::predictor {
namespace {

using models::convolution;
using models::pass;
using models::precision;

// implicit, fused Winograd, Winograd, tensor, memory shares; block tail; eager floor, eager extra FLOP
constexpr double values[] = {0.8, 0.6, 0.7, 0.5, 1.0, 1.0, 100e-6, 0.81e9};

double seconds(const gpu_traits& on, const convolution& c, precision p = precision::fp32,
               launch how = launch::captured) {
  return convolution_family.time(on, {c, p, how}, values).seconds;
}

TEST(convolution_tiles, rounds_up) {
  EXPECT_EQ(rounded_up(3), 3);
  EXPECT_EQ(rounded_up(3.01), 4);
  EXPECT_EQ(rounded_up(0.2), 1);
}

TEST(convolution_tiles, each_pass_is_a_product_of_the_same_size) {
  const convolution forward{8, 32, 28, 28, 64, 3, 1, 1};
  convolution data = forward, weights = forward;
  data.pass = pass::backward_data;
  weights.pass = pass::backward_weights;
  const implicit_product f = product_of(forward, 1), d = product_of(data, 1), w = product_of(weights, 1);
  EXPECT_EQ(f.rows, 8 * 28 * 28);
  EXPECT_EQ(f.columns, 64);
  EXPECT_EQ(f.depth, 32 * 9);
  EXPECT_EQ(d.columns, 32);
  EXPECT_EQ(w.depth, 8 * 28 * 28);
  EXPECT_EQ(f.rows * f.columns * f.depth, d.rows * d.columns * d.depth);
  EXPECT_EQ(f.rows * f.columns * f.depth, w.rows * w.columns * w.depth);
  // A stride of 2 leaves the gradient a quarter of the taps a pixel; of one tap, a quarter of the pixels.
  EXPECT_EQ(product_of({8, 32, 28, 28, 64, 3, 2, 1, pass::backward_data}, 1).depth, 64 * 9 / 4.0);
  EXPECT_EQ(product_of({8, 32, 28, 28, 64, 1, 2, 0, pass::backward_data}, 1).rows, 8 * 14 * 14);
}

TEST(convolution_tiles, tensor_cores_pad_channels) {
  EXPECT_EQ(product_of({1, 3, 224, 224, 64, 7, 2, 3}, 8).depth, 4 * 49) << "images have kernels for 4 channels";
  EXPECT_EQ(product_of({1, 12, 56, 56, 64, 3, 1, 1}, 8).depth, 16 * 9);
}

TEST(convolution_tiles, a_last_wave_counts_half_of_what_it_leaves_idle) {
  EXPECT_EQ(waves_of(1, 40), 1);
  EXPECT_EQ(waves_of(80, 40), 2);
  EXPECT_EQ(waves_of(100, 40), 2.75);
  // 4 blocks of 128 x 64 on 40 multiprocessors, depth 100 + 24, tail 1: 2 * 8192 * 124.
  EXPECT_EQ(tiled_steps({256, 128, 100}, {128, 64, 1}, 40, 1, 24, false), 2.0 * 8192 * 124);
  // Divided over 20 blocks each: 80 blocks, depth 512 a part.
  EXPECT_EQ(tiled_steps({256, 128, 10240}, {128, 64, 1}, 40, 1, 0, true), 3.0 * 8192 * 512);
}

TEST(convolution, one_tap_is_a_product_of_matrices) {
  // 128 * 56 * 56 = 401,408 rows in 3,136 tiles of 128, 256 columns in 2: 6,272 blocks, 58.07 a multiprocessor: waves
  // 58.54. (58.54 + 1) * 128 * 128 * (256 + 24) / 1.05 steps over 64 lanes * 1.41 GHz * 0.8: 3.604 ms. Memory: 0.823 GB
  // over 2.039 TB/s * 0.88: 0.459 ms, overlapped nothing. A100's power leaves the clock alone.
  EXPECT_NEAR(seconds(sample_a100(), {128, 256, 56, 56, 256, 1, 1, 0}), 3.604e-3 + 2e-6, 6e-6);
}

TEST(convolution, winograd_beats_the_direct_sum) {
  const convolution c{32, 256, 28, 28, 256, 3, 1, 1};
  const double flop = 2.0 * 32 * 28 * 28 * 256 * 256 * 9;
  const double t = seconds(sample_a100(), c);
  EXPECT_LT(t, flop / 19.5e12) << "faster than the peak would do the direct sum";
  EXPECT_GT(t, flop / 4 / 19.5e12);
  // Not where the stride forbids it: a quarter of the work, and more than a quarter of the time.
  EXPECT_GT(seconds(sample_a100(), {32, 256, 28, 28, 256, 3, 2, 1}), t / 4 * 1.3);
}

TEST(convolution, eager_calls_add_the_hosts_work) {
  const convolution c{32, 64, 56, 56, 64, 3, 1, 1};
  EXPECT_NEAR(seconds(sample_t4(), c, precision::fp32, launch::eager), seconds(sample_t4(), c) + 200e-6, 1e-9);
}

TEST(convolution, tensor_cores_are_faster_and_tf32_pays_for_its_layout) {
  const convolution c{64, 256, 28, 28, 256, 3, 1, 1};
  const double half = seconds(sample_a100(), c, precision::fp16), single = seconds(sample_a100(), c, precision::tf32);
  EXPECT_LT(half, single);
  EXPECT_LT(single, seconds(sample_a100(), c));
  const double bytes = models::work_of(c, precision::tf32).bytes;
  EXPECT_GT(single, 2 * half + 2 * bytes / (2.039e12 * 0.88) - 10e-6);
}

TEST(convolution, a_power_held_gpu_keeps_less_than_its_peak) {
  const convolution c{64, 512, 28, 28, 512, 1, 1, 0};
  gpu_traits unheld = sample_t4();
  unheld.tdp_watts = 700;
  EXPECT_GT(seconds(sample_t4(), c), 1.3 * seconds(unheld, c));
}

TEST(convolution, keeps_the_physical_bounds_and_grows_with_the_batch) {
  for (const gpu_traits& on : {sample_a100(), sample_t4()}) {
    for (const precision p : {precision::fp32, precision::fp16}) {
      for (const pass direction : {pass::forward, pass::backward_data, pass::backward_weights}) {
        for (const std::int64_t channels : {1, 3, 64, 1000}) {
          for (const std::int64_t kernel : {1, 3, 7}) {
            double before = 0;
            for (std::int64_t n = 1; n < (1 << 22); n *= 2) {
              const convolution c{n, channels, 33, 33, 2 * channels, kernel, 1, kernel / 2, direction};
              const double t = seconds(on, c, p);
              ASSERT_TRUE(std::isfinite(t));
              const models::work w = models::work_of(c, p);
              EXPECT_GT(t, w.flop / (kernel == 3 ? 4 : 1) / on.peak_of(p));
              if (w.bytes > on.l2_bytes) {
                EXPECT_GT(t, w.bytes / on.memory_bandwidth_bytes_per_second);
              }
              EXPECT_GE(t, 0.999 * before) << "n " << n << " channels " << channels << " kernel " << kernel;
              EXPECT_LE(seconds(doubled(on), c, p), 1.01 * t) << "n " << n << " channels " << channels;
              before = t;
            }
          }
        }
      }
    }
  }
}

TEST(convolution, takes_absurd_sizes) {
  EXPECT_TRUE(std::isfinite(seconds(sample_t4(), {1, 1, 1, 1, 1, 1, 1, 0})));
  EXPECT_TRUE(std::isfinite(seconds(sample_t4(), {1 << 20, 1 << 20, 4096, 4096, 1 << 20, 11, 4, 5})));
}

}  // namespace
}  // namespace gpubench::predictor
