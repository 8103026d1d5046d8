#include "kernels/block_scales.hpp"

#include "kernels/operands.hpp"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace gpubench::kernels {
namespace {

TEST(block_scales, the_first_tile_is_laid_out_as_published) {
  // cuBLAS documentation, "1D Block Scaling Factors Layout": of a tile, rows 0, 32, 64, 96 with their four blocks each.
  constexpr std::uint64_t blocks = 4;
  EXPECT_EQ(scale_offset(0, 0, blocks), 0u);
  EXPECT_EQ(scale_offset(0, 1, blocks), 1u);
  EXPECT_EQ(scale_offset(0, 3, blocks), 3u);
  EXPECT_EQ(scale_offset(32, 0, blocks), 4u);
  EXPECT_EQ(scale_offset(64, 0, blocks), 8u);
  EXPECT_EQ(scale_offset(96, 3, blocks), 15u);
  EXPECT_EQ(scale_offset(1, 0, blocks), 16u);
  EXPECT_EQ(scale_offset(33, 2, blocks), 22u);
  EXPECT_EQ(scale_offset(31, 0, blocks), 496u);
  EXPECT_EQ(scale_offset(127, 3, blocks), 511u);
}

TEST(block_scales, tiles_along_a_row_follow_each_other) {
  constexpr std::uint64_t blocks = 10;  // three tiles
  EXPECT_EQ(scale_offset(0, 4, blocks), 512u);
  EXPECT_EQ(scale_offset(0, 9, blocks), 1025u);
  EXPECT_EQ(scale_offset(128, 0, blocks), 1536u);
}

TEST(block_scales, every_scale_has_its_own_place_within_the_padded_size) {
  for (const std::uint64_t rows : {1u, 100u, 128u, 300u}) {
    for (const std::uint64_t blocks : {2u, 4u, 10u, 17u}) {
      std::set<std::uint64_t> places;
      for (std::uint64_t row = 0; row < rows; ++row) {
        for (std::uint64_t block = 0; block < blocks; ++block) {
          const auto place = scale_offset(row, block, blocks);
          EXPECT_LT(place, scale_bytes(rows, blocks));
          places.insert(place);
        }
      }
      EXPECT_EQ(places.size(), rows * blocks);
    }
  }
}

TEST(block_scales, sizes_are_whole_tiles) {
  EXPECT_EQ(scale_bytes(128, 4), 512u);
  EXPECT_EQ(scale_bytes(129, 4), 1024u);
  EXPECT_EQ(scale_bytes(1, 5), 1024u);
  EXPECT_EQ(scale_bytes(8192, 512), 8192u * 512u);
}

TEST(block_scales, a_product_read_from_memory_as_laid_out_is_the_reference) {
  // Rows of 48 elements: three blocks, which do not fill a tile.
  constexpr std::uint64_t rows = 130, row = 48, blocks = row / fp4_block;
  std::vector<std::uint8_t> bytes(rows * row / 2), scales(scale_bytes(rows, blocks));
  for (std::uint64_t i = 0; i < bytes.size(); ++i) bytes[i] = operand_fp4_pair(1, i);
  for (std::uint64_t i = 0; i < rows * blocks; ++i) {
    scales[scale_offset(i / blocks, i % blocks, blocks)] = operand_fp4_scale(1, i);
  }
  for (std::uint64_t r = 0; r < rows; ++r) {
    for (std::uint64_t p = 0; p < row; ++p) {
      const std::uint64_t index = r * row + p;
      const unsigned code = (bytes[index / 2] >> (index % 2 * 4)) & 0xfu;
      const float scale = from_narrow(e4m3(), scales[scale_offset(r, p / fp4_block, blocks)]);
      ASSERT_EQ(stored_operand(storage::fp4, 1, index), from_narrow(e2m1(), code) * static_cast<double>(scale));
    }
  }
}

}  // namespace
}  // namespace gpubench::kernels
