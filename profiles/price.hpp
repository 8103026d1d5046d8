#pragma once

#include "profiles/provenance.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// Units of a currency for one USD, each with its date and source. A rate that the user sets wins over all others.
class exchange_rates {
 public:
  struct rate {
    double units_per_usd = 1;
    std::string date;
    std::string source;
  };

  /// Adds a dated rate; of() takes the newest. A rate of the same date replaces.
  void add(const std::string& currency, rate value);
  /// A user's rate: from now on the only one of this currency, whatever its date.
  void set(const std::string& currency, rate value);
  bool knows(const std::string& currency) const { return rates_.count(currency) > 0; }
  /// The newest rate: what a bill of today is converted with.
  /// @throws error: input for a currency without a rate, naming it and `--rate`.
  const rate& of(const std::string& currency) const;
  /// The rate whose date is nearest to `date`, for figures of that time.   @throws error: as of().
  const rate& of(const std::string& currency, std::string_view date) const;
  double to_usd(double amount, const std::string& currency) const { return amount / of(currency).units_per_usd; }
  /// The rate of each currency that of() takes.
  std::map<std::string, rate> all() const;

 private:
  const std::map<std::int64_t, rate>& dated(const std::string& currency) const;

  std::map<std::string, std::map<std::int64_t, rate>> rates_;  ///< by days since 1970
  std::map<std::string, rate> set_by_user_;
};

}  // namespace gpubench::profiles
