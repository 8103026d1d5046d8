#include "core/units.hpp"
#include "profiles/detail/loaders.hpp"
#include "profiles/detail/price_limits.hpp"

#include <regex>
#include <unordered_map>
#include <utility>

namespace gpubench::profiles::detail {
namespace {

const file_columns price_columns{
    {"provider", "instance_type", "region", "price_model", "amount_per_hour", "currency", "source", "date"},
    {"term", "checked", "note"}};

void check_amount(const price& cost, const instance& type, const exchange_rates& rates, row_reader& row) {
  const auto range = sane_price(type);
  if (!range) return;
  const double usd = cost.amount_per_hour / rates.of(cost.currency, cost.origin.date).units_per_usd;
  if (range->holds(usd)) return;
  row.refuse("amount_per_hour",
             fmt::format("price {} {} ({:.4g} USD) an hour for {} is outside of {:.4g} to {:.4g} USD",
                         row.text("amount_per_hour"), cost.currency, usd, type.name(), range->low, range->high),
             "the price is that of one hour of the whole instance");
}

price read_price(const catalogue& known, row_reader& row) {
  price cost;
  cost.provider = row.required("provider");
  cost.instance_type = row.required("instance_type");
  cost.region = row.required("region");
  cost.term = row.text("term");
  cost.currency = row.required("currency");
  cost.checked = row.yes_or_no("checked").value_or(true);
  if (!row.required("price_model").empty()) {
    const auto model = row.one_of("price_model", {"on_demand", "spot", "commitment"});
    if (model) cost.model = *parse_price_model(*model);
    if (model && cost.model == price_model::commitment && cost.term.empty())
      row.refuse("term", "a commitment needs its term", "for example \"1yr, no upfront\"");
    if (model && cost.model != price_model::commitment && !cost.term.empty())
      row.refuse("term", fmt::format("term '{}' of a price that is no commitment", cost.term));
  }
  const auto amount = row.required_number("amount_per_hour", {-1e300, 1e300, ""});
  cost.amount_per_hour = amount.value_or(0);
  cost.origin = row.origin();
  if (amount && *amount <= 0)
    row.refuse("amount_per_hour",
               fmt::format("{} price {} for {} {}", cost.model == price_model::spot ? "spot" : "hourly",
                           row.text("amount_per_hour"), cost.provider, cost.instance_type),
               "a price of zero or less is a known defect of public catalogues: correct it or leave the row out");
  const auto* type = known.find_instance(cost.provider, cost.instance_type);
  if (!type && !cost.provider.empty() && !cost.instance_type.empty())
    row.refuse("instance_type",
               fmt::format("instance '{} {}' is not in instances.csv", cost.provider, cost.instance_type),
               suggestion(cost.provider + " " + cost.instance_type, instance_names(known)));
  const bool convertible = cost.currency == "USD" || known.rates.knows(cost.currency);
  if (!convertible && !cost.currency.empty())
    row.refuse("currency", fmt::format("currency '{}' has no rate in exchange_rates.csv", cost.currency),
               "use an ISO 4217 code, or add a dated rate");
  if (type && convertible && amount && *amount > 0) check_amount(cost, *type, known.rates, row);
  return cost;
}

// A spot price above the on-demand price of the same day and place is a mistake; with other days it may be true.
class spot_check {
 public:
  void note(const price& cost, row_reader& row) {
    if (cost.model == price_model::commitment || !row.ok()) return;
    const auto key = key_of({cost.provider, cost.instance_type, cost.region, cost.currency, cost.origin.date});
    auto& pair = pairs_[key];
    const bool spot = cost.model == price_model::spot;
    (spot ? pair.spot : pair.on_demand) = cost.amount_per_hour;
    if (!pair.spot || !pair.on_demand || *pair.spot <= *pair.on_demand) return;
    row.refuse("amount_per_hour",
               fmt::format("spot price {:g} of {} {} is above the on-demand price {:g} of the same day", *pair.spot,
                           cost.provider, cost.instance_type, *pair.on_demand));
  }

