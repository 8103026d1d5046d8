#pragma once

#include "profiles/cpu.hpp"
#include "profiles/gpu.hpp"
#include "profiles/instance.hpp"
#include "profiles/price.hpp"
#include "profiles/tariffs.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gpubench::profiles {

/// Everything that is known about what can be rented. Loaded once, then constant.
struct catalogue {
  std::vector<gpu_spec> gpus;
  std::vector<gpu_alias> gpu_aliases;
  std::vector<cpu_spec> cpus;
  std::vector<instance> instances;
  std::vector<price> prices;
  std::vector<spot_interruption> spot_interruptions;
  std::vector<storage_offer> storage;
  std::vector<transfer_price> transfers;
  exchange_rates rates;

  /// By name or alias; nullptr when unknown. Case, blanks, hyphens and a vendor's name in front ("NVIDIA", "Tesla",
  /// "AMD", "GeForce") do not count, so that what NVML reports is found; a memory size may follow, as in "L4-24GB".
  const gpu_spec* find_gpu(std::string_view name) const;
  const cpu_spec* find_cpu(std::string_view name) const;
  const instance* find_instance(std::string_view provider, std::string_view type) const;
  /// All instances of that type name; a type name without provider, or "provider type", or "provider:type".
  std::vector<const instance*> find_instances(std::string_view name) const;
  /// @throws error: usage with the nearest names.
  const gpu_spec& gpu(std::string_view name) const;
  /// @throws error: usage with the nearest names, or naming the providers when several have the type.
  const instance& require_instance(std::string_view name) const;
  /// Prices of one instance type, in file order.
  std::vector<const price*> prices_of(const instance& type) const;

  /// Builds the look-up tables; the loader calls it last, as must whoever changes the vectors.
  void index();

 private:
  std::unordered_map<std::string, std::size_t> gpu_index_, cpu_index_, instance_index_;
  std::unordered_map<std::string, std::vector<std::size_t>> type_index_, price_index_;
};

/// Reads and validates all files of `directory`, then those that exist in each overlay, whose rows replace rows of the
/// same key and add others, then `gpu_specs`: files with the columns of gpus.csv. An overlay may also hold
/// discounts.csv (provider, instance_type regex, price_model, discount_fraction, source, date), applied to the prices
/// it matches.
/// @throws error: input at file:line:column for the first wrong row: unknown GPU or CPU names, duplicates, missing
///         source or date, memory or price out of sane range, fraction outside (0,1], contradicting tensor rates.
catalogue load_catalogue(const std::filesystem::path& directory,
                         const std::vector<std::filesystem::path>& overlays = {},
                         const std::vector<std::filesystem::path>& gpu_specs = {});

/// Like load_catalogue(), but goes on after a wrong row and returns every finding.
std::vector<error> validate_catalogue(const std::filesystem::path& directory,
                                      const std::vector<std::filesystem::path>& overlays = {});

}  // namespace gpubench::profiles
