#include "predictor/gemm_quantised.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "predictor/gemm_tensor.hpp"
#include "sample_matrix_gpus.hpp"

namespace gpubench::predictor {
namespace {

using models::precision;

operator_call linear(std::int64_t m, std::int64_t n, std::int64_t k, precision p = precision::fp8) {
  return {models::gemm{m, n, k, 1, precision::bf16}, p, launch::captured};
}

/// main loop 1, launches 4 us, epilogue 0.2, memory 0.9, latency 0, overlap 0.3, throttle 0, quantise 0.5, ragged 0.2,
/// floor 60 us.
const double round_values[] = {1, 4e-6, 0.2, 0.9, 0, 0.3, 0, 0.5, 0.2, 60e-6};

double seconds(const gpu_traits& on, const operator_call& call) {
  return gemm_quantised.time(on, call, round_values).seconds;
}

TEST(gemm_quantised, a_wider_output_says_that_activations_are_quantised) {
  EXPECT_TRUE(quantises_activations(linear(1, 1, 1)));
  EXPECT_TRUE(quantises_activations(linear(1, 1, 1, precision::int8)));
  EXPECT_TRUE(quantises_activations(linear(1, 1, 1, precision::fp4)));
  EXPECT_FALSE(quantises_activations(linear(1, 1, 1, precision::bf16)));
  EXPECT_FALSE(quantises_activations({models::gemm{1, 1, 1}, precision::fp8}));
  EXPECT_FALSE(quantises_activations({models::streaming{1, 1}, precision::fp8}));
}

TEST(gemm_quantised, the_right_family_is_found) {
  EXPECT_EQ(&family_of(linear(16, 1024, 1024)), &gemm_quantised);
  EXPECT_EQ(&family_of({models::gemm{16, 1024, 1024}, precision::fp8}), &gemm_tensor);
}

TEST(gemm_quantised, one_wave_by_hand) {
  // H100: 132 tiles of 64 x 64; 1978.9 / 132 = 14.99 TFLOP/s each. Half of the epilogue is hidden.
  gpu_traits on = sample::h100;
  on.tdp_watts = 1e5;
  const double n = 64 * 132, k = 4096, m = 64;
  const double wave = 64 * 64 * (2 * k / (1978.9e12 / 132) + 0.2 * 0.5 * 2 / 1.98e9);
  const double dram = (m * k + k * n + 2 * m * n) / (3352e9 * 0.9);
  const double ratio = wave > dram ? dram / wave : wave / dram;
  const double product = std::max(wave, dram) * (1 + 0.3 * ratio * ratio * ratio);
  const double quantise = m * k * 3 / (3352e9 * 0.5);
  EXPECT_NEAR(seconds(on, linear(64, 64 * 132, 4096)), 4e-6 + product + quantise, 1e-11);
}

TEST(gemm_quantised, rows_beyond_256_come_in_pairs_of_tiles_and_ragged_ones_cost_more) {
  const double whole = seconds(sample::h100, linear(512, 65536, 8192));
  EXPECT_GT(seconds(sample::h100, linear(513, 65536, 8192)), 1.15 * whole);
  EXPECT_LT(seconds(sample::h100, linear(384, 65536, 8192)), whole * 1.0001);
}

TEST(gemm_quantised, costs_more_than_the_bare_product) {
  double values[16];
  std::size_t count = 0;
  for (const coefficient& c : gemm_tensor.coefficients) values[count++] = c.typical;
  double own[16];
  count = 0;
  for (const coefficient& c : gemm_quantised.coefficients) own[count++] = c.typical;
  for (const std::int64_t m : {1, 64, 1024, 8192}) {
    const double bare =
        gemm_tensor.time(sample::h100, {models::gemm{m, 7168, 7168}, precision::fp8, launch::captured}, values).seconds;
    EXPECT_GT(gemm_quantised.time(sample::h100, linear(m, 7168, 7168), own).seconds, bare);
  }
}

TEST(gemm_quantised, more_work_takes_longer_and_stays_finite) {
  for (const gpu_traits* on : {&sample::h100, &sample::b200, &sample::l40s}) {
    for (std::int64_t size = 16; size <= 1 << 20; size *= 4) {
      const double base = seconds(*on, linear(size, size, size));
      EXPECT_TRUE(std::isfinite(base));
      EXPECT_GT(base, 2.0 * std::pow(static_cast<double>(size), 3) / on->peak_of(precision::fp8));
      EXPECT_GT(seconds(*on, linear(2 * size, size, size)), base);
      EXPECT_GE(seconds(*on, linear(size, 2 * size, size)), base);
      EXPECT_GT(seconds(*on, linear(size, size, 2 * size)), base);
    }
  }
}

TEST(gemm_quantised, a_better_gpu_is_not_slower) {
  for (const std::int64_t m : {1, 100, 4096}) {
    gpu_traits better = sample::h100;
    better.memory_bandwidth_bytes_per_second *= 1.4;
    EXPECT_LE(seconds(better, linear(m, 4096, 7168)), seconds(sample::h100, linear(m, 4096, 7168)));
    better = sample::h100;
    better.peak[static_cast<std::size_t>(precision::fp8)] *= 1.4;
    EXPECT_LE(seconds(better, linear(m, 4096, 7168)), seconds(sample::h100, linear(m, 4096, 7168)));
  }
}

}  // namespace
}  // namespace gpubench::predictor
