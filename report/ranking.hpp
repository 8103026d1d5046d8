#pragma once

#include "planner/recommend.hpp"
#include "report/grid.hpp"

#include <string>
#include <vector>

namespace gpubench::report {

/// The ranking as people read it: at most `max_rows` best candidates (0: all), times in one unit for the whole table.
grid ranking_grid(const planner::recommendation& answer, std::size_t max_rows);

/// Offers that were refused, with their reason and detail.
grid rejected_grid(const planner::recommendation& answer, std::size_t max_rows);

}  // namespace gpubench::report
