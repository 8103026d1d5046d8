#pragma once

#include <cstdint>

namespace gpubench::kernels {

/// How a streaming kernel is spread over a device. Each block takes tiles of threads x vectors consecutive 16-byte
/// vectors, tile after tile with the number of blocks as the stride.
struct launch_shape {
  int threads = 256;         ///< per block
  int vectors = 1;           ///< 16-byte vectors that a thread has in flight: 1, 2 or 4
  std::uint32_t blocks = 1;  ///< as many as tiles: each block takes one
};

/// Tiles that cover `elements` doubles.
constexpr std::uint64_t tiles_of(std::uint64_t elements, int threads, int vectors) {
  const std::uint64_t per_tile = 2ULL * static_cast<std::uint64_t>(threads) * static_cast<std::uint64_t>(vectors);
  return (elements + per_tile - 1) / per_tile;
}

}  // namespace gpubench::kernels
