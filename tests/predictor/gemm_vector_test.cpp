#include "predictor/gemm_vector.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "sample_gpus.hpp"

namespace gpubench::predictor {
namespace {

using models::gemm;
using models::precision;

std::vector<double> typical() {
  std::vector<double> values;
  for (const coefficient& c : gemm_vector.coefficients) values.push_back(c.typical);
  return values;
}

double seconds(const gpu_traits& on, const gemm& shape, launch how = launch::captured) {
  return gemm_vector.time(on, {shape, precision::fp32, how}, typical().data()).seconds;
}

double tera(const gpu_traits& on, const gemm& g, launch how = launch::captured) {
  return 2e-12 * static_cast<double>(g.m * g.n * g.k * g.batch) / seconds(on, g, how);
}

gpu_traits made(double generation, bool stacked, double multiprocessors, double boost_hertz, double vector_rate,
                double bandwidth, double l2_mib, double watts) {
  gpu_traits t;
  t.generation = generation;
  t.stacked_memory = stacked;
  t.multiprocessors = multiprocessors;
  t.boost_clock_hertz = boost_hertz;
  t.vector_fp32_flop_per_second = vector_rate;
  t.memory_bandwidth_bytes_per_second = bandwidth;
  t.l2_bytes = l2_mib * (1 << 20);
  t.tdp_watts = watts;
  return t;
}

// Data sheets.
const gpu_traits p4 = made(0, false, 20, 1.114e9, 5.5e12, 192e9, 2, 75);
const gpu_traits l4 = made(3, false, 58, 2.04e9, 30.3e12, 300e9, 48, 72);
const gpu_traits h100 = made(3.5, true, 132, 1.98e9, 66.9e12, 3.352e12, 50, 700);

TEST(gemm_vector, covers_fp32_products_alone) {
  EXPECT_TRUE(gemm_vector.covers({gemm{8, 8, 8}, precision::fp32}));
  EXPECT_FALSE(gemm_vector.covers({gemm{8, 8, 8}, precision::tf32}));
  EXPECT_FALSE(gemm_vector.covers({gemm{8, 8, 8}, precision::fp64}));
  EXPECT_FALSE(gemm_vector.covers({models::streaming{8, 8}, precision::fp32}));
}

TEST(gemm_vector, a_matrix_times_a_vector_reads_the_matrix) {
  // A100: 2.039 TB/s * 0.88 of streams, 2 us of the kernel's start.
  const double bytes = 4.0 * (4096.0 * 8192 + 4096 + 8192);
  EXPECT_NEAR(seconds(sample_a100(), gemm{1, 4096, 8192}), 2e-6 + bytes / (2.039e12 * 0.88), 1e-10);
  EXPECT_NEAR(seconds(sample_a100(), gemm{4096, 1, 8192}), 2e-6 + bytes / (2.039e12 * 0.88), 1e-10);
}

TEST(gemm_vector, rates_of_large_products_are_those_known) {
  // cuBLAS 12: A100-SXM 17 to 19, H100-SXM about 50; L4, held by 72 W, 13 to 15.
  EXPECT_NEAR(tera(sample_a100(), gemm{8192, 8192, 8192}), 18, 1);
  EXPECT_NEAR(tera(h100, gemm{8192, 8192, 8192}), 49, 3);
  EXPECT_NEAR(tera(l4, gemm{8192, 8192, 8192}), 14, 1.5);
}

TEST(gemm_vector, a_power_held_card_is_faster_in_a_short_lone_call_than_in_a_long_one) {
  const double limit = 1.15;
  EXPECT_GT(tera(sample_t4(), gemm{512, 512, 512, 12}, launch::eager),
            limit * tera(sample_t4(), gemm{512, 512, 512, 900}));
  EXPECT_LT(tera(sample_a100(), gemm{512, 512, 512, 12}, launch::eager),
            limit * tera(sample_a100(), gemm{512, 512, 512, 900}));
}

TEST(gemm_vector, a_small_cache_loses_the_rows_of_a_long_contraction) {
  EXPECT_LT(tera(p4, gemm{4096, 4096, 16384}), 0.6 * tera(p4, gemm{4096, 4096, 256}));
  EXPECT_GT(tera(sample_a100(), gemm{4096, 4096, 16384}), 0.95 * tera(sample_a100(), gemm{4096, 4096, 1024}));
}

TEST(gemm_vector, an_eager_call_shows_the_host) {
  const double floor = 55e-6, batched_floor = 32e-6;
  EXPECT_NEAR(seconds(h100, gemm{32, 32, 32}, launch::eager), floor, 0.05 * floor);
  EXPECT_NEAR(seconds(h100, gemm{32, 32, 32, 2}, launch::eager), batched_floor, 0.05 * batched_floor);
  EXPECT_LT(seconds(h100, gemm{32, 32, 32}), 8e-6);
  const kernel_time small =
      gemm_vector.time(h100, {gemm{32, 32, 32}, precision::fp32, launch::eager}, typical().data());
  EXPECT_EQ(small.bound_by, bound::overhead);
}

TEST(gemm_vector, is_never_faster_than_the_data_sheet) {
  for (const gpu_traits& on : {p4, l4, h100, sample_a100(), sample_t4()}) {
    for (const std::int64_t m : {1, 3, 16, 100, 1000, 5000}) {
      for (const std::int64_t n : {1, 7, 64, 1000, 9000}) {
        for (const std::int64_t k : {1, 33, 512, 20000}) {
          for (const std::int64_t batch : {1, 2, 50}) {
            const models::work w = models::work_of(gemm{m, n, k, batch}, precision::fp32);
            const double least =
                std::max(w.flop / on.vector_fp32_flop_per_second, w.bytes / on.memory_bandwidth_bytes_per_second);
            EXPECT_GE(seconds(on, gemm{m, n, k, batch}), least);
          }
        }
      }
    }
  }
}

TEST(gemm_vector, grows_with_the_work) {
  for (const gpu_traits& on : {p4, l4, h100, sample_a100(), sample_t4()}) {
    for (const std::int64_t size : {2, 20, 200, 2000}) {
      const gemm g{size, size, size, 2};
      const double once = seconds(on, g);
      EXPECT_GE(seconds(on, gemm{2 * size, size, size, 2}), 0.99 * once);
      EXPECT_GE(seconds(on, gemm{size, 2 * size, size, 2}), 0.99 * once);
      EXPECT_GE(seconds(on, gemm{size, size, 2 * size, 2}), 0.99 * once);
      EXPECT_GE(seconds(on, gemm{size, size, size, 4}), 0.99 * once);
    }
  }
}

TEST(gemm_vector, a_larger_gpu_is_no_slower) {
  for (const gpu_traits& on : {p4, l4, h100, sample_a100(), sample_t4()}) {
    for (const std::int64_t size : {16, 100, 1000, 4000}) {
      EXPECT_LE(seconds(doubled(on), gemm{size, size, size}), 1.02 * seconds(on, gemm{size, size, size}));
      gpu_traits wide = on;
      wide.memory_bandwidth_bytes_per_second *= 1.2;
      wide.tdp_watts *= 1.5;
      EXPECT_LE(seconds(wide, gemm{size, size, size, 3}), 1.0001 * seconds(on, gemm{size, size, size, 3}));
    }
  }
}

TEST(gemm_vector, is_finite_for_extreme_sizes) {
  for (const gemm& g : {gemm{1, 1, 1}, gemm{1, 1, 1, 1000000}, gemm{2, 2, 1}, gemm{10000000, 2, 2},
                        gemm{2, 2, 1000000000}, gemm{1000000, 1000000, 1000000}}) {
    for (const gpu_traits& on : {p4, l4, h100}) {
      EXPECT_TRUE(std::isfinite(seconds(on, g)));
      EXPECT_GT(seconds(on, g), 0);
    }
  }
}

TEST(gemm_vector, features_are_octaves_and_keep_layers_and_batches_apart) {
  const feature_vector a = gemm_vector.features({gemm{64, 1024, 256}, precision::fp32});
  EXPECT_FLOAT_EQ(a[0], 6);
  EXPECT_FLOAT_EQ(a[1], 10);
  EXPECT_FLOAT_EQ(a[2], 8);
  const feature_vector b = gemm_vector.features({gemm{64, 1024, 256, 2}, precision::fp32});
  EXPECT_GT(b[4] - a[4], 10);
}

}  // namespace
}  // namespace gpubench::predictor
