#include "profiles/price_lists/difference.hpp"

#include "core/units.hpp"
#include "profiles/detail/data_file.hpp"

#include <unordered_map>
#include <unordered_set>

namespace gpubench::profiles {
namespace {

using detail::key_of;

std::string key_of_price(const price& cost) {
  return key_of({cost.provider, cost.instance_type, cost.region, to_string(cost.model), cost.term});
}

price_change beside(const price& before, const price& after, const catalogue& known) {
  const double from = known.rates.to_usd(before.amount_per_hour, before.currency);
  const double to = known.rates.to_usd(after.amount_per_hour, after.currency);
  price_change change{price_change_kind::changed, &before, &after, to / from - 1};
  if (parse_date(after.origin.date).value_or(0) < parse_date(before.origin.date).value_or(0))
    change.kind = price_change_kind::older;
  else if (before.amount_per_hour == after.amount_per_hour && before.currency == after.currency)
    change.kind = price_change_kind::unchanged;
  return change;
}

}  // namespace

std::string_view to_string(price_change_kind kind) {
  switch (kind) {
    case price_change_kind::added:
      return "new";
    case price_change_kind::changed:
      return "changed";
    case price_change_kind::unchanged:
      return "unchanged";
    case price_change_kind::older:
      return "older";
    case price_change_kind::gone:
      return "gone";
  }
  return {};
}

std::vector<price_change> compare(const screened_list& list, const catalogue& known) {
  std::unordered_map<std::string, const price*> present;
  for (const auto& cost : known.prices) present.emplace(key_of_price(cost), &cost);
  std::vector<price_change> changes;
  std::unordered_set<std::string> listed, scope, refused_types;
  for (const auto& cost : list.prices) {
    const auto key = key_of_price(cost);
    listed.insert(key);
    scope.insert(key_of({cost.provider, cost.region, to_string(cost.model)}));
    const auto found = present.find(key);
    changes.push_back(found == present.end() ? price_change{price_change_kind::added, nullptr, &cost, {}}
                                             : beside(*found->second, cost, known));
  }
  // A price that was refused is in the list: it is not gone.
  for (const auto& refusal : list.refused)
    refused_types.insert(key_of({refusal.provider, refusal.instance_type, refusal.region}));
  for (const auto& cost : known.prices) {
    if (listed.count(key_of_price(cost)) || !scope.count(key_of({cost.provider, cost.region, to_string(cost.model)})) ||
        refused_types.count(key_of({cost.provider, cost.instance_type, cost.region})))
      continue;
    changes.push_back({price_change_kind::gone, &cost, nullptr, {}});
  }
  return changes;
}

}  // namespace gpubench::profiles
