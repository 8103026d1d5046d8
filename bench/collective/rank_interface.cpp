#include "bench/collective/rank_interface.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <sstream>
#include <vector>

namespace gpubench::collective {

namespace {

std::vector<std::string> interfaces_up(const bench::system_files& files) {
  std::vector<std::string> names;
  for (const auto& name : files.entries("sys/class/net")) {
    const auto state = files.line("sys/class/net/" + name + "/operstate");
    if (state == "up" || state == "unknown") names.push_back(name);
  }
  return names;
}

bool starts_with(const std::string& name, const std::string& prefix) {
  return name.rfind(prefix, 0) == 0;
}

/// As NCCL reads its variable.
bool is_chosen(const std::string& name, std::string pattern) {
  const bool excludes = starts_with(pattern, "^");
  if (excludes) pattern.erase(0, 1);
  const bool whole = starts_with(pattern, "=");
  if (whole) pattern.erase(0, 1);
  const auto names = split(pattern, ',');
  const bool found = std::any_of(names.begin(), names.end(), [&](const std::string& one) {
    return !one.empty() && (whole ? name == one : starts_with(name, one));
  });
  return found != excludes;
}

std::optional<std::string> named_by(const std::map<std::string, std::string>& variables,
                                    const std::vector<std::string>& up) {
  for (const auto& [variable, exact] :
       {std::pair{"NCCL_SOCKET_IFNAME", false}, {"OMPI_MCA_btl_tcp_if_include", true}}) {
    const auto set = variables.find(variable);
    if (set == variables.end() || set->second.empty()) continue;
    for (const auto& name : up)
      if (is_chosen(name, (exact ? "=" : "") + set->second) && (name != "lo" || set->second.front() != '^'))
        return name;
  }
  return std::nullopt;
}

std::optional<std::string> of_default_route(const bench::system_files& files) {
  std::istringstream lines(files.text("proc/net/route").value_or(""));
  std::string line;
  std::getline(lines, line);  // headings
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string name, destination;
    if (fields >> name >> destination && destination == "00000000") return name;
  }
  return std::nullopt;
}

}  // namespace

std::optional<rank_interface> find_rank_interface(const bench::system_files& files,
                                                  const std::map<std::string, std::string>& variables) {
  const auto up = interfaces_up(files);
  auto name = named_by(variables, up);
  if (!name) name = of_default_route(files);
  if (!name) {
    const auto first = std::find_if(up.begin(), up.end(), [](const std::string& one) { return one != "lo"; });
    if (first == up.end()) return std::nullopt;
    name = *first;
  }
  rank_interface found{*name, std::nullopt};
  // Megabits a second; -1 where the driver does not know.
  const auto speed = files.integer("sys/class/net/" + *name + "/speed");
  if (speed && *speed > 0) found.bytes_per_second = static_cast<double>(*speed) * 1e6 / 8;
  return found;
}

}  // namespace gpubench::collective
