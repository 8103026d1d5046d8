#include "report/text_width.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace gpubench::report {
namespace {

using code_range = std::pair<char32_t, char32_t>;

// Unicode Standard Annex 11 (East Asian Width): the blocks whose characters are wide, and the emoji planes.
constexpr std::array<code_range, 8> wide_ranges{{{0x1100, 0x115F},
                                                 {0x2E80, 0xA4CF},
                                                 {0xAC00, 0xD7A3},
                                                 {0xF900, 0xFAFF},
                                                 {0xFE30, 0xFE6F},
                                                 {0xFF00, 0xFF60},
                                                 {0xFFE0, 0xFFE6},
                                                 {0x1F300, 0x1FAFF}}};
constexpr std::array<code_range, 4> empty_ranges{
    {{0x0300, 0x036F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}}};

std::size_t width_of(char32_t code) {
  const auto holds = [code](const code_range& range) { return code >= range.first && code <= range.second; };
  if (std::any_of(empty_ranges.begin(), empty_ranges.end(), holds)) return 0;
  return std::any_of(wide_ranges.begin(), wide_ranges.end(), holds) ? 2 : 1;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto next = decode_utf8(text, at);
    width += width_of(next.code);
    at += next.bytes;
  }
  return width;
}

std::string pad(std::string_view text, std::size_t width, bool right_aligned) {
  const std::size_t have = display_width(text);
  const std::string space(have < width ? width - have : 0, ' ');
  return right_aligned ? space + std::string(text) : std::string(text) + space;
}

std::string shorten(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  std::string kept;
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto next = decode_utf8(text, at);
    used += width_of(next.code);
    if (used + 1 > width) break;
    kept += text.substr(at, next.bytes);
    at += next.bytes;
  }
  return width == 0 ? std::string() : kept + "…";
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find(' ', at), text.size());
    while (text.substr(end, 2) == " %") end = std::min(text.find(' ', end + 1), text.size());  // stays with its number
    const auto word = text.substr(at, end - at);
    at = end + 1;
    if (!lines.back().empty() && display_width(lines.back()) + 1 + display_width(word) > width) lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += word;
  }
  return lines;
}

std::string_view markup_entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

}  // namespace gpubench::report
