#include "core/error.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "profiles/price.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace gpubench::profiles {

void exchange_rates::add(const std::string& currency, rate value) {
  rates_[currency][parse_date(value.date).value_or(0)] = std::move(value);
}

void exchange_rates::set(const std::string& currency, rate value) {
  rates_[currency] = {{parse_date(value.date).value_or(0), value}};
  set_by_user_[currency] = std::move(value);
}

const std::map<std::int64_t, exchange_rates::rate>& exchange_rates::dated(const std::string& currency) const {
  // The dollar is the unit that everything is compared in; it needs no row.
  static const std::map<std::int64_t, rate> dollar{{0, {1, "", "the unit of comparison"}}};
  if (currency == "USD") return dollar;
  const auto found = rates_.find(currency);
  if (found != rates_.end()) return found->second;
  std::vector<std::string> known{"USD"};
  for (const auto& [name, unused] : rates_) known.push_back(name);
  const auto near = suggestion(currency, known);
  throw error(error_kind::input, fmt::format("no exchange rate for currency '{}'", currency),
              fmt::format("{}set one with --rate {}=UNITS_PER_USD", near.empty() ? "" : near + " Or ", currency));
}

const exchange_rates::rate& exchange_rates::of(const std::string& currency) const {
  const auto user = set_by_user_.find(currency);
  return user != set_by_user_.end() ? user->second : dated(currency).rbegin()->second;
}

const exchange_rates::rate& exchange_rates::of(const std::string& currency, std::string_view date) const {
  const auto user = set_by_user_.find(currency);
  if (user != set_by_user_.end()) return user->second;
  const auto& rates = dated(currency);
  const auto day = parse_date(date).value_or(rates.rbegin()->first);
  const auto after = rates.lower_bound(day);
  if (after == rates.end()) return rates.rbegin()->second;
  if (after == rates.begin()) return after->second;
  const auto before = std::prev(after);
  return day - before->first <= after->first - day ? before->second : after->second;
}

std::map<std::string, exchange_rates::rate> exchange_rates::all() const {
  std::map<std::string, rate> newest;
  for (const auto& [currency, unused] : rates_) newest.emplace(currency, of(currency));
  return newest;
}

}  // namespace gpubench::profiles
