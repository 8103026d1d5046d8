#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench {

std::string to_lower(std::string_view text);
std::string_view trim(std::string_view text);

/// Splits at every separator; an empty text gives no part, empty parts are kept, parts are trimmed.
std::vector<std::string> split(std::string_view text, char separator);

std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// Names most similar to `wanted`, best first, at most `limit`: by case-insensitive Damerau-Levenshtein distance, and
/// names that contain `wanted` or are contained in it. Empty when nothing is similar.
std::vector<std::string> nearest_names(std::string_view wanted, const std::vector<std::string>& names,
                                       std::size_t limit = 3);

/// "did you mean 'a' or 'b'?", or nothing when no name is similar; made for an error's hint.
std::string suggestion(std::string_view wanted, const std::vector<std::string>& names);

/// The text as one word of a POSIX shell: as it is where no character of it has a meaning there, else in quotes.
std::string shell_word(std::string_view text);

/// "1 measurement", "2 measurements".
std::string count_of(std::size_t number, std::string_view noun);

/// Whole-text numbers in the C locale; nothing when the text is not exactly one finite number.
std::optional<double> parse_number(std::string_view text);
std::optional<long long> parse_integer(std::string_view text);

}  // namespace gpubench
