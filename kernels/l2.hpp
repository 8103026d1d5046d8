#pragma once

#include "kernels/host_device.hpp"
#include "kernels/operands.hpp"

#include <cstdint>

namespace gpubench::kernels {

/// Passes over one working set as one long row of tile visits, tile after tile and pass after pass. Block b of B takes
/// the visits b, b + B, b + 2 B, ..., so that all blocks have the same to do whatever the number of tiles is.
struct tile_walk {
  std::uint32_t tiles = 1;   ///< of the working set
  std::uint64_t visits = 1;  ///< tiles times passes
};

GPUBENCH_HOST_DEVICE constexpr tile_walk walk_of(std::uint64_t vectors, std::uint32_t vectors_per_tile,
                                                 std::uint32_t passes) {
  const auto tiles = static_cast<std::uint32_t>((vectors + vectors_per_tile - 1) / vectors_per_tile);
  return {tiles, static_cast<std::uint64_t>(tiles) * passes};
}

/// (at + step) mod count, for at and step below count, without a division.
GPUBENCH_HOST_DEVICE constexpr std::uint32_t next_in_ring(std::uint32_t at, std::uint32_t step, std::uint32_t count) {
  const std::uint32_t left = count - at;
  return step < left ? at + step : step - left;
}

/// What 32-bit word i of the working set holds for reading: random bits, so that no other choice of words has their
/// sum.
GPUBENCH_HOST_DEVICE constexpr std::uint32_t l2_word(std::uint64_t i) {
  return static_cast<std::uint32_t>(mix_bits(i));
}

/// What is written to word i: another value for each i < 2^32, at the price of one multiplication for four words.
GPUBENCH_HOST_DEVICE constexpr std::uint32_t l2_written_word(std::uint64_t i) {
  return static_cast<std::uint32_t>(i) * 0x9e3779b1u + 0x7f4a7c15u;
}

/// Sum of the first `words` words, taken `passes` times, modulo 2^32: any order of adding gives the same.
constexpr std::uint32_t l2_expected_sum(std::uint64_t words, std::uint32_t passes) {
  std::uint32_t sum = 0;
  for (std::uint64_t i = 0; i < words; ++i) sum += l2_word(i);
  return sum * passes;
}

/// Passes of one launch over a working set: 2 GiB in all, some 0.4 ms at 5 TB/s. An odd number, by which a wrong word's
/// part in the sum cannot vanish modulo 2^32; at most 4095, which matters below 512 KiB.
constexpr std::uint32_t l2_passes(std::uint64_t working_set_bytes) {
  constexpr std::uint64_t wanted_bytes = std::uint64_t{1} << 31;
  constexpr std::uint64_t most = 4095;
  const std::uint64_t passes = working_set_bytes > 0 ? wanted_bytes / working_set_bytes : most;
  return static_cast<std::uint32_t>(passes < most ? passes | 1 : most);
}

}  // namespace gpubench::kernels
