#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "doctor/checks.hpp"

namespace gpubench::doctor {

namespace {

const char* const environment_source = "NVIDIA, NCCL documentation, \"Environment Variables\"";
const likely_cost unknown_cost{"collectives; no figure is known", std::nullopt, ""};

std::optional<std::string> value_of(const facts& machine, const std::string& name) {
  const auto found = machine.variables.find(name);
  return found == machine.variables.end() ? std::nullopt : std::optional(found->second);
}

bool is_set_to_one(const facts& machine, const std::string& name) {
  const auto value = value_of(machine, name);
  return value && *value != "0" && !value->empty();
}

bool has_nccl_variables(const facts& machine) {
  return std::any_of(machine.variables.begin(), machine.variables.end(),
                     [](const auto& one) { return one.first.rfind("NCCL_", 0) == 0; });
}

std::string in_words(const std::vector<std::string>& names) {
  return names.empty() ? "none" : join(names, ", ");
}

finding names_nothing(const std::string& variable, const std::string& value, const std::string& part,
                      const std::vector<std::string>& there, const std::string& of) {
  return {"",
          severity::error,
          fmt::format("{}={} names no {}: '{}' is not there", variable, value, of, part),
          "NCCL finds nothing to talk over, and ends with \"no socket interface found\" or falls back to a slower "
          "transport",
          {"work over several machines does not start, or runs over TCP", std::nullopt, ""},
          fmt::format("unset {}, or choose among those that are there: {}", variable, in_words(there)),
          {environment_source}};
}

/// Entries of a list as NCCL reads it: "^" before all turns it into one of exclusions, "=" before all asks for exact
/// names, and otherwise each entry is the beginning of names.
struct name_list {
  bool excludes = false, exact = false;
  std::vector<std::string> entries;

