#pragma once

#include "core/encoding.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::report {

/// Columns that a UTF-8 text takes on a terminal: combining marks take none, East Asian wide characters two. Bytes that
/// are not UTF-8 count one each.
std::size_t display_width(std::string_view text);

/// Spaces to the left (`right_aligned`) or right up to `width` columns; a wider text stays as it is.
std::string pad(std::string_view text, std::size_t width, bool right_aligned);

/// At most `width` columns; what is cut off is marked by an ellipsis.
std::string shorten(std::string_view text, std::size_t width);

/// Breaks at spaces into lines of at most `width` columns; a longer word stays whole.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// How HTML and XML write a character that they would take for markup: "&amp;" and so on; empty for any other.
std::string_view markup_entity(char c);

}  // namespace gpubench::report
