#pragma once

#include "kernels/equihash.hpp"

#include <cstddef>
#include <cstdint>

namespace gpubench::kernels {

/// Where a solver on a GPU keeps what, as offsets in one piece of memory. What counts comes first, so that it is
/// cleared at once.
template <class Shape>
struct equihash_layout {
  /// Pairs that the last round leaves. Few are solutions: in the others a string comes twice. Of (200,9) there are some 300
  /// to 2,000.
  static constexpr std::uint32_t most_candidates = 1U << 16;
  /// A run has 2 on average.
  static constexpr std::uint32_t most_solutions = 64;
  static constexpr std::uint32_t indices = 1U << Shape::k;

  static constexpr std::size_t padded(std::size_t bytes) { return (bytes + 255) / 256 * 256; }

  /// Entries that each bucket of each list was given, then the three below, all std::uint32_t.
  static constexpr std::size_t counters = 0;
  static constexpr std::size_t counter_words = std::size_t{Shape::buckets} * Shape::k + 3;
  static constexpr std::size_t candidate_count = counters + 4 * (counter_words - 3);
  static constexpr std::size_t solution_count = candidate_count + 4;
  static constexpr std::size_t dropped_count = candidate_count + 8;

  static constexpr std::size_t candidates = padded(counters + 4 * counter_words);
  static constexpr std::size_t solutions = candidates + padded(sizeof(typename Shape::origin) * most_candidates);
  static constexpr std::size_t entries[2] = {
      solutions + padded(4ULL * most_solutions * indices),
      solutions + padded(4ULL * most_solutions * indices) + padded(4 * Shape::slots * Shape::words)};
  static constexpr std::size_t strings = entries[1] + padded(4 * Shape::slots * Shape::words);
  static constexpr std::size_t origins_bytes = padded(sizeof(typename Shape::origin) * Shape::slots);
  static constexpr std::size_t origins = strings + padded(4 * Shape::slots);  ///< of lists 1 to k - 1
  static constexpr std::size_t bytes = origins + (Shape::k - 1) * origins_bytes;
};

}  // namespace gpubench::kernels
