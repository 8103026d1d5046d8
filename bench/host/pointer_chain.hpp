#pragma once

#include "bench/host/stream_arrays.hpp"

#include <cstddef>
#include <cstdint>

namespace gpubench::bench {

/// One cache line that points to the next of its chain.
struct alignas(64) chain_line {
  chain_line* next = nullptr;
  std::uint64_t mark = 0;  ///< of contains_every_line()
};

/// Cache lines linked into one cycle in random order, so that no prefetcher can guess the next.
class pointer_chain {
 public:
  /// @param bytes  working set; at least two lines, rounded down to whole ones
  /// @throws std::bad_alloc
  pointer_chain(std::size_t bytes, std::uint64_t seed);

  std::size_t lines() const { return lines_; }
  chain_line* start() const { return line(0); }
  bool has_huge_pages_advised() const { return huge_pages_advised_; }

  /// Follows `loads` pointers, each load waiting for the one before.   @return where the walk ended
  static chain_line* follow(chain_line* from, std::size_t loads);

  /// Number of lines that the cycle through start() visits; lines() when it is right. Walks from many lines at once,
  /// since one after the other would take longer than the measurement.
  std::size_t count_cycle() const;

 private:
  chain_line* line(std::size_t index) const { return static_cast<chain_line*>(memory_.data()) + index; }

  mapped_memory memory_;
  std::size_t lines_;
  bool huge_pages_advised_;
};

}  // namespace gpubench::bench
