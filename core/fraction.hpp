#pragma once

#include <optional>
#include <string_view>

namespace gpubench {

/// 0.05 of "0.05" or "5%", with blanks around; nothing for what is no number.
std::optional<double> parse_fraction(std::string_view text);

}  // namespace gpubench
