#pragma once

#include "planner/recommend.hpp"
#include "report/document.hpp"
#include "report/grid.hpp"

#include <string>
#include <vector>

namespace gpubench::report {

/// Places in `ranked`, best first, of at most `limit` (0: no limit) candidates that are each an instance type, price
/// model and number of nodes in its cheapest region: other regions take the same time for more money.
std::vector<std::size_t> cheapest_regions(const planner::recommendation& answer, std::size_t limit);

/// Which places in `ranked` a form for people shows: with style.wide every region, else each offer in its cheapest one;
/// at most style.max_rows (0: all).
struct shown_places {
  std::vector<std::size_t> places;
  std::size_t more = 0;  ///< not shown
  std::string of_what;   ///< what those are: "each in its cheapest region"
};
shown_places places_to_show(const planner::recommendation& answer, const style& look);

/// The ranking as people read it, of these places in `ranked`; times in one unit for the whole table.
grid ranking_grid(const planner::recommendation& answer, const std::vector<std::size_t>& places);

/// Offers that were refused, with their reason and detail.
grid rejected_grid(const std::vector<planner::rejection>& rejected, std::size_t max_rows);

}  // namespace gpubench::report
