#include "fleet/task_command.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace gpubench::fleet {
namespace {

// Characters that no POSIX shell gives a meaning inside a word.
bool is_plain(std::string_view word) {
  constexpr std::string_view harmless = "_-./:,=+@%";
  return !word.empty() && std::all_of(word.begin(), word.end(), [&](unsigned char c) {
    return std::isalnum(c) || harmless.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

std::string quoted(const std::string& word) {
  if (is_plain(word)) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

std::vector<std::string> task_command(const campaign& of, const job& what, const std::string& index_variable,
                                      const std::vector<std::string>& launcher) {
  std::vector<std::string> words{of.program, "fleet",   "task",          "--campaign",       of.id,
                                 "--job",    what.name, "--results-dir", of.results.string()};
  if (!index_variable.empty()) words.insert(words.end(), {"--index-variable", index_variable});
  words.push_back("--");
  words.insert(words.end(), launcher.begin(), launcher.end());
  words.push_back(of.program);
  words.insert(words.end(), what.command.begin(), what.command.end());
  return words;
}

std::string shell_line(const std::vector<std::string>& words) {
  std::string line;
  for (const auto& word : words) line += (line.empty() ? "" : " ") + quoted(word);
  return line;
}

}  // namespace gpubench::fleet
