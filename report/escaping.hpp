#pragma once

#include <string>
#include <string_view>

namespace gpubench::report {

/// Text for XML 1.0, in content and quoted attributes: markup escaped, control characters and bytes that are not UTF-8,
/// which it cannot hold, as "?".
std::string xml_escape(std::string_view text);

}  // namespace gpubench::report
