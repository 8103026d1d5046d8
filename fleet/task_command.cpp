#include "fleet/task_command.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <iterator>

namespace gpubench::fleet {

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

bool measures_cpus_alone(const job& what) {
  const auto& words = what.command;
  const auto said = std::find_if(words.begin(), words.end(), [](const std::string& word) {
    return word == "--backend" || word == "--backend=host";
  });
  if (said == words.end()) return false;
  return *said == "--backend=host" || (std::next(said) != words.end() && *std::next(said) == "host");
}

campaign in_own_folder(campaign of) {
  of.results /= of.id;
  return of;
}

std::string shell_line(const std::vector<std::string>& words) {
  std::string line;
  for (const auto& word : words) line += (line.empty() ? "" : " ") + shell_word(word);
  return line;
}

}  // namespace gpubench::fleet
