#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "comparison/benchmark_data.hpp"
#include "comparison/compare.hpp"

namespace gpubench::comparison {

/// Measurements of one benchmark, by side; `all` has those without a usable time too.
struct pair_of_sides {
  measurements base, fresh, all_base, all_fresh;
  std::string repeated_in;  ///< a run that has it more than once; empty: none
};

/// Benchmarks of both sides, in the order of the first run that has them.
std::vector<std::pair<benchmark_key, pair_of_sides>> match(const side& base, const side& fresh);

/// @throws error: usage for a side without runs or one that holds a run twice
void require_distinct_runs(const side& s);
/// @throws error: usage for a run on both sides, unless both hold the same runs
void require_apart(const side& base, const side& fresh);

/// Whether both sides are the same measurements: then there is nothing to test.
bool are_identical(const pair_of_sides& sides);
/// Whether another tool measured some of them and told them without samples.
bool holds_summary(const measurements& all);
/// Whether it broke off or its answer was wrong.
bool has_failed(const results::measurement* m);
/// Whether its answer was wrong.
bool is_wrong(const results::measurement* m);

/// @param usable  those of `all` that have times
side_facts facts_of(const measurements& usable, const measurements& all);

/// Adds those that are not there yet.
void add_missing(std::vector<difference>& known, const std::vector<difference>& more);
/// @throws error: input for a noise profile of another machine than one of the runs, as far as it matters to the
/// device:
///         another CPU, instance type, GPU, power limit, highest clock, ECC, MIG slice or driver
void require_noise_of(const side& fresh, const std::string& device, const noise_profile& profile,
                      const std::set<std::string>& allowed);
/// Keys of what forbids a comparison: "driver, ecc".
std::string keys_in(const std::vector<difference>& differences, const std::set<std::string>& allowed);

}  // namespace gpubench::comparison
