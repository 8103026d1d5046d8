#pragma once

#include <cstdint>

namespace gpubench::kernels {

/// How a streaming kernel moves its vectors between device memory and the threads.
enum class memory_access {
  cached,     ///< plain loads and stores
  streaming,  ///< marked as used once, so that caches drop their lines first (PTX ISA, "Cache Operators": .cs)
  bulk        ///< loads by the bulk copy engine of compute capability 9.0 through shared memory, plain stores
};

/// How a streaming kernel is spread over a device. Each block takes tiles of threads x vectors consecutive 16-byte
/// vectors, tile after tile with the number of blocks as the stride.
struct launch_shape {
  int threads = 256;         ///< per block
  int vectors = 1;           ///< 16-byte vectors of each array that a thread has in flight: 1, 2, 4 or 8
  std::uint32_t blocks = 1;  ///< as many as tiles: each block takes one. Always so with bulk access.
  memory_access access = memory_access::cached;
};

/// Largest block for a number of vectors: with two inputs they take 8 registers each, and a multiprocessor has 65536.
constexpr int most_threads(int vectors) {
  return vectors >= 8 ? 256 : vectors == 4 ? 512 : 1024;
}

/// Tiles that cover `elements` doubles.
constexpr std::uint64_t tiles_of(std::uint64_t elements, int threads, int vectors) {
  const std::uint64_t per_tile = 2ULL * static_cast<std::uint64_t>(threads) * static_cast<std::uint64_t>(vectors);
  return (elements + per_tile - 1) / per_tile;
}

/// Shared memory of a block that stages one tile of each of `arrays` inputs.
constexpr std::uint32_t staged_bytes(int arrays, int threads, int vectors) {
  return 16u * static_cast<std::uint32_t>(arrays) * static_cast<std::uint32_t>(threads) *
         static_cast<std::uint32_t>(vectors);
}

}  // namespace gpubench::kernels
