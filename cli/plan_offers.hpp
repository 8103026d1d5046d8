#pragma once

#include "planner/recommend.hpp"

#include <optional>
#include <string>
#include <vector>

#include "capacity/offer.hpp"

namespace gpubench::cli {

/// Offers of a recommendation as capacity planning takes them.
struct planned_offers {
  std::vector<capacity::offer> offers;  ///< one an instance type, in the region where a unit is cheapest
  std::size_t considered = 0;           ///< instance types that can do the work
  std::vector<std::string> notes;
};

/// Years of a commitment by its name, which begins with them: "1yr CUD, no upfront". Nothing for another name.
std::optional<double> term_years(const std::string& term);

/// The instance types that do a unit for the least money, with every price of that region.
/// @param confidence  with which an instance does at least its units_per_second
/// @param most        instance types at most
planned_offers offers_of(const planner::recommendation& answer, double confidence, std::size_t most);

}  // namespace gpubench::cli
