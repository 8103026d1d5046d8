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

std::vector<std::string> said_behind(const job& what, const std::string& option) {
  std::vector<std::string> said;
  const auto& words = what.command;
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (*word == option && std::next(word) != words.end()) said.push_back(*std::next(word));
    if (word->rfind(option + "=", 0) == 0) said.push_back(word->substr(option.size() + 1));
  }
  return said;
}

std::string backend_of(const job& what) {
  const auto said = said_behind(what, "--backend");
  return said.empty() ? std::string() : said.front();
}

bool measures_cpus_alone(const job& what) {
  const auto backend = backend_of(what);
  if (!backend.empty()) return backend == "host";
  const auto devices = split(join(said_behind(what, "--device"), ","), ',');
  return !devices.empty() &&
         std::all_of(devices.begin(), devices.end(), [](const std::string& one) { return one == "cpu"; });
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
