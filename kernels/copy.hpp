#pragma once

#include "kernels/host_device.hpp"
#include "kernels/operands.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace gpubench::kernels {

/// Word `index`, of 8 bytes, of what copy number `lane` moves: unrelated to every other word and lane, so that data
/// that is shifted, swapped, dropped or of another copy shows.
GPUBENCH_HOST_DEVICE constexpr std::uint64_t copy_word(std::uint64_t lane, std::uint64_t index) {
  return mix_bits(mix_bits(lane) ^ index);
}

/// A thread among all of its launch.
struct copy_place {
  std::uint64_t block = 0, blocks = 1;
  std::uint32_t thread = 0, threads = 1;
};

/// One thread's share of a copy of `count` vectors: tiles of threads x vectors consecutive ones, with the number of
/// blocks as the stride. All loads of a tile come before its first store, so that they are in flight together: over a
/// link the way to the other side is long.
template <int vectors, class Vector>
GPUBENCH_HOST_DEVICE inline void copy_share(const Vector* source, Vector* destination, std::uint64_t count,
                                            const copy_place& at) {
  const std::uint64_t tile = static_cast<std::uint64_t>(at.threads) * vectors;
  for (std::uint64_t start = at.block * tile; start < count; start += at.blocks * tile) {
    Vector held[vectors] = {};
    GPUBENCH_UNROLL
    for (int v = 0; v < vectors; ++v) {
      const std::uint64_t i = start + at.thread + static_cast<std::uint64_t>(v) * at.threads;
      if (i < count) held[v] = source[i];
    }
    GPUBENCH_UNROLL
    for (int v = 0; v < vectors; ++v) {
      const std::uint64_t i = start + at.thread + static_cast<std::uint64_t>(v) * at.threads;
      if (i < count) destination[i] = held[v];
    }
  }
}

/// What a chain of loads runs over: a line that holds the address of the next one, as the device sees it. 128 bytes
/// are the largest line of a GPU's cache, so no load finds its line fetched by another.
struct alignas(128) remote_line {
  std::uint64_t next = 0;
};

/// For each line the one that follows it: a random permutation that is one cycle, the same in every run.
/// Source: Sattolo, "An algorithm to generate a random cyclic permutation", Inf. Proc. Letters 22 (1986).
inline std::vector<std::uint32_t> remote_chain(std::uint32_t lines) {
  std::vector<std::uint32_t> next(lines);
  for (std::uint32_t i = 0; i < lines; ++i) next[i] = i;
  for (std::uint32_t i = lines; i-- > 1;) std::swap(next[i], next[mix_bits(i) % i]);
  return next;
}

/// Follows `loads` links, each load waiting for the one before. Volatile: no load is answered by a cache near the
/// reader that need not be asked again.   @return the address that the last load gave
GPUBENCH_HOST_DEVICE inline std::uint64_t follow_remote_chain(std::uint64_t first, std::uint32_t loads) {
  std::uint64_t at = first;
  for (std::uint32_t i = 0; i < loads; ++i) at = *reinterpret_cast<const volatile std::uint64_t*>(at);
  return at;
}

}  // namespace gpubench::kernels
