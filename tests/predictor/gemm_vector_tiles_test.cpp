#include "predictor/gemm_vector_tiles.hpp"

#include <gtest/gtest.h>

namespace gpubench::predictor {
namespace {

constexpr vector_tile tile{128, 64, 128, 4};
constexpr vector_machine machine{10, 128, 8, 4};

TEST(gemm_vector_tiles, a_larger_tile_keeps_more_lanes_at_work) {
  // 1 / (1 + 5 (1/128 + 1/64)) = 1 / 1.1171875.
  EXPECT_DOUBLE_EQ(tile.share(), 1 / 1.1171875);
  EXPECT_GT((vector_tile{128, 128, 256, 2}.share()), tile.share());
}

TEST(gemm_vector_tiles, one_block_a_multiprocessor_hides_less_latency) {
  // 10 blocks of 2 * 128 * 64 * (64 + 8) FLOP / 128 a cycle * 1.1171875 = 10296 cycles; 4 of 16 warps resident:
  // (4 + 4) / 4 * 16 / (16 + 4) = 1.6 times as long.
  const vector_plan plan = plan_with(tile, 1, machine, {64, 1280, 64, 1});
  EXPECT_EQ(plan.blocks, 10);
  EXPECT_EQ(plan.depth, 64);
  EXPECT_DOUBLE_EQ(plan.cycles, 1.6 * 10296);
  EXPECT_EQ(plan.operand_bytes, 4 * 10 * (128 + 64) * 64);
}

TEST(gemm_vector_tiles, full_waves_take_their_blocks_work) {
  EXPECT_DOUBLE_EQ(plan_with(tile, 1, machine, {64, 5120, 64, 1}).cycles, 4 * 10296);
  // One block more: it runs alone.
  EXPECT_DOUBLE_EQ(plan_with(tile, 1, machine, {64, 5121, 64, 1}).cycles, (4 + 1.6) * 10296);
  EXPECT_DOUBLE_EQ(plan_with(tile, 1, machine, {64, 640, 64, 8}).cycles, 4 * 10296) << "batches are blocks";
}

TEST(gemm_vector_tiles, a_split_shares_the_depth) {
  const vector_plan plan = plan_with(tile, 3, machine, {64, 128, 1000, 1});
  EXPECT_EQ(plan.blocks, 3);
  EXPECT_EQ(plan.depth, 336) << "334, rounded up to a multiple of 8";
}

TEST(gemm_vector_tiles, small_tiles_are_bound_by_their_loads) {
  // 1280 blocks of 32 x 32 load 4 * (32 + 32) * 512 bytes each at 84 bytes a cycle.
  const vector_tile small{32, 32, 128, 6};
  const vector_plan plan = plan_with(small, 1, {10, 256, 8, 4}, {32, 40960, 512, 1});
  EXPECT_DOUBLE_EQ(plan.cycles, 1280.0 * 4 * 64 * 512 / 84);
}

TEST(gemm_vector_tiles, long_and_thin_products_are_split_and_batches_are_not) {
  const auto tiles = vector_tiles(2.5, false);
  EXPECT_GT(choose_plan(tiles, machine, {64, 64, 60000, 1}, 1000, 1e9).splits, 4);
  EXPECT_EQ(choose_plan(tiles, machine, {64, 64, 60000, 1}, 1e12, 1e9).splits, 1);
  EXPECT_EQ(choose_plan(tiles, machine, {64, 64, 60000, 2}, 1000, 1e9).splits, 1);
  EXPECT_EQ(choose_plan(tiles, machine, {4096, 4096, 100, 1}, 1000, 1e9).splits, 1);
}

TEST(gemm_vector_tiles, the_choice_is_the_fastest) {
  for (const double generation : {0.0, 1.0, 1.5, 2.5, 3.5, 4.5}) {
    for (const std::int64_t m : {17, 64, 300, 4000}) {
      for (const std::int64_t n : {5, 100, 3000}) {
        const vector_plan best = choose_plan(vector_tiles(generation, false), machine, {m, n, 777, 1}, 0, 1e9);
        for (const vector_tile& other : vector_tiles(generation, false)) {
          EXPECT_LE(best.cycles, plan_with(other, 1, machine, {m, n, 777, 1}).cycles);
        }
      }
    }
  }
}

TEST(gemm_vector_tiles, batched_products_have_few_tiles) {
  EXPECT_EQ(vector_tiles(0, true).size(), 1U);
  EXPECT_EQ(vector_tiles(3.5, true).size(), 1U);
  EXPECT_EQ(vector_tiles(3.5, true).front().rows, 128);
  EXPECT_GT(vector_tiles(1, false).size(), vector_tiles(1, true).size());
}

}  // namespace
}  // namespace gpubench::predictor
