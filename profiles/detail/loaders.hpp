#pragma once

#include "profiles/billing.hpp"
#include "profiles/catalogue.hpp"
#include "profiles/detail/data_file.hpp"

#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

namespace gpubench::profiles::detail {

/// One kind of data file each: reads `files` in order (the shipped one, then those of overlays), checks every row, and
/// adds or replaces rows of `into`. Sources of the limits stand beside them.
using file_list = std::vector<std::filesystem::path>;

void load_gpus(const file_list& files, catalogue& into, findings& sink);
void load_gpu_aliases(const file_list& files, catalogue& into, findings& sink);
void load_cpus(const file_list& files, catalogue& into, findings& sink);
void load_instances(const file_list& files, catalogue& into, findings& sink);
/// @param shipped  how many of `files` are shipped data: a rate of an overlay is the user's and wins over newer ones.
void load_exchange_rates(const file_list& files, std::size_t shipped, catalogue& into, findings& sink);
void load_prices(const file_list& files, catalogue& into, findings& sink);
/// Reduces the prices that a row of discounts.csv matches.
void apply_discounts(const file_list& files, catalogue& into, findings& sink);
void load_spot_interruptions(const file_list& files, catalogue& into, findings& sink);
void load_storage(const file_list& files, catalogue& into, findings& sink);
void load_transfers(const file_list& files, catalogue& into, findings& sink);
void load_billing_rules(const file_list& files, std::vector<billing_rule>& into, findings& sink);

/// Names of the catalogue, for suggestions.
std::vector<std::string> gpu_names(const catalogue& known);
std::vector<std::string> cpu_names(const catalogue& known);
std::vector<std::string> instance_names(const catalogue& known);

}  // namespace gpubench::profiles::detail
