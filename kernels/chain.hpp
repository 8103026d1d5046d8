#pragma once

#include "kernels/host_device.hpp"

#include <cstdint>

namespace gpubench::kernels {

/// Bytes between the pointers of a chain: a cache line of every architecture.
inline constexpr std::uint64_t chain_line_bytes = 128;

/// The line at place `place` of a chain through `lines` lines: a permutation of [0, lines) without visible order, so
/// that neither a prefetcher nor an open memory page helps. The chain leads from each place to the next and from the
/// last to the first, so it is one cycle, and where it leads to after any number of steps is known without walking it.
/// Multiplying by an odd number and folding high bits onto low ones are one-to-one on numbers of a fixed width; what
/// falls outside is sent through again ("cycle walking": Black and Rogaway, "Ciphers with arbitrary finite domains",
/// 2002).
GPUBENCH_HOST_DEVICE constexpr std::uint64_t chain_line(std::uint64_t place, std::uint64_t lines) {
  int bits = 1;
  while (bits < 63 && (std::uint64_t{1} << bits) < lines) ++bits;
  const std::uint64_t mask = (std::uint64_t{1} << bits) - 1;
  const int fold = bits / 2 > 0 ? bits / 2 : 1;
  std::uint64_t x = place;
  do {
    x = (x * 0xbf58476d1ce4e5b9ULL + 0x9e3779b97f4a7c15ULL) & mask;
    x ^= x >> fold;
    x = (x * 0x94d049bb133111ebULL) & mask;
    x ^= x >> fold;
    x = (x * 0xd6e8feb86659fd93ULL) & mask;
    x ^= x >> fold;
  } while (x >= lines);
  return x;
}

/// Loads in a sample: 3 million cycles of them, 1 ms or longer at every clock that a GPU has, so that the device's
/// timer, which ticks in steps of up to 1 us, errs by 0.1 % at most. A multiple of 16.
constexpr std::uint64_t chase_loads(double cycles_per_load) {
  constexpr double wanted_cycles = 3e6;
  constexpr double least = 1024;
  constexpr double most = 1 << 20;
  const double loads = cycles_per_load > 0 ? wanted_cycles / cycles_per_load : least;
  return static_cast<std::uint64_t>(loads < least ? least : loads > most ? most : loads) / 16 * 16;
}

}  // namespace gpubench::kernels
