#pragma once

#include "profiles/catalogue.hpp"
#include "profiles/price_lists/price_list.hpp"

#include <map>
#include <string>
#include <vector>

namespace gpubench::profiles {

/// Prices that may be planned with, one for each key of prices.csv, and those that may not.
struct screened_list {
  std::vector<price> prices;
  std::vector<instance> new_types;  ///< that the catalogue lacks and `prices` need
  std::vector<refused_price> refused;
};

/// Holds every listed price to what is known. Refused are: names that no provider gives (control characters, formulas
/// of spreadsheets, markup), currencies without a rate, prices of zero or less, unknown GPUs, another number or memory
/// of GPUs than the catalogue's (a total given as that of one, for example), new types of unknown size, prices outside
/// of what prices.csv may hold, bid floors (spot below a twentieth of on demand), and tenfold outliers: against the
/// present price, the other regions of the list, and the median of that GPU in the catalogue.
///
/// A catalogue's price is that of a region: of several zones the cheapest is kept, with their range in the note. A spot
/// price of exactly a tenth of on demand is a placeholder of some lists: kept, but not planned on (checked = no).
/// @param origins  source and date by file name
screened_list screen(price_list list, const catalogue& known, const std::map<std::string, provenance>& origins);

/// Median of a set in any order, which is reordered; the upper of the two in the middle. 0 for an empty set.
double upper_median(std::vector<double>& values);

}  // namespace gpubench::profiles
