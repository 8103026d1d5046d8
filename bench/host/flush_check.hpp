#pragma once

#include "bench/registry.hpp"

#include <optional>

namespace gpubench::bench {

/// Time of a load from data that fit the second-level cache, at once again and after a flush; medians.
struct flush_times {
  double bytes = 0;
  double hot_ns = 0, cold_ns = 0;
};

/// Walks a random chain of cache lines, once right after another walk and once after twice the last-level cache was
/// written and read, at least 128 MiB. A cold walk that takes as long as a hot one tells that arrays of a few times the
/// reported cache do not leave it: the benchmarks of memory then measure a cache.
/// @return nothing where memory is too small for that
std::optional<flush_times> check_flush(const machine& where);

}  // namespace gpubench::bench
