#pragma once

#include <string>
#include <string_view>

namespace gpubench {

/// Refuses what is no UTF-8 text before a parser takes it for one: NUL bytes, UTF-16, packed files, wrong bytes.
/// @param file  name used in positions
/// @throws error: input at the first wrong byte.
void require_utf8(std::string_view content, const std::string& file);

}  // namespace gpubench
