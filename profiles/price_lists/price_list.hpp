#pragma once

#include "core/error.hpp"
#include "profiles/price.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::profiles {

/// One price of a list that somebody else publishes, as listed: nothing is checked yet. Unknown is absent or empty.
struct listed_price {
  std::string provider;
  std::string instance_type;
  std::string region;
  std::string zone;
  price_model model = price_model::on_demand;
  std::string term;  ///< of a commitment
  double amount_per_hour = 0;
  std::string currency;
  std::string gpu;  ///< as the list names it; empty for CPU only
  std::optional<double> gpu_count;
  std::optional<double> gpu_memory_bytes;  ///< of one GPU
  std::optional<double> vcpus, host_memory_bytes;
  std::string doubt;  ///< why the price is shown but not to be planned on; empty: none
  file_position position;
};

/// A price that is not taken over, and why.
struct refused_price {
  std::string provider, instance_type, region;
  std::optional<price_model> model;
  std::optional<double> amount_per_hour;
  std::string currency;
  std::string reason;
  file_position position;
};

/// What a reader made of the files of one list.
struct price_list {
  std::vector<listed_price> prices;
  std::vector<refused_price> refused;
  std::vector<std::string> unused_columns;  ///< that the reader does not know
};

refused_price refuse(const listed_price& offer, std::string reason);
/// A row that has no readable price, at the place of the error.
refused_price refuse_row(std::string_view provider, std::string_view type, std::string_view region, const error& why);

}  // namespace gpubench::profiles
