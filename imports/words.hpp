#pragma once

#include <string_view>
#include <vector>

namespace gpubench::imports {

struct word {
  std::string_view text;
  std::size_t column = 0;  ///< from 1
};

/// The parts of a line between blanks and tabs.
std::vector<word> words_of(std::string_view line);

/// What stands behind `label` at the start of a line, trimmed; an empty view where the line starts otherwise.
std::string_view after(std::string_view line, std::string_view label);

/// What stands behind the first `label` anywhere in a line, up to the next blank; empty where it is not there.
std::string_view word_after(std::string_view line, std::string_view label);

}  // namespace gpubench::imports
