#pragma once

#include <string>

#include "fleet/job.hpp"

namespace gpubench::fleet {

/// What the campaign says of an engine's setting, or `otherwise`.
inline std::string setting_of(const campaign& of, const std::string& key, const std::string& otherwise = {}) {
  const auto found = of.settings.find(key);
  return found == of.settings.end() ? otherwise : found->second;
}

}  // namespace gpubench::fleet
