#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gpubench::imports {

/// "2026-03-01T12:30:00+01:00", "...Z", or with a fraction of a second, as UTC: "2026-03-01T11:30:00Z". Nothing for
/// another form, an impossible date, or a time without zone.
std::optional<std::string> stated_utc(std::string_view text);

}  // namespace gpubench::imports
