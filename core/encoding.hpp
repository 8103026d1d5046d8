#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gpubench {

/// Length of the UTF-8 character at `at`, 1 to 4; 0 for bytes that are none: overlong ones and surrogates too (Unicode 15,
/// table 3-7).
std::size_t utf8_length(std::string_view text, std::size_t at);

/// Refuses what is no UTF-8 text before a parser takes it for one: NUL bytes, UTF-16, packed files, wrong bytes.
/// @param file  name used in positions
/// @throws error: input at the first wrong byte.
void require_utf8(std::string_view content, const std::string& file);

}  // namespace gpubench
