#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

#include "comparison/benchmark_data.hpp"
#include "comparison/compare.hpp"
#include "comparison/sides.hpp"

namespace gpubench::comparison {

/// Both sides in one unit, and what becomes of them.
struct in_one_unit {
  side_data base, fresh;
  run_variance noise;
  change_test test;
};

/// A row whose sides can be held against each other, between the two passes over all benchmarks.
struct candidate {
  std::size_t row = 0;
  in_one_unit time;
  std::optional<in_one_unit> cycles;            ///< where the runs lie closer together in cycles than in time
  std::optional<double> base_load, fresh_load;  ///< other work on the CPU, fraction of all cores; absent: unknown
  double competing_load() const { return std::max(base_load.value_or(0), fresh_load.value_or(0)); }
  const in_one_unit& decisive() const { return cycles ? *cycles : time; }
};

/// @param row       its place among all rows
/// @param profiled  nullptr: no profile knows the benchmark
candidate candidate_of(std::size_t row, const pair_of_sides& sides, const benchmark_noise* profiled);

/// Tests all candidates, strengthens each by what the others say of noise, controls the false discovery rate over all,
/// and fills their rows with changes, p values and verdicts.
void judge_all(std::vector<candidate>& candidates, std::vector<comparison_row>& rows, const criteria& by);

}  // namespace gpubench::comparison