 private:
  struct prices {
    std::optional<double> on_demand, spot;
  };
  std::unordered_map<std::string, prices> pairs_;
};

struct discount {
  std::string provider;
  std::regex type;
  std::optional<price_model> model;
  double fraction = 0;
  provenance origin;
  file_position where;
  bool used = false;
};

discount read_discount(row_reader& row) {
  discount d;
  d.provider = row.required("provider");
  d.origin = row.origin();
  d.where = row.position("instance_type");
  d.fraction = row.required_number("discount_fraction", {0.0001, 0.99, "(0.2 is 20 %)"}).value_or(0);
  const auto model = row.one_of("price_model", {"on_demand", "spot", "commitment"});
  if (model) d.model = parse_price_model(*model);
  const auto& pattern = row.text("instance_type");
  try {
    d.type = std::regex(pattern.empty() ? ".*" : pattern, std::regex::icase);
  } catch (const std::regex_error&) {
    row.refuse("instance_type", fmt::format("'{}' is not a regular expression", pattern),
               "a plain type name is one; '.*' takes all");
  }
  return d;
}

}  // namespace

void load_exchange_rates(const file_list& files, std::size_t shipped, catalogue& into, findings& sink) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::unordered_map<std::string, exchange_rates::rate> own;
    each_row(files[i], {{"currency", "units_per_usd", "source", "date"}, {"note"}}, sink, [&](row_reader& row) {
      const auto currency = row.required("currency");
      const auto units = row.required_number("units_per_usd", {1e-4, 1e6, "units for one USD"});
      const auto origin = row.origin();
      if (!row.ok()) return;
      const exchange_rates::rate rate{*units, origin.date, origin.source};
      if (i < shipped) {
        into.rates.add(currency, rate);
      } else if (auto& newest = own[currency]; newest.date <= rate.date) {
        newest = rate;
      }
    });
    for (const auto& [currency, rate] : own) into.rates.set(currency, rate);
  }
}

void load_prices(const file_list& files, catalogue& into, findings& sink) {
  keyed_rows<price> rows(into.prices);
  for (const auto& file : files) {
    rows.start_file();
    spot_check spots;
    each_row(file, price_columns, sink, [&](row_reader& row) {
      auto cost = read_price(into, row);
      spots.note(cost, row);
      const auto key = key_of({cost.provider, cost.instance_type, cost.region, to_string(cost.model), cost.term});
      const auto what =
          fmt::format("{} price of {} {} in {}", to_string(cost.model), cost.provider, cost.instance_type, cost.region);
      rows.add(key, std::move(cost), what, "instance_type", row);
    });
  }
  into.index();
}

void apply_discounts(const file_list& files, catalogue& into, findings& sink) {
  std::vector<discount> discounts;
  for (const auto& file : files)
    each_row(file, {{"provider", "instance_type", "discount_fraction", "source", "date"}, {"price_model", "note"}},
             sink, [&](row_reader& row) {
               auto d = read_discount(row);
               if (row.ok()) discounts.push_back(std::move(d));
             });
  for (auto& cost : into.prices) {
    discount* last = nullptr;
    for (auto& d : discounts) {
      if (to_lower(d.provider) != to_lower(cost.provider) || (d.model && *d.model != cost.model) ||
          !std::regex_match(cost.instance_type, d.type))
        continue;
      d.used = true;
      last = &d;
    }
    if (!last) continue;
    cost.amount_per_hour *= 1 - last->fraction;
    cost.origin.note += fmt::format("{}{:g} % below the list price: {}, {}", cost.origin.note.empty() ? "" : "; ",
                                    last->fraction * 100, last->origin.source, last->origin.date);
  }
  for (const auto& d : discounts)
    if (!d.used)
      sink.add(error(error_kind::input, d.where, "discount matches no price",
                     "the pattern must match a whole instance type of that provider and price model"));
}

}  // namespace gpubench::profiles::detail
