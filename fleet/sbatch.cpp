#include "fleet/sbatch.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <map>

namespace gpubench::fleet {
namespace {

/// "--time=10:00" and "--exclusive" of a script's lines, as "time": "10:00" and "exclusive": "".
std::map<std::string, std::string> directives_of(std::string_view script) {
  constexpr std::string_view begin = "#SBATCH --";
  std::map<std::string, std::string> all;
  for (const auto& line : split(script, '\n')) {
    if (line.rfind(begin, 0) != 0) continue;
    const auto option = line.substr(begin.size());
    const auto end = std::min(option.find_first_of("= \t"), option.size());
    all.emplace(option.substr(0, end), end < option.size() ? std::string(trim(option.substr(end + 1))) : "");
  }
  return all;
}

/// The variable of an option; most have its name.
std::string variable_of(const std::string& option) {
  static const std::map<std::string, std::string> others{{"time", "TIMELIMIT"}, {"array", "ARRAY_INX"}};
  if (const auto found = others.find(option); found != others.end()) return "SBATCH_" + found->second;
  std::string name = "SBATCH_";
  for (const char c : option) name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

}  // namespace

std::vector<std::string> sbatch_words(const job& of, const submission& what, const std::string& file,
                                      std::string_view script) {
  const auto directives = directives_of(script);
  std::vector<std::string> words{"env"};
  for (const auto& [option, value] : directives) words.push_back("--unset=" + variable_of(option));
  words.insert(words.end(), {"sbatch", "--parsable", "--job-name=" + what.key});
  if (!of.collective) {
    std::vector<std::string> indices;
    for (const int task : what.tasks) indices.push_back(std::to_string(task));
    const auto array = directives.find("array");
    const auto limit = array == directives.end() ? std::string::npos : array->second.find('%');
    words.push_back("--array=" + join(indices, ",") + (limit == std::string::npos ? "" : array->second.substr(limit)));
    if (!of.hosts.empty()) words.push_back("--nodelist=" + of.hosts.at(static_cast<std::size_t>(what.tasks.front())));
  }
  words.push_back(file);
  return words;
}

}  // namespace gpubench::fleet
