#include "planner/offer_filter.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <cmath>
#include <vector>

namespace gpubench::planner {
namespace {

void require_known(const std::vector<std::string>& wanted, const std::set<std::string>& known, const char* what) {
  for (const std::string& name : wanted) {
    if (known.count(name) > 0) continue;
    const auto similar = suggestion(name, {known.begin(), known.end()});
    throw error(error_kind::usage, std::string(what) + " '" + name + "' is not in the catalogue",
                similar.empty() ? "gpubench list prices shows the providers and regions that there are" : similar);
  }
}

void require_positive(const std::optional<double>& value, const char* what) {
  if (value && !(*value > 0 && std::isfinite(*value))) {
    throw error(error_kind::usage, std::string(what) + " must be more than nothing");
  }
}

}  // namespace

offer_filter::offer_filter(const constraints& limits, const profiles::catalogue& known)
    : providers_(limits.providers.begin(), limits.providers.end()),
      regions_(limits.regions.begin(), limits.regions.end()),
      models_(limits.price_models.begin(), limits.price_models.end()) {
  require_positive(limits.deadline_seconds, "the deadline");
  require_positive(limits.budget_usd, "the budget");
  require_positive(limits.rate_units_per_second, "the throughput");
  if (!(limits.confidence > 0 && limits.confidence < 1)) {
    throw error(error_kind::usage, "the confidence must lie between 0 and 1", "0.95 asks for 95 %");
  }
  if (limits.max_nodes < 1) throw error(error_kind::usage, "at least one node is needed");
  if (limits.max_nodes > 1024) throw error(error_kind::usage, "more than 1024 nodes are not planned");
  if (limits.price_models.empty()) throw error(error_kind::usage, "no price model is allowed");
  if (!limits.providers.empty()) {
    std::set<std::string> all;
    for (const profiles::instance& type : known.instances) all.insert(type.provider);
    require_known(limits.providers, all, "provider");
  }
  if (!limits.regions.empty()) {
    std::set<std::string> all;
    for (const profiles::price& offer : known.prices) all.insert(offer.region);
    require_known(limits.regions, all, "region");
  }
  if (!limits.gpu_pattern.empty()) {
    try {
      gpu_.emplace(limits.gpu_pattern, std::regex::ECMAScript | std::regex::icase);
    } catch (const std::regex_error&) {
      throw error(error_kind::usage, "'" + limits.gpu_pattern + "' is not a regular expression",
                  "name a GPU such as H100, or several as 'H100|A100'");
    }
  }
}

bool offer_filter::admits(const profiles::instance& type) const {
  if (!providers_.empty() && providers_.count(type.provider) == 0) return false;
  return !gpu_ || (type.has_gpu() && std::regex_search(type.gpu, *gpu_));
}

bool offer_filter::admits(const profiles::price& offer) const {
  if (models_.count(offer.model) == 0) return false;
  return regions_.empty() || regions_.count(offer.region) > 0;
}

}  // namespace gpubench::planner
