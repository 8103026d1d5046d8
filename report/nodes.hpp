#pragma once

#include "core/json.hpp"
#include "report/grid.hpp"
#include "report/table.hpp"

#include <string>
#include <vector>

#include "comparison/node_comparison.hpp"

namespace gpubench::report {

/// "node-3 gpu5", "link node-3 gpu0 to gpu2".
std::string name_of(const comparison::slow_part& part);

/// What was found, the worst first, and what could not be compared and why.
std::vector<std::string> node_sentences(const comparison::node_comparison& found);

/// One row a slow part, by its worst benchmark.
grid slow_parts_grid(const comparison::node_comparison& found);
/// One row a node, the slowest of each group first.
grid node_standings_grid(const comparison::node_comparison& found);

/// The same with every figure, a row each of `slow_parts_table`, for programs. Times in nanoseconds, fractions 0 to 1.
table slow_parts_table(const comparison::node_comparison& found);
table node_standings_table(const comparison::node_comparison& found);

/// As report/schema/gpubench.nodes-1.json describes it.
json to_json(const comparison::node_comparison& found);

}  // namespace gpubench::report
