#include "imports/words.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace gpubench::imports {
namespace {

constexpr std::string_view blanks = " \t\f";

}  // namespace

std::vector<word> words_of(std::string_view line) {
  std::vector<word> words;
  for (std::size_t at = line.find_first_not_of(blanks); at != std::string_view::npos;) {
    const auto end = std::min(line.find_first_of(blanks, at), line.size());
    words.push_back({line.substr(at, end - at), at + 1});
    at = line.find_first_not_of(blanks, end);
  }
  return words;
}

std::string_view after(std::string_view line, std::string_view label) {
  return line.substr(0, label.size()) == label ? trim(line.substr(label.size())) : std::string_view{};
}

std::string_view word_after(std::string_view line, std::string_view label) {
  const auto at = line.find(label);
  if (at == std::string_view::npos) return {};
  const auto words = words_of(line.substr(at + label.size()));
  return words.empty() ? std::string_view{} : words.front().text;
}

}  // namespace gpubench::imports
