#pragma once

#include <optional>
#include <set>

#include "comparison/compare.hpp"

namespace gpubench::comparison {

/// What a comparison of the base with runs that a machine has still to make cannot but say: `now` is such a run before
/// anything is measured, with its machine and version. Its rows, of all `planned` benchmarks that the base has, are
/// then not comparable, with what differs.
/// @return nothing as soon as one of them could be compared: what differs in how it is measured shows only then.
/// @throws error: usage for a base without runs or one that holds a run twice; input for a noise profile of another
///         machine.
std::optional<comparison_result> foresee(const side& base, const results::run& now,
                                         const std::set<benchmark_key>& planned, const criteria& by);

}  // namespace gpubench::comparison
