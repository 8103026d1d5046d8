#pragma once

#include "kernels/host_device.hpp"

#include <cstdint>

namespace gpubench::kernels {

/// Where the scales of a block-scaled matrix lie: one byte for each block of consecutive elements of a row, in tiles of
/// 128 rows by 4 blocks, the tiles row-major. In a tile the 4 blocks of a row are neighbours; rows 0, 32, 64 and 96
/// follow each other, then 1, 33, ... Rows and blocks are padded to whole tiles.
/// Source: cuBLAS documentation, "1D Block Scaling Factors Layout".
inline constexpr std::uint64_t scale_tile_rows = 128, scale_tile_blocks = 4;
inline constexpr std::uint64_t scale_tile_bytes = scale_tile_rows * scale_tile_blocks;

/// Elements that share a scale in NVIDIA's 4-bit format.
inline constexpr std::uint64_t fp4_block = 16;

GPUBENCH_HOST_DEVICE constexpr std::uint64_t scale_tiles(std::uint64_t count, std::uint64_t in_a_tile) {
  return (count + in_a_tile - 1) / in_a_tile;
}

/// @param blocks  in a row
GPUBENCH_HOST_DEVICE constexpr std::uint64_t scale_bytes(std::uint64_t rows, std::uint64_t blocks) {
  return scale_tiles(rows, scale_tile_rows) * scale_tiles(blocks, scale_tile_blocks) * scale_tile_bytes;
}

GPUBENCH_HOST_DEVICE constexpr std::uint64_t scale_offset(std::uint64_t row, std::uint64_t block,
                                                          std::uint64_t blocks) {
  const std::uint64_t tile = row / scale_tile_rows * scale_tiles(blocks, scale_tile_blocks) + block / scale_tile_blocks;
  const std::uint64_t in_tile = row % scale_tile_rows;
  return tile * scale_tile_bytes + in_tile % 32 * 16 + in_tile / 32 * 4 + block % scale_tile_blocks;
}

}  // namespace gpubench::kernels