  explicit name_list(std::string text) {
    if (!text.empty() && text.front() == '^') {
      excludes = true;
      text.erase(0, 1);
    }
    if (!text.empty() && text.front() == '=') {
      exact = true;
      text.erase(0, 1);
    }
    entries = split(text, ',');
  }
  bool matches(const std::string& entry, const std::string& name) const {
    return exact ? name == entry : name.rfind(entry, 0) == 0;
  }
  bool takes(const std::string& name) const {
    const bool listed =
        std::any_of(entries.begin(), entries.end(), [&](const auto& entry) { return matches(entry, name); });
    return listed != excludes;
  }
};

void check_names(const std::string& variable, const std::string& value, const std::vector<std::string>& there,
                 const std::string& of, outcome& result) {
  name_list list(value);
  for (auto& entry : list.entries) entry = entry.substr(0, entry.find(':'));  // a port: mlx5_0:1
  if (list.excludes) {
    const bool any = std::any_of(there.begin(), there.end(), [&](const auto& name) { return list.takes(name); });
    if (!there.empty() && !any)
      result.findings.push_back({"",
                                 severity::error,
                                 fmt::format("{}={} leaves out every {}", variable, value, of),
                                 "NCCL finds nothing to talk over",
                                 {"work over several machines does not start, or runs over TCP", std::nullopt, ""},
                                 fmt::format("unset {}; there are: {}", variable, in_words(there)),
                                 {environment_source}});
    return;
  }
  for (const auto& entry : list.entries) {
    const bool found =
        std::any_of(there.begin(), there.end(), [&](const auto& name) { return list.matches(entry, name); });
    if (!found) result.findings.push_back(names_nothing(variable, value, entry, there, of));
  }
}

outcome interfaces(const facts& machine, const compatibility&) {
  const auto socket = value_of(machine, "NCCL_SOCKET_IFNAME");
  const auto hca = value_of(machine, "NCCL_IB_HCA");
  if (!socket && !hca) return outcome::skipped("neither NCCL_SOCKET_IFNAME nor NCCL_IB_HCA is set");
  outcome result;
  if (socket) {
    std::vector<std::string> names;
    for (const auto& one : machine.network.interfaces) names.push_back(one.name);
    check_names("NCCL_SOCKET_IFNAME", *socket, names, "network interface", result);
  }
  if (hca) {
    std::vector<std::string> names;
    for (const auto& one : machine.network.rdma) names.push_back(one.name);
    check_names("NCCL_IB_HCA", *hca, names, "RDMA device", result);
  }
  return result;
}

bool has_active_nvlink(const facts& machine) {
  return std::any_of(machine.machine.gpus.begin(), machine.machine.gpus.end(),
                     [](const auto& gpu) { return gpu.nvlinks.value_or(0) > 0; });
}

void add_contradiction(outcome& result, const std::string& what, const std::string& why, const std::string& mend) {
  result.findings.push_back({"", severity::warning, what, why, unknown_cost, mend, {environment_source}});
}

outcome contradictions(const facts& machine, const compatibility&) {
  if (!has_nccl_variables(machine)) return outcome::skipped("no NCCL_ variable is set");
  outcome result;
  const bool ib_off = is_set_to_one(machine, "NCCL_IB_DISABLE");
  const auto hca = value_of(machine, "NCCL_IB_HCA");
  const auto net = value_of(machine, "NCCL_NET");
  if (ib_off && hca)
    add_contradiction(result, fmt::format("NCCL_IB_DISABLE turns off what NCCL_IB_HCA={} chooses", *hca),
                      "NCCL then uses TCP sockets, whatever the list says", "unset one of the two");
  if (ib_off && net && to_lower(*net) == "ib")
    add_contradiction(result, "NCCL_NET=IB asks for what NCCL_IB_DISABLE turns off",
                      "NCCL cannot start the network that it is told to use, and ends", "unset one of the two");
  if (ib_off && !hca && machine.network.has_verbs_device())
    add_contradiction(result, "NCCL_IB_DISABLE is set on a machine with RDMA devices",
                      "traffic between machines goes over TCP, through host memory", "unset NCCL_IB_DISABLE");
  if (is_set_to_one(machine, "NCCL_P2P_DISABLE")) {
    const bool nvlink = has_active_nvlink(machine);
    if (machine.machine.gpus.size() > 1)
      add_contradiction(result,
                        nvlink ? "NCCL_P2P_DISABLE is set on a machine whose GPUs have NVLink"
                               : "NCCL_P2P_DISABLE is set on a machine with several GPUs",
                        "traffic between GPUs goes through host memory instead of directly", "unset NCCL_P2P_DISABLE");
    if (const auto level = value_of(machine, "NCCL_P2P_LEVEL"))
      add_contradiction(result, fmt::format("NCCL_P2P_DISABLE turns off what NCCL_P2P_LEVEL={} allows", *level),
                        "the level has no effect", "unset one of the two");
    if (is_set_to_one(machine, "NCCL_SHM_DISABLE"))
      add_contradiction(result, "NCCL_P2P_DISABLE and NCCL_SHM_DISABLE are both set",
                        "GPUs of one machine then talk over the network", "unset NCCL_SHM_DISABLE at least");
  } else if (is_set_to_one(machine, "NCCL_SHM_DISABLE")) {
    add_contradiction(result, "NCCL_SHM_DISABLE is set",
                      "GPUs that cannot reach each other directly talk over the network instead of host memory",
                      "unset NCCL_SHM_DISABLE");
  }
  return result;
}

/// A variable with a fixed set of words; several may be listed.
struct word_variable {
  const char* name;
  std::vector<std::string> words;
  bool is_list;
};

const std::vector<word_variable>& word_variables() {
  static const std::vector<std::string> levels{"LOC", "NVL", "PIX", "PXB", "PHB", "SYS", "0", "1", "2", "3", "4", "5"};
  static const std::vector<word_variable> all{
      {"NCCL_ALGO", {"Tree", "Ring", "Collnet", "CollnetDirect", "CollnetChain", "NVLS", "NVLSTree", "PAT"}, true},
      {"NCCL_PROTO", {"LL", "LL128", "Simple"}, true},
      {"NCCL_DEBUG", {"VERSION", "WARN", "INFO", "TRACE", "ABORT"}, false},
      {"NCCL_P2P_LEVEL", levels, false},
      {"NCCL_NET_GDR_LEVEL", levels, false}};
  return all;
}

bool is_word_of(const word_variable& variable, const std::string& text) {
  return std::any_of(variable.words.begin(), variable.words.end(),
                     [&](const auto& word) { return to_lower(word) == to_lower(text); });
}

void check_words(const word_variable& variable, const std::string& value, outcome& result) {
  std::string text = value;
  // "allreduce:tree,ring;broadcast:ring" since NCCL 2.24: the words after each colon.
  std::set<std::string> unknown;
  for (auto part : split(text, ';')) {
    if (variable.is_list && part.find(':') != std::string::npos) part = part.substr(part.find(':') + 1);
    if (variable.is_list && !part.empty() && part.front() == '^') part.erase(0, 1);
    for (const auto& word : variable.is_list ? split(part, ',') : std::vector<std::string>{part}) {
      if (!is_word_of(variable, word)) unknown.insert(word);
    }
  }
  for (const auto& word : unknown) {
    const auto near = suggestion(word, variable.words);
    result.findings.push_back({"",
                               severity::warning,
                               fmt::format("{}={}: NCCL knows no '{}'", variable.name, value, word),
                               "NCCL ignores the value, or ends, by its version",
                               unknown_cost,
                               near.empty() ? fmt::format("one of {}", join(variable.words, ", ")) : near,
                               {environment_source}});
  }
}

outcome values(const facts& machine, const compatibility&) {
  if (!has_nccl_variables(machine)) return outcome::skipped("no NCCL_ variable is set");
  outcome result;
  for (const auto& variable : word_variables()) {
    const auto value = value_of(machine, variable.name);
    if (!value || value->empty()) continue;
    check_words(variable, *value, result);
    const std::string name = variable.name;
    if (name == "NCCL_ALGO" || name == "NCCL_PROTO")
      result.findings.push_back(
          {"",
           severity::note,
           fmt::format("{}={} forces NCCL's choice", name, *value),
           "NCCL chooses by size and topology; a forced choice is worse for some sizes, and LL128 "
           "where the hardware does not guarantee it corrupts data",
           unknown_cost,
           "unset " + name + " once the experiment is over",
           {environment_source}});
    if (name == "NCCL_DEBUG" && to_lower(*value) == "trace")
      result.findings.push_back({"",
                                 severity::warning,
                                 "NCCL_DEBUG=TRACE prints each call",
                                 "printing takes time in every collective",
                                 unknown_cost,
                                 "NCCL_DEBUG=WARN",
                                 {environment_source}});
  }
  return result;
}

}  // namespace

std::vector<check> nccl_checks() {
  return {{"nccl-names", "NCCL_SOCKET_IFNAME and NCCL_IB_HCA name what is there", interfaces},
          {"nccl-contradictions", "NCCL_ variables do not contradict each other or the machine", contradictions},
          {"nccl-values", "NCCL_ variables have values that NCCL knows", values}};
}

}  // namespace gpubench::doctor
