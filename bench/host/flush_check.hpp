#pragma once

#include "bench/flush_times.hpp"
#include "bench/registry.hpp"

#include <optional>

namespace gpubench::bench {

/// Walks a random chain of cache lines, once right after another walk and once after twice the last-level cache was
/// written and read, at least 128 MiB. A cold walk that takes as long as a hot one tells that arrays of a few times the
/// reported cache do not leave it: the benchmarks of memory then measure a cache.
/// @return nothing where memory is too small for that
std::optional<flush_times> check_flush(const machine& where);

}  // namespace gpubench::bench
