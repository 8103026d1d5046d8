#pragma once

#include <filesystem>
#include <string>
#include <string_view>

// GCC 12 reports a false -Wmaybe-uninitialized inside toml++ when it is inlined.
#include <toml++/toml.h>

#include "core/error.hpp"

namespace gpubench {

/// @throws error: io if unreadable; input at line and column for malformed TOML.
toml::table load_toml(const std::filesystem::path& path);

/// A TOML basic string, quoted: paths hold backslashes, and names quotes.
std::string toml_text(std::string_view text);

/// Position of a node, for errors about its value.
file_position position_of(const toml::node& node, const std::string& file);

}  // namespace gpubench
