#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace gpubench {

/// Keys keep the order in which they were written, so that files read as they were composed.
using json = nlohmann::ordered_json;

/// @param file  name used in positions.
/// @throws error: input at line and column for malformed text; an empty text gets its own sentence.
json parse_json(std::string_view text, const std::string& file);

/// @throws error: io if unreadable; input as parse_json().
json load_json(const std::filesystem::path& path);

}  // namespace gpubench
