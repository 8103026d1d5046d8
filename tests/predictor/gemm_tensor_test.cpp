#include "predictor/gemm_tensor.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "predictor/gemm_tiles.hpp"
#include "sample_matrix_gpus.hpp"

namespace gpubench::predictor {
namespace {

using models::precision;

operator_call call_of(std::int64_t m, std::int64_t n, std::int64_t k, precision p = precision::bf16,
                      std::int64_t batch = 1) {
  return {models::gemm{m, n, k, batch}, p, launch::captured};
}

/// The coefficients in order, all at their typical values.
std::vector<double> typical() {
  std::vector<double> values;
  for (const coefficient& c : gemm_tensor.coefficients) values.push_back(c.typical);
  return values;
}

kernel_time time_of(const gpu_traits& on, const operator_call& call) {
  return gemm_tensor.time(on, call, typical().data());
}

double rate_of(const gpu_traits& on, std::int64_t size, precision p = precision::bf16) {
  return 2 * std::pow(static_cast<double>(size), 3) / time_of(on, call_of(size, size, size, p)).seconds;
}

/// main loop 1, L2 34 B, launch 2 us, epilogue 0.1, reduction 2 us, memory 0.9, latency 0, overlap 0.3, throttle 0.1,
/// L2 share 0.4, floor 30 us.
const double round_values[] = {1, 34, 2e-6, 0.1, 2e-6, 0.9, 0, 0.3, 0.1, 0.4, 30e-6};

gpu_traits unlimited(gpu_traits t) {
  t.tdp_watts = 1e5;
  return t;
}

TEST(gemm_tensor, one_full_wave_by_hand) {
  // A100: 12 x 9 tiles of 256 x 128 are its 108 multiprocessors. Each has 312 / 108 * 0.93 = 2.687 TFLOP/s.
  const gpu_traits on = unlimited(sample::a100);
  const double loop = 2.0 * 256 * 128 * 4096 / (312e12 / 108 * 0.93);
  const double epilogue = 0.1 * 256 * 128 * 2 / 1.41e9;
  const double arithmetic = loop + epilogue;
  const double dram = 2.0 * (3072.0 * 4096 + 4096.0 * 1152 + 3072.0 * 1152) / (2039e9 * 0.9);
  const double ratio = dram / arithmetic;
  double seconds = 2e-6 + arithmetic * (1 + 0.3 * ratio * ratio * ratio);
  const double utilisation = 2.0 * 3072 * 1152 * 4096 / (312e12 * seconds), x = seconds / 1.2e-3;
  seconds *= 1 + 0.1 * utilisation * x / (1 + x);
  const kernel_time t = gemm_tensor.time(on, call_of(3072, 1152, 4096), round_values);
  EXPECT_NEAR(t.seconds, seconds, 1e-9 * seconds);
  EXPECT_EQ(t.bound_by, bound::compute);
}

TEST(gemm_tensor, reading_large_weights_by_hand) {
  // 16 rows on a 65536 x 8192 matrix: 1.07 GB of weights do not fit L2, the arithmetic is far less.
  const kernel_time t = gemm_tensor.time(unlimited(sample::h100), call_of(16, 65536, 8192), round_values);
  const double bytes = 2.0 * (16 * 8192.0 + 65536.0 * 8192 + 16 * 65536.0);
  EXPECT_NEAR(t.seconds, 2e-6 + bytes / (3352e9 * 0.9), 0.03 * t.seconds);
  EXPECT_EQ(t.bound_by, bound::memory);
}

TEST(gemm_tensor, small_weights_stay_in_l2) {
  // 4 MiB of weights in five copies fit L40S's 96 MiB, and A100's 40 MiB hardly.
  const double fits = time_of(sample::l40s, call_of(16, 2048, 1024)).seconds;
  EXPECT_LT(fits - 2.6e-6, 4 * 0x1p20 / 864e9);
  gpu_traits small_cache = sample::l40s;
  small_cache.l2_bytes = 6 * 0x1p20;
  EXPECT_GT(time_of(small_cache, call_of(16, 2048, 1024)).seconds, fits);
}

TEST(gemm_tensor, narrow_weights_are_read_as_stored) {
  operator_call call = call_of(1, 28672, 8192);
  const double wide = time_of(sample::h100, call).seconds;
  std::get<models::gemm>(call.shape).weights = precision::fp4;
  EXPECT_NEAR(time_of(sample::h100, call).seconds / wide, 0.25, 0.03);
}

TEST(gemm_tensor, nothing_to_do_is_a_launch) {
  const kernel_time t = time_of(sample::h100, call_of(1, 8, 8));
  EXPECT_EQ(t.bound_by, bound::overhead);
  EXPECT_NEAR(t.seconds, typical()[2], 0.5e-6);
}

TEST(gemm_tensor, large_products_reach_what_is_published) {
  // Best shapes of stas00/ml-engineering, 2026-08-22; a usual shape is some per cent slower.
  EXPECT_NEAR(rate_of(sample::a100, 8192), 271e12, 0.12 * 271e12);
  EXPECT_NEAR(rate_of(sample::h100, 8192), 795e12, 0.12 * 795e12);
  EXPECT_NEAR(rate_of(sample::b200, 8192), 1745e12, 0.12 * 1745e12);
  EXPECT_LT(rate_of(sample::t4, 4096, precision::fp16), 40e12);
}

TEST(gemm_tensor, never_beats_the_peak_nor_dram_on_what_exceeds_l2) {
  for (const gpu_traits* on : {&sample::a100, &sample::h100, &sample::b200, &sample::l40s}) {
    for (const std::int64_t m : {1, 7, 64, 513, 4096, 32768}) {
      for (const std::int64_t n : {128, 4096, 65536}) {
        for (const std::int64_t k : {64, 4096, 65536}) {
          const double seconds = time_of(*on, call_of(m, n, k)).seconds;
          const models::work w = models::work_of(models::gemm{m, n, k}, precision::bf16);
          EXPECT_GE(seconds, w.flop / on->peak_of(precision::bf16));
          const double from_dram = w.bytes > 1.5 * on->l2_bytes ? w.bytes / on->memory_bandwidth_bytes_per_second : 0;
          EXPECT_GE(seconds, from_dram);
        }
      }
    }
  }
}

TEST(gemm_tensor, more_work_takes_longer) {
  for (const gpu_traits* on : {&sample::a100, &sample::h100, &sample::b200, &sample::l40s, &sample::t4}) {
    const precision p = precision::fp16;
    for (std::int64_t size = 16; size <= 32768; size *= 2) {
      const double base = time_of(*on, call_of(size, 1024, 1024, p)).seconds;
      EXPECT_GE(time_of(*on, call_of(2 * size, 1024, 1024, p)).seconds, base);
      EXPECT_GE(time_of(*on, call_of(1024, 2 * size, 1024, p)).seconds,
                time_of(*on, call_of(1024, size, 1024, p)).seconds);
      EXPECT_GE(time_of(*on, call_of(512, 512, 2 * size, p)).seconds, time_of(*on, call_of(512, 512, size, p)).seconds);
      EXPECT_GE(time_of(*on, call_of(128, 128, 64, p, 2 * size)).seconds,
                time_of(*on, call_of(128, 128, 64, p, size)).seconds);
    }
  }
}

TEST(gemm_tensor, a_better_gpu_is_not_slower) {
  for (const std::int64_t m : {1, 48, 700, 8192}) {
    const operator_call call = call_of(m, 5120, 7168);
    const double base = time_of(sample::h100, call).seconds;
    gpu_traits better = sample::h100;
    better.memory_bandwidth_bytes_per_second *= 1.4;
    EXPECT_LE(time_of(better, call).seconds, base);
    better = sample::h100;
    better.peak[static_cast<std::size_t>(precision::bf16)] *= 1.3;
    EXPECT_LE(time_of(better, call).seconds, base);
    better = sample::h100;
    better.tdp_watts *= 1.3;
    EXPECT_LE(time_of(better, call).seconds, base);
  }
}

TEST(gemm_tensor, narrower_types_are_faster) {
  const double tf32 = rate_of(sample::h100, 4096, precision::tf32);
  const double bf16 = rate_of(sample::h100, 4096, precision::bf16);
  const double fp8 = rate_of(sample::h100, 4096, precision::fp8);
  EXPECT_GT(bf16, 1.5 * tf32);
  EXPECT_GT(fp8, 1.4 * bf16);
}

TEST(gemm_tensor, odd_rows_are_slower) {
  EXPECT_GT(time_of(sample::a100, call_of(8192, 50257, 768)).seconds,
            1.2 * time_of(sample::a100, call_of(8192, 50304, 768)).seconds);
}

TEST(gemm_tensor, extreme_sizes_stay_finite) {
  for (const std::int64_t size : {std::int64_t{1}, std::int64_t{1} << 20}) {
    const double seconds = time_of(sample::b200, call_of(size, size, size)).seconds;
    EXPECT_TRUE(std::isfinite(seconds));
    EXPECT_GT(seconds, 0);
  }
}

TEST(gemm_tensor, covers_products_on_tensor_cores_only) {
  EXPECT_TRUE(gemm_tensor.covers(call_of(1, 1, 1)));
  EXPECT_FALSE(gemm_tensor.covers(call_of(1, 1, 1, precision::fp32)));
  EXPECT_FALSE(gemm_tensor.covers({models::streaming{8, 8}, precision::bf16}));
}

TEST(gemm_tensor, eager_calls_have_a_floor) {
  operator_call call = call_of(1, 8, 8);
  call.how = launch::eager;
  EXPECT_EQ(gemm_tensor.time(sample::a100, call, round_values).seconds, 30e-6);
}

TEST(gemm_tensor, features_are_octaves) {
  const feature_vector f = gemm_tensor.features(call_of(256, 1024, 4096, precision::bf16, 2));
  EXPECT_FLOAT_EQ(f[0], 8);
  EXPECT_FLOAT_EQ(f[1], 10);
  EXPECT_FLOAT_EQ(f[2], 12);
  EXPECT_FLOAT_EQ(f[3], 1);
  EXPECT_FLOAT_EQ(f[4], 3);
  EXPECT_FLOAT_EQ(f[5], 0);
  EXPECT_FLOAT_EQ(gemm_tensor.features(call_of(257, 8, 8))[5], 0.5);
}

}  // namespace
}  // namespace gpubench::predictor
