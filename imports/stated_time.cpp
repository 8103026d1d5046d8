#include "imports/stated_time.hpp"

#include "core/text.hpp"
#include "core/units.hpp"

#include <chrono>

namespace gpubench::imports {
namespace {

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

std::optional<std::string> stated_utc(std::string_view text) {
  using namespace std::chrono;
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':') return std::nullopt;
  const year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *year < 1970 || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  std::size_t at = 19;
  if (at < text.size() && text[at] == '.')
    while (++at < text.size() && text[at] >= '0' && text[at] <= '9') continue;
  const auto zone = text.substr(at);
  minutes offset{0};
  if (zone != "Z") {
    const auto hours_east = digits(zone, 1, 2);
    const auto minutes_east = zone.size() == 6 && zone[3] == ':' ? digits(zone, 4, 2) : std::nullopt;
    if (!hours_east || !minutes_east || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
    offset = hours(*hours_east) + minutes(*minutes_east);
    if (zone[0] == '-') offset = -offset;
  }
  const auto local = sys_days(date) + hours(*hour) + minutes(*minute) + seconds(*second);
  return format_utc(time_point_cast<system_clock::duration>(local - offset));
}

}  // namespace gpubench::imports
