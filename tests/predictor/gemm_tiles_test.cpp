#include "predictor/gemm_tiles.hpp"

#include <gtest/gtest.h>

namespace gpubench::predictor {
namespace {

TEST(gemm_tiles, synchronous_cores_have_a_fixed_set) {
  const gemm_tiles t = tiles_for(false, 777, 333, 2, 108);
  ASSERT_EQ(t.count, 6);
  EXPECT_EQ(t.tile[0].rows, 256);
  EXPECT_EQ(t.tile[0].columns, 128);
  EXPECT_EQ(t.tile[5].rows, 64);
}

TEST(gemm_tiles, asynchronous_ones_shrink_until_the_wave_is_full) {
  // 1024 rows are 8 strips of 128. 2560 columns at 256 make 80 tiles: one wave of 132, which holds 16 tiles a strip:
  // 2560 / 16 = 160 columns.
  const gemm_tiles t = tiles_for(true, 1024, 2560, 1, 132);
  ASSERT_EQ(t.count, 4);
  EXPECT_EQ(t.tile[0].rows, 128);
  EXPECT_EQ(t.tile[0].columns, 160);
  // Turned: 2560 columns are 20 strips; 1024 rows at 256 are 4, 80 tiles again; 132 / 20 = 6 a strip: 171, so 192.
  EXPECT_EQ(t.tile[1].columns, 128);
  EXPECT_EQ(t.tile[1].rows, 192);
}

TEST(gemm_tiles, a_batch_fills_the_waves_too) {
  // 8 strips of 32 products are 256; at 256 columns 2560 tiles, 20 waves of 132 = 2640 tiles: 10 a strip, 256 columns.
  EXPECT_EQ(tiles_for(true, 1024, 2560, 32, 132).tile[0].columns, 256);
}

TEST(gemm_tiles, a_large_product_keeps_the_widest) {
  EXPECT_EQ(tiles_for(true, 16384, 16384, 1, 132).tile[0].columns, 256);
}

TEST(gemm_split, fills_the_gpu_where_tiles_are_few) {
  EXPECT_EQ(split_of(16.0 / 108, 8192), 6);  // 108 / 16 = 6.75
  EXPECT_EQ(split_of(54.0 / 108, 8192), 2);
  EXPECT_EQ(split_of(1.0 / 108, 65536), 108);
}

TEST(gemm_split, leaves_at_least_448_of_k_together) {
  EXPECT_EQ(split_of(1.0 / 108, 895), 1);
  EXPECT_EQ(split_of(1.0 / 108, 896), 2);
  EXPECT_EQ(split_of(1.0 / 108, 4480), 10);
}

TEST(gemm_split, evens_out_the_last_wave) {
  // 128 tiles on 108: 2 waves; in 5 parts 640 / 108 = 5.93, so 6 / 5 = 1.2 waves.
  EXPECT_EQ(split_of(128.0 / 108, 8192), 5);
  // Two full waves gain nothing, and many waves not enough.
  EXPECT_EQ(split_of(2, 8192), 1);
  EXPECT_EQ(split_of(6.5, 8192), 1);
}

TEST(gemm_tiles, rounding_keeps_whole_numbers) {
  EXPECT_EQ(round_up(3.0), 3);
  EXPECT_EQ(round_up(3.001), 4);
  EXPECT_EQ(round_up(0.0), 0);
  EXPECT_EQ(round_up(3 + 1e-9), 3);  // a quotient by way of a reciprocal
  EXPECT_EQ(round_down(3 - 1e-9), 3);
  EXPECT_EQ(round_down(3.999), 3);
}

}  // namespace
}  // namespace gpubench::predictor
