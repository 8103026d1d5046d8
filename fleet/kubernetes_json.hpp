#pragma once

#include "core/json.hpp"

#include <string>

namespace gpubench::fleet {

/// Of what kubectl says in JSON, of which every part may be missing.

/// The text at a JSON pointer; empty where there is none.
std::string text_at(const json& of, const char* path);
/// The list at a JSON pointer; empty where there is none: kubectl has null for an empty one.
const json& list_at(const json& of, const char* path);

}  // namespace gpubench::fleet
