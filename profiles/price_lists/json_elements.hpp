#pragma once

#include "core/error.hpp"
#include "core/json.hpp"

#include <filesystem>
#include <functional>

namespace gpubench::profiles::detail {

/// Reads a file that is one JSON array, an element at a time, so that memory is bounded by the largest element.
/// @param read  is given each element and where it begins
/// @throws error: io; input at line and column for malformed text, numbers that no double holds, nesting deeper than 64
///         levels, a key that stands twice in an object, and for anything but an array.
void each_json_element(const std::filesystem::path& file,
                       const std::function<void(const json&, const file_position&)>& read);

}  // namespace gpubench::profiles::detail
