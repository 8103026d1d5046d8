#include "fleet/engine.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace gpubench::fleet {
namespace {

std::map<std::string, const engine*>& registry() {
  static std::map<std::string, const engine*> known;
  return known;
}

}  // namespace

std::vector<std::vector<task_status>> engine::statuses(const campaign& of,
                                                       const std::vector<submission>& submissions) const {
  std::vector<std::vector<task_status>> all;
  for (const auto& one : submissions) all.push_back(status(of, one));
  return all;
}

std::optional<std::string> engine::find_of_copy(const campaign& of, const submission& what) const {
  try {
    return find(of, what);
  } catch (const submission_refused&) {
    throw;
  } catch (const error&) {
    return std::nullopt;
  }
}

std::vector<const engine*> engines() {
  std::vector<const engine*> all;
  for (const auto& [name, one] : registry()) all.push_back(one);
  return all;
}

const engine& find_engine(const std::string& name) {
  const auto found = registry().find(name);
  if (found != registry().end()) return *found->second;
  std::vector<std::string> names;
  for (const auto& [known, one] : registry()) names.push_back(known);
  throw error(error_kind::usage, fmt::format("engine '{}' is not known", name), "known are " + join(names, ", "));
}

void require_known_settings(const engine& chosen, const campaign& of) {
  std::vector<std::string> known;
  for (const auto& setting : chosen.settings()) known.push_back(setting.key);
  for (const auto& [key, value] : of.settings) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const auto near = suggestion(key, known);
    throw error(error_kind::usage, fmt::format("{} has no setting '{}'", chosen.name(), key),
                near.empty() ? "known are " + join(known, ", ") : near);
  }
}

engine_registration::engine_registration(const engine& one) {
  registry()[one.name()] = &one;
}

}  // namespace gpubench::fleet
