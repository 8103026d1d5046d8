#include "bench/collective/agreement.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace gpubench::collective {

namespace {

std::string value_of(const std::map<std::string, std::string>& facts, const std::string& name) {
  const auto found = facts.find(name);
  return found == facts.end() || found->second.empty() ? "unknown" : found->second;
}

}  // namespace

std::vector<std::map<std::string, std::string>> gather_facts(messenger& between, const rank_facts& mine) {
  std::string text;
  for (const auto& [name, value] : mine) {
    std::string line = value;
    std::replace(line.begin(), line.end(), '\n', ' ');
    text += name + "=" + line + "\n";
  }
  std::vector<std::map<std::string, std::string>> result;
  for (const auto& all : gather_texts(between, text, "where it runs")) {
    auto& facts = result.emplace_back();
    for (const auto& line : split(all, '\n')) {
      const auto equals = line.find('=');
      if (equals != std::string::npos) facts[line.substr(0, equals)] = line.substr(equals + 1);
    }
  }
  return result;
}

std::vector<std::string> differences(const std::vector<std::map<std::string, std::string>>& facts,
                                     const std::vector<std::string>& may_differ) {
  std::set<std::string> names;
  for (const auto& rank : facts) {
    for (const auto& fact : rank) names.insert(fact.first);
  }
  std::vector<std::string> result;
  for (const auto& name : names) {
    if (std::find(may_differ.begin(), may_differ.end(), name) != may_differ.end()) continue;
    std::map<std::string, std::vector<int>> holders;
    for (std::size_t rank = 0; rank < facts.size(); ++rank)
      holders[value_of(facts[rank], name)].push_back(static_cast<int>(rank));
    if (holders.size() < 2) continue;
    std::vector<std::string> parts;
    for (const auto& [value, ranks] : holders) parts.push_back(fmt::format("{} on {}", value, rank_list(ranks)));
    result.push_back(fmt::format("{} differs: {}", name, join(parts, ", ")));
  }
  return result;
}

int distinct(const std::vector<std::map<std::string, std::string>>& facts, const std::string& name) {
  std::set<std::string> values;
  for (const auto& rank : facts) values.insert(value_of(rank, name));
  return static_cast<int>(values.size());
}

}  // namespace gpubench::collective
