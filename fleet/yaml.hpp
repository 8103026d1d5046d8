#pragma once

#include "core/json.hpp"

#include <string>

namespace gpubench::fleet {

/// A document in YAML 1.2's block style that YAML 1.1 readers read alike: every text that either could take for
/// something else is quoted, texts of several lines stand as they are.   @throws error: usage for text that is not
/// UTF-8.
std::string to_yaml(const json& document);

}  // namespace gpubench::fleet
