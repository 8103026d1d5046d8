#pragma once

#include "profiles/catalogue.hpp"
#include "profiles/price_lists/screening.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace gpubench::profiles {

enum class price_change_kind {
  added,      ///< the catalogue has no such price
  changed,    ///< another amount or currency
  unchanged,  ///< the same amount: only its date is newer
  older,      ///< the catalogue's price has a later date than the list
  gone,       ///< of a provider, region and price model of the list, but not in it: stays as it is
};
std::string_view to_string(price_change_kind kind);

/// One price beside the one that the catalogue has. Points into the catalogue and the screened list.
struct price_change {
  price_change_kind kind = price_change_kind::added;
  const price* before = nullptr;
  const price* after = nullptr;
  std::optional<double> change_fraction;  ///< 0.05 is 5 % dearer, both in USD; absent unless there are both
};

/// What taking the list would change, in the order of the list, what is gone last.
std::vector<price_change> compare(const screened_list& list, const catalogue& known);

}  // namespace gpubench::profiles
