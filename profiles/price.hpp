#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/provenance.hpp"

namespace gpubench::profiles {

enum class price_model { on_demand, spot, commitment };
std::string_view to_string(price_model model);
std::optional<price_model> parse_price_model(std::string_view name);

/// Price of one hour of a whole instance in one region (prices.csv).
struct price {
  std::string provider;
  std::string instance_type;
  std::string region;
  price_model model = price_model::on_demand;
  std::string term;  ///< of a commitment: "1yr CUD, no upfront"; empty otherwise
  double amount_per_hour = 0;
  std::string currency;  ///< ISO 4217, as the provider lists it
  bool checked = true;   ///< false where the source is third-party or "up to": shown, never planned on
  provenance origin;
};

/// Units of a currency for one USD, each with its date and source; the user may set one.
class exchange_rates {
 public:
  struct rate {
    double units_per_usd = 1;
    std::string date;
    std::string source;
  };

  /// The newest rate of a currency replaces older ones.
  void add(const std::string& currency, rate value);
  /// @throws error: input for a currency without a rate, naming it and `--rate`.
  const rate& of(const std::string& currency) const;
  double to_usd(double amount, const std::string& currency) const { return amount / of(currency).units_per_usd; }
  const std::map<std::string, rate>& all() const { return rates_; }

 private:
  std::map<std::string, rate> rates_;
};

}  // namespace gpubench::profiles
