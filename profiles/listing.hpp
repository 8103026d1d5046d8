#pragma once

#include "profiles/catalogue.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gpubench::profiles {

/// What a list is narrowed to; an empty field lets everything through.
struct instance_filter {
  std::vector<std::string> providers;
  std::string gpu_pattern;  ///< regular expression on the GPU's name, case-insensitive; leaves out CPU-only instances
  std::optional<double> min_gpu_memory_bytes;  ///< of one GPU (of the share)
  std::optional<double> max_usd_per_hour;      ///< of the whole instance
  std::string region;                          ///< exact
  std::string name_pattern;                    ///< regular expression on the instance type, case-insensitive
};

/// An instance type with those of its prices that pass the filter. Points into the catalogue.
struct listed_instance {
  const instance* type = nullptr;
  std::vector<const price*> prices;
  const price* cheapest = nullptr;  ///< nullptr when there is no price
  std::optional<double> cheapest_usd_per_hour;
};

/// Instance types in catalogue order. A region or a highest price needs a price that meets it; without them instances
/// that have no price at all are listed too.
/// @throws error: usage for an unknown provider or region (nearest names in the hint) or a malformed pattern.
std::vector<listed_instance> list_instances(const catalogue& known, const instance_filter& filter);

/// Prices of the instance types that pass, in catalogue order.   @throws error: as list_instances().
std::vector<const price*> list_prices(const catalogue& known, const instance_filter& filter);

/// GPUs by `gpu_pattern`, `name_pattern` (here both on the GPU's name) and memory; with providers, region or a highest
/// price only those that a passing instance has.   @throws error: as list_instances().
std::vector<const gpu_spec*> list_gpus(const catalogue& known, const instance_filter& filter);

}  // namespace gpubench::profiles
