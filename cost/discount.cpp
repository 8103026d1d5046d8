#include "cost/discount.hpp"

#include "core/error.hpp"
#include "core/fraction.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace gpubench::cost {

discount parse_discount(std::string_view text) {
  const auto refuse = [&](const std::string& what) {
    throw error(error_kind::usage, fmt::format("'{}' {}", text, what), "write aws=0.12 or aws:spot=12%");
  };
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) refuse("is not a discount");
  const std::string_view who = trim(text.substr(0, equals));
  discount one;
  const auto colon = who.find(':');
  one.provider = to_lower(trim(who.substr(0, colon)));
  if (colon != std::string_view::npos) {
    std::string model = to_lower(trim(who.substr(colon + 1)));
    std::replace(model.begin(), model.end(), '-', '_');
    one.model = profiles::parse_price_model(model);
    if (!one.model) refuse("names no price model");
  }
  const auto value = parse_fraction(text.substr(equals + 1));
  one.fraction = value.value_or(0);
  if (one.provider.empty() || !value) refuse("is not a discount");
  if (!(one.fraction > 0 && one.fraction < 1)) refuse("is not between 0 and 1");
  return one;
}

void apply_discounts(const std::vector<discount>& discounts, profiles::catalogue& known) {
  for (const discount& one : discounts) {
    bool used = false;
    for (profiles::price& offer : known.prices) {
      if (offer.provider != one.provider || (one.model && offer.model != *one.model)) continue;
      offer.amount_per_hour *= 1 - one.fraction;
      used = true;
    }
    if (used) continue;
    std::set<std::string> providers;
    for (const profiles::price& offer : known.prices) providers.insert(offer.provider);
    const std::vector<std::string> all(providers.begin(), providers.end());
    const std::string near = suggestion(one.provider, all);
    throw error(error_kind::usage, fmt::format("a discount for '{}' matches no price", one.provider),
                near.empty() ? "providers with prices: " + join(all, ", ") : near);
  }
}

}  // namespace gpubench::cost
