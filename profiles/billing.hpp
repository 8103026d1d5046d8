#pragma once

#include "profiles/provenance.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::profiles {

/// How a provider rounds the time that it bills (billing.csv): up to whole granules, and no less than the minimum.
struct billing_rule {
  std::string provider;
  double granularity_seconds = 1;
  std::optional<double> minimum_seconds;
  provenance origin;
};

/// By provider: billing.csv of `directory`, where there is one, then of each overlay, whose rows replace.
/// @throws error: input at file:line:column for a wrong row.
std::map<std::string, billing_rule> load_billing_rules(const std::filesystem::path& directory,
                                                       const std::vector<std::filesystem::path>& overlays = {});

}  // namespace gpubench::profiles
