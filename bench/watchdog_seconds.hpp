#pragma once

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>

// Header only and without a library, because the CUDA module shares it.
namespace gpubench {

/// Seconds that GPUBENCH_WATCHDOG_SECONDS allows: its text as a whole is a number above 0, cut to a day. Anything else,
/// and no variable at all, is 60.
/// @param text  of the variable; null where it is not set
inline double watchdog_seconds(const char* text) {
  constexpr double usual = 60, most = 86400;
  if (text == nullptr) return usual;
  const std::string_view all = text;
  double seconds = 0;
  const auto [end, problem] = std::from_chars(all.data(), all.data() + all.size(), seconds);
  if (problem != std::errc() || end != all.data() + all.size() || !(seconds > 0)) return usual;
  return std::min(seconds, most);
}

}  // namespace gpubench
