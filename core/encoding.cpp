#include "core/encoding.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace gpubench {
namespace {

file_position place_of(std::string_view text, std::size_t offset, const std::string& file) {
  const auto before = text.substr(0, offset);
  const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  const auto start = before.rfind('\n');
  return {file, line, start == std::string_view::npos ? offset + 1 : offset - start};
}

struct code_range {
  char32_t first, last;
};

// Characters without ink of their own: two names that differ in them alone look alike, and marks of direction show a
// text as another one. Unicode 15, Default_Ignorable_Code_Point, and the separators of lines and paragraphs.
constexpr code_range unseen[] = {
    {0x00AD, 0x00AD}, {0x034F, 0x034F}, {0x061C, 0x061C},   {0x115F, 0x1160},   {0x17B4, 0x17B5},  {0x180B, 0x180F},
    {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},   {0x3164, 0x3164},   {0xFE00, 0xFE0F},  {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};

bool is_unseen(char32_t code) {
  return std::any_of(std::begin(unseen), std::end(unseen),
                     [code](const code_range& range) { return code >= range.first && code <= range.last; });
}

}  // namespace

std::size_t utf8_length(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto first = byte(at);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(at + i) & 0xC0U) != 0x80U) return 0;
  const auto second = byte(at + 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate_or_beyond = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || surrogate_or_beyond ? 0 : length;
}

void require_unpacked_text(std::string_view content, const std::string& file) {
  const auto starts = [&](std::string_view magic) { return content.substr(0, magic.size()) == magic; };
  if (starts("\x1F\x8B") || starts("PK\x03\x04") || starts("\x28\xB5\x2F\xFD"))
    throw error(error_kind::input, {file, 1, 1}, "this is a packed file, not text", "unpack it first");
  if (starts("\xFF\xFE") || starts("\xFE\xFF"))
    throw error(error_kind::input, {file, 1, 1}, "this text is UTF-16, not UTF-8",
                "convert it: iconv -f UTF-16 -t UTF-8");
}

void require_utf8(std::string_view content, const std::string& file) {
  require_unpacked_text(content, file);
  for (std::size_t at = 0; at < content.size();) {
    if (content[at] == '\0')
      throw error(error_kind::input, place_of(content, at, file), "a NUL byte: this is no text file",
                  "give the file as the tool wrote it");
    const auto length = utf8_length(content, at);
    if (length == 0)
      throw error(error_kind::input, place_of(content, at, file), "a byte that is not UTF-8",
                  "convert the file to UTF-8, for example with iconv");
    at += length;
  }
}

void require_line_end(std::string_view content, const std::string& file) {
  if (content.empty() || content.back() == '\n') return;
  throw error(error_kind::input, place_of(content, content.size(), file),
              "the row stops without a line end: it may be cut off",
              "give the whole file; if this is all of it, end it with a line end");
}

decoded_character decode_utf8(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xF0 && lead < 0xF8 ? 4
                             : lead >= 0xE0                ? 3
                             : lead >= 0xC0                ? 2
                                                           : 0;
  if (length <= 1 || lead >= 0xF8 || at + length > text.size()) return {lead, 1};
  char32_t code = lead & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[at + i]);
    if ((next & 0xC0u) != 0x80u) return {lead, 1};
    code = (code << 6) | (next & 0x3Fu);
  }
  return {code, length};
}

std::string printable(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto next = decode_utf8(text, at);
    // 0x80 to 0x9F are the C1 controls, whether as characters or as stray bytes.
    const bool control = next.code < 0x20 || (next.code >= 0x7F && next.code <= 0x9F);
    if (control)
      safe += '?';
    else if (is_unseen(next.code) && utf8_length(text, at) == next.bytes)
      safe += fmt::format("<U+{:04X}>", static_cast<std::uint32_t>(next.code));
    else
      safe += text.substr(at, next.bytes);
    at += next.bytes;
  }
  return safe;
}

std::string printable_lines(std::string_view text) {
  std::string plain;
  for (std::size_t start = 0; start <= text.size();) {
    const auto stop = std::min(text.find_first_of("\t\r\n", start), text.size());
    plain += printable(text.substr(start, stop - start));
    if (stop < text.size()) plain += text[stop];
    start = stop + 1;
  }
  return plain;
}

std::string valid_utf8(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto next = decode_utf8(text, at);
    constexpr char32_t shortest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool stray = next.bytes == 1 && next.code >= 0x80;
    const bool surrogate = next.code >= 0xD800 && next.code <= 0xDFFF;
    const bool beyond = next.code > 0x10FFFF || next.code == 0xFFFE || next.code == 0xFFFF;
    if (stray || surrogate || beyond || next.code < shortest[next.bytes])
      safe += '?';
    else
      safe += text.substr(at, next.bytes);
    at += next.bytes;
  }
  return safe;
}

}  // namespace gpubench
