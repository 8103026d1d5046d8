#include "profiles/listing.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <set>
#include <unordered_set>

namespace gpubench::profiles {
namespace {

/// A pattern that matches everything when empty.
class name_matcher {
 public:
  name_matcher(const std::string& pattern, std::string_view option) {
    if (pattern.empty()) return;
    try {
      pattern_ = std::regex(pattern, std::regex::icase);
    } catch (const std::regex_error&) {
      throw error(error_kind::usage, fmt::format("{} '{}' is not a regular expression", option, pattern),
                  "a plain name is one; write a literal bracket as \\(");
    }
  }
  bool operator()(const std::string& name) const { return !pattern_ || std::regex_search(name, *pattern_); }

 private:
  std::optional<std::regex> pattern_;
};

void require_known(const std::string& wanted, const std::set<std::string>& names, std::string_view what) {
  if (names.count(wanted)) return;
  const std::vector<std::string> all(names.begin(), names.end());
  const auto near = suggestion(wanted, all);
  throw error(error_kind::usage, fmt::format("{} '{}' is not in the catalogue", what, wanted),
              near.empty() ? fmt::format("known: {}", join(all, ", ")) : near);
}

void check_names(const catalogue& known, const instance_filter& filter) {
  std::set<std::string> providers, regions;
  for (const auto& type : known.instances) providers.insert(type.provider);
  for (const auto& cost : known.prices) regions.insert(cost.region);
  for (const auto& provider : filter.providers) require_known(provider, providers, "provider");
  if (!filter.region.empty()) require_known(filter.region, regions, "region");
}

listed_instance with_prices(const catalogue& known, const instance& type, const instance_filter& filter) {
  listed_instance listed;
  listed.type = &type;
  for (const auto* cost : known.prices_of(type)) {
    if (!filter.region.empty() && cost->region != filter.region) continue;
    const double usd = known.rates.to_usd(cost->amount_per_hour, cost->currency);
    if (filter.max_usd_per_hour && usd > *filter.max_usd_per_hour) continue;
    listed.prices.push_back(cost);
    if (listed.cheapest_usd_per_hour && *listed.cheapest_usd_per_hour <= usd) continue;
    listed.cheapest = cost;
    listed.cheapest_usd_per_hour = usd;
  }
  return listed;
}

std::vector<listed_instance> select(const catalogue& known, const instance_filter& filter) {
  check_names(known, filter);
  const name_matcher gpu_matches(filter.gpu_pattern, "--gpu");
  const name_matcher name_matches(filter.name_pattern, "pattern");
  const bool price_needed = !filter.region.empty() || filter.max_usd_per_hour.has_value();
  std::vector<listed_instance> passing;
  for (const auto& type : known.instances) {
    const auto& wanted = filter.providers;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), type.provider) == wanted.end()) continue;
    if (!filter.gpu_pattern.empty() && (!type.has_gpu() || !gpu_matches(type.gpu))) continue;
    if (filter.min_gpu_memory_bytes && type.gpu_memory_bytes.value_or(0) < *filter.min_gpu_memory_bytes) continue;
    if (!name_matches(type.type)) continue;
    auto listed = with_prices(known, type, filter);
    if (!price_needed || !listed.prices.empty()) passing.push_back(std::move(listed));
  }
  return passing;
}

}  // namespace

std::vector<listed_instance> list_instances(const catalogue& known, const instance_filter& filter) {
  return select(known, filter);
}

std::vector<const price*> list_prices(const catalogue& known, const instance_filter& filter) {
  std::vector<const price*> all;
  for (const auto& listed : select(known, filter)) all.insert(all.end(), listed.prices.begin(), listed.prices.end());
  // Pointers into one vector: their order is the catalogue's.
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<const gpu_spec*> list_gpus(const catalogue& known, const instance_filter& filter) {
  const name_matcher gpu_matches(filter.gpu_pattern, "--gpu");
  const name_matcher name_matches(filter.name_pattern, "pattern");
  const bool must_be_sold = !filter.providers.empty() || !filter.region.empty() || filter.max_usd_per_hour;
  std::unordered_set<std::string> sold;
  if (must_be_sold) {
    auto offers = filter;
    offers.name_pattern.clear();
    offers.min_gpu_memory_bytes.reset();
    for (const auto& listed : select(known, offers)) sold.insert(listed.type->gpu);
  }
  std::vector<const gpu_spec*> passing;
  for (const auto& gpu : known.gpus) {
    if (!gpu_matches(gpu.name) || !name_matches(gpu.name)) continue;
    if (filter.min_gpu_memory_bytes && gpu.memory_bytes < *filter.min_gpu_memory_bytes) continue;
    if (must_be_sold && !sold.count(gpu.name)) continue;
    passing.push_back(&gpu);
  }
  return passing;
}

}  // namespace gpubench::profiles
