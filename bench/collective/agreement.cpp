#include "bench/collective/agreement.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace gpubench::collective {

namespace {

bool is_variable(const std::string& name) {
  return name.rfind("NCCL_", 0) == 0 || name.rfind("OMPI_MCA_", 0) == 0 || name.rfind("CUDA_", 0) == 0;
}

std::string value_of(const std::map<std::string, std::string>& facts, const std::string& name) {
  const auto found = facts.find(name);
  if (found != facts.end() && !found->second.empty()) return found->second;
  return is_variable(name) ? "unset" : "unknown";
}

/// Variables that name what a machine has of its own, or that only tell more.
bool is_of_one_machine(const std::string& name) {
  static const std::set<std::string> names{"NCCL_SOCKET_IFNAME", "NCCL_IB_HCA",         "NCCL_IB_GID_INDEX",
                                           "NCCL_HOSTID",        "NCCL_TOPO_FILE",      "NCCL_TOPO_DUMP_FILE",
                                           "NCCL_CONF_FILE",     "NCCL_DEBUG",          "NCCL_DEBUG_FILE",
                                           "NCCL_DEBUG_SUBSYS",  "NCCL_GRAPH_DUMP_FILE"};
  return names.count(name) > 0 || name.rfind("OMPI_MCA_btl_tcp_if_", 0) == 0;
}

bool refuses(const std::string& name, bool on_gpus) {
  if (name == "gpubench" || name == "MPI") return true;
  if (name == "NCCL") return on_gpus;
  if (is_of_one_machine(name)) return false;
  return name.rfind(on_gpus ? "NCCL_" : "OMPI_MCA_", 0) == 0;
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
  for (const auto& all : gather_long_texts(between, text, "where it runs")) {
    auto& facts = result.emplace_back();
    for (const auto& line : split(all, '\n')) {
      const auto equals = line.find('=');
      if (equals != std::string::npos) facts[line.substr(0, equals)] = line.substr(equals + 1);
    }
  }
  return result;
}

std::vector<rank_mismatch> find_mismatches(const std::vector<std::map<std::string, std::string>>& facts,
                                           const std::vector<std::string>& may_differ, bool on_gpus) {
  std::set<std::string> names;
  for (const auto& rank : facts) {
    for (const auto& fact : rank) names.insert(fact.first);
  }
  std::vector<rank_mismatch> result;
  for (const auto& name : names) {
    if (std::find(may_differ.begin(), may_differ.end(), name) != may_differ.end()) continue;
    rank_mismatch one{name, {}, refuses(name, on_gpus)};
    for (std::size_t rank = 0; rank < facts.size(); ++rank)
      one.ranks[value_of(facts[rank], name)].push_back(static_cast<int>(rank));
    if (one.ranks.size() > 1) result.push_back(std::move(one));
  }
  return result;
}

std::string describe(const rank_mismatch& mismatch, const std::vector<std::string>& hosts) {
  std::vector<std::string> parts;
  for (const auto& [value, ranks] : mismatch.ranks) {
    std::set<std::string> on;
    for (const int rank : ranks)
      if (static_cast<std::size_t>(rank) < hosts.size()) on.insert(hosts[static_cast<std::size_t>(rank)]);
    parts.push_back(fmt::format("{} on {}{}", value, rank_list(ranks), on.size() == 1 ? " on " + *on.begin() : ""));
  }
  return fmt::format("{} differs: {}", mismatch.name, join(parts, ", "));
}

std::vector<std::string> node_names(const std::vector<std::map<std::string, std::string>>& facts) {
  std::map<std::string, std::string> host_of;
  std::vector<std::string> nodes, hosts;
  bool apart = true;
  for (const auto& rank : facts) {
    nodes.push_back(rank.at("node"));
    hosts.push_back(rank.at("host name"));
    apart = apart && host_of.emplace(nodes.back(), hosts.back()).first->second == hosts.back();
  }
  return apart ? nodes : hosts;
}

int distinct(const std::vector<std::map<std::string, std::string>>& facts, const std::string& name) {
  std::set<std::string> values;
  for (const auto& rank : facts) values.insert(value_of(rank, name));
  return static_cast<int>(values.size());
}

}  // namespace gpubench::collective
