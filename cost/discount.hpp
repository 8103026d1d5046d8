#pragma once

#include "profiles/catalogue.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::cost {

/// What a user pays less than the list says.
struct discount {
  std::string provider;
  std::optional<profiles::price_model> model;  ///< absent: every price model
  double fraction = 0;                         ///< 0.12 is 12 %
};

/// "aws=0.12", "aws:spot=12%".   @throws error: usage for anything else and for a fraction outside (0, 1).
discount parse_discount(std::string_view text);

/// Lowers the prices that they match; where several match, each lowers what the one before left.
/// @throws error: usage for a provider without such a price, with the nearest names.
void apply_discounts(const std::vector<discount>& discounts, profiles::catalogue& known);

}  // namespace gpubench::cost
