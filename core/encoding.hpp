#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gpubench {

/// Length of the UTF-8 character at `at`, 1 to 4; 0 for bytes that are none: overlong ones and surrogates too (Unicode
/// 15, table 3-7).
std::size_t utf8_length(std::string_view text, std::size_t at);

/// Refuses what is no UTF-8 text before a parser takes it for one: NUL bytes, UTF-16, packed files, wrong bytes.
/// @param file  name used in positions
/// @throws error: input at the first wrong byte.
void require_utf8(std::string_view content, const std::string& file);

/// Refuses rows that stop without a line end: the last one may be cut off within a number, which then still is one.
/// @param file  name used in positions
/// @throws error: input at the end.
void require_line_end(std::string_view content, const std::string& file);

/// Of these only what a file's first bytes tell: packed files and UTF-16, as Windows shells write it.
/// @throws error: input
void require_unpacked_text(std::string_view content, const std::string& file);

/// Text from elsewhere made safe for readers, terminals and line-based formats: control characters (escape sequences
/// and line ends among them) become "?"; what nobody sees, or what turns the direction of writing, is named:
/// "<U+202E>".
std::string printable(std::string_view text);
/// The same of several lines: tabs and line ends stay.
std::string printable_lines(std::string_view text);

/// Bytes that are no UTF-8, characters that encode none (surrogates, beyond U+10FFFF) and U+FFFE, U+FFFF become "?".
std::string valid_utf8(std::string_view text);

/// The UTF-8 character at `at` and its length; a byte that starts no valid sequence stands for itself.
struct decoded_character {
  char32_t code = 0;
  std::size_t bytes = 1;
};
decoded_character decode_utf8(std::string_view text, std::size_t at);

}  // namespace gpubench
