#pragma once

#include <cstddef>
#include <vector>

#include "comparison/benchmark_data.hpp"
#include "comparison/compare.hpp"
#include "comparison/other_work.hpp"
#include "comparison/sides.hpp"

namespace gpubench::comparison {

/// Both sides of a benchmark in one unit, at one quantile of each run's samples, and what becomes of them.
struct view {
  judged_unit unit = judged_unit::time;
  sample_quantile at = sample_quantile::median;
  side_data base, fresh;
  run_variance noise;
  change_test test;
};

/// A row whose sides can be held against each other, between the two passes over all benchmarks.
struct candidate {
  std::size_t row = 0;
  std::vector<view> views;         ///< first that of time at the median
  std::size_t decisive_place = 0;  ///< of the view in which runs of the same code differ least
  other_work load;                 ///< while a CPU was measured

  const view& in_time() const { return views.front(); }
  const view& decisive() const { return views[decisive_place]; }
  /// nullptr where there is none.
  const view* find(judged_unit unit, sample_quantile at) const;
};

/// In cycles where every run recorded its clock; at the lower quartile what a CPU did, of runs with enough samples for
/// it: on virtual machines other guests of the host take turns with it, unseen, for microseconds.
/// @param row       its place among all rows
/// @param profiled  nullptr: no profile knows the benchmark
candidate candidate_of(std::size_t row, const pair_of_sides& sides, const benchmark_noise* profiled);

}  // namespace gpubench::comparison
