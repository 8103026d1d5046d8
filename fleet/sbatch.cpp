#include "fleet/sbatch.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <map>
#include <set>
#include <utility>

namespace gpubench::fleet {
namespace {

/// The long name of an option that a script says by a letter (sbatch(1), "OPTIONS"); empty for one that says nothing of
/// a variable.
std::string long_name_of(char letter) {
  static const std::map<char, std::string> names{
      {'A', "account"},       {'B', "extra-node-info"}, {'C', "constraint"}, {'D', "chdir"},     {'F', "nodefile"},
      {'G', "gpus"},          {'J', "job-name"},        {'L', "licenses"},   {'M', "clusters"},  {'N', "nodes"},
      {'O', "overcommit"},    {'S', "core-spec"},       {'W', "wait"},       {'a', "array"},     {'b', "begin"},
      {'c', "cpus-per-task"}, {'d', "dependency"},      {'e', "error"},      {'i', "input"},     {'k', "no-kill"},
      {'m', "distribution"},  {'n', "ntasks"},          {'o', "output"},     {'p', "partition"}, {'q', "qos"},
      {'t', "time"},          {'w', "nodelist"},        {'x', "exclude"}};
  const auto found = names.find(letter);
  return found == names.end() ? "" : found->second;
}

/// The words of a directive up to a comment; quotes keep blanks within one.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool within = false;
  char quote = '\0';
  for (const char c : text) {
    if (quote != '\0') {
      if (c == quote)
        quote = '\0';
      else
        words.back() += c;
    } else if (c == ' ' || c == '\t' || c == '\r') {
      within = false;
    } else if (c == '#' && !within) {
      break;
    } else {
      if (!within) words.emplace_back();
      within = true;
      if (c == '"' || c == '\'')
        quote = c;
      else
        words.back() += c;
    }
  }
  return words;
}

/// "--time=10:00", "-t 10:00" and "--exclusive" of a script's lines, as "time": "10:00" and "exclusive": "".
std::map<std::string, std::string> directives_of(std::string_view script) {
  constexpr std::string_view begin = "#SBATCH";
  std::map<std::string, std::string> all;
  for (const auto& line : split(script, '\n')) {
    if (line.rfind(begin, 0) != 0) continue;
    const auto words = words_of(std::string_view(line).substr(begin.size()));
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto& word = words[i];
      std::string name, value;
      bool has_value = false;
      if (word.rfind("--", 0) == 0) {
        const auto equals = word.find('=');
        name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
        has_value = equals != std::string::npos;
        if (has_value) value = word.substr(equals + 1);
      } else if (word.size() > 1 && word[0] == '-') {
        name = long_name_of(word[1]);
        has_value = word.size() > 2;
        value = word.substr(2);
      }
      if (name.empty()) continue;
      if (!has_value && i + 1 < words.size() && words[i + 1].rfind('-', 0) != 0) value = words[++i];
      all[name] = value;
    }
  }
  return all;
}

/// The variables of an option, and of those that it excludes; most have its name.
std::vector<std::string> variables_of(const std::string& option) {
  static const std::vector<std::string> memory{"SBATCH_MEM_PER_NODE", "SBATCH_MEM_PER_CPU", "SBATCH_MEM_PER_GPU"};
  static const std::vector<std::string> requeue{"SBATCH_REQUEUE", "SBATCH_NO_REQUEUE"};
  static const std::map<std::string, std::vector<std::string>> others{
      {"time", {"SBATCH_TIMELIMIT"}},
      {"array", {"SBATCH_ARRAY_INX"}},
      {"mem", memory},
      {"mem-per-cpu", memory},
      {"mem-per-gpu", memory},
      {"requeue", requeue},
      {"no-requeue", requeue},
      {"hint", {"SBATCH_HINT", "SLURM_HINT"}},
      {"switches", {"SBATCH_REQ_SWITCH", "SBATCH_WAIT4SWITCH"}}};
  if (const auto found = others.find(option); found != others.end()) return found->second;
  std::string name = "SBATCH_";
  for (const char c : option) name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return {name};
}

}  // namespace

std::vector<std::string> sbatch_words(const job& of, const submission& what, const std::string& file,
                                      std::string_view script) {
  const auto directives = directives_of(script);
  std::vector<std::string> words{"env"};
  // By the first its exit code is that of the job; the second makes an array of a collective.
  std::set<std::string> unset{"SBATCH_WAIT", "SBATCH_ARRAY_INX"};
  for (const auto& [option, value] : directives)
    for (auto& variable : variables_of(option)) unset.insert(std::move(variable));
  for (const auto& variable : unset) words.push_back("--unset=" + variable);
  words.insert(words.end(), {"sbatch", "--parsable", "--job-name=" + what.key});
  if (!of.collective) {
    const auto array = directives.find("array");
    const auto limit = array == directives.end() ? std::string::npos : array->second.find('%');
    words.push_back("--array=" + ranges_of(what.tasks) +
                    (limit == std::string::npos ? "" : array->second.substr(limit)));
    if (!of.hosts.empty()) words.push_back("--nodelist=" + of.hosts.at(static_cast<std::size_t>(what.tasks.front())));
  }
  words.push_back(file);
  return words;
}

std::optional<std::string> sbatch_id(std::string_view output) {
  const auto lines = split(trim(output), '\n');
  if (lines.empty()) return std::nullopt;
  std::string last(trim(lines.back()));
  const auto number = parse_integer(last.substr(0, last.find(';')));
  return number && *number > 0 ? std::optional(std::move(last)) : std::nullopt;
}

bool names_clusters(std::string_view script) {
  return directives_of(script).count("clusters") > 0;
}

}  // namespace gpubench::fleet
