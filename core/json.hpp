#pragma once

#include "core/error.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace gpubench {

/// Keys keep the order in which they were written, so that files read as they were composed.
using json = nlohmann::ordered_json;

/// @param file  name used in positions.
/// @throws error: input at its place: malformed or empty, a key twice in one object, nested deeper than 64 levels.
json parse_json(std::string_view text, const std::string& file);

/// For files of others. Also refuses, at line and column, control characters in names and texts, which could drive
/// a terminal.
json parse_foreign_json(std::string_view text, const std::string& file);

/// Where the value of a path such as "runs[3].name" stands in a document (its key, or the element itself). The whole
/// file for a path that is not there.
file_position position_in_json(std::string_view text, const std::string& file, const std::string& path);

/// @throws error: io if unreadable; input as parse_json().
json load_json(const std::filesystem::path& path);

}  // namespace gpubench
