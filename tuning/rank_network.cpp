#include "tuning/rank_network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "doctor/network.hpp"

namespace gpubench::tuning {
namespace {

using interfaces_by_name = std::map<std::string, routed_interface>;

constexpr unsigned long route_up = 0x1, route_gateway = 0x2, route_reject = 0x200;
constexpr unsigned long route_anycast = 0x100000, route_local = 0x80000000;  // this machine's own addresses

std::optional<unsigned long> from_hex(const std::string& text) {
  try {
    std::size_t end = 0;
    const unsigned long value = std::stoul(text, &end, 16);
    if (end == text.size()) return value;
  } catch (const std::exception&) {
    // not a number: the line is no route
  }
  return std::nullopt;
}

/// "10.1.0.0/16" of numbers whose first byte is the lowest, as the kernel prints them.
std::string ipv4_network(unsigned long address, unsigned long mask) {
  int bits = 0;
  for (unsigned long rest = mask; rest != 0; rest >>= 1) bits += static_cast<int>(rest & 1);
  return fmt::format("{}.{}.{}.{}/{}", address & 255, address >> 8 & 255, address >> 16 & 255, address >> 24 & 255,
                     bits);
}

void read_ipv4_routes(const bench::system_files& files, interfaces_by_name& found) {
  std::istringstream lines(files.text("proc/net/route").value_or(""));
  std::string line;
  std::getline(lines, line);  // headings
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string name, destination, gateway, flags, unused, mask;
    if (!(fields >> name >> destination >> gateway >> flags >> unused >> unused >> unused >> mask)) continue;
    const auto to = from_hex(destination), bits = from_hex(flags), width = from_hex(mask);
    if (!to || !bits || !width || (*bits & route_up) == 0 || (*bits & route_reject) != 0) continue;
    auto& one = found[name];
    if ((*bits & route_gateway) != 0)
      one.has_gateway = true;
    else
      one.networks.push_back(ipv4_network(*to, *width));
  }
}

void read_ipv6_routes(const bench::system_files& files, interfaces_by_name& found) {
  std::istringstream lines(files.text("proc/net/ipv6_route").value_or(""));
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string destination, width, unused, flags, name;
    if (!(fields >> destination >> width >> unused >> unused >> unused >> unused >> unused >> unused >> flags >> name))
      continue;
    const auto bits = from_hex(flags), prefix = from_hex(width);
    if (!bits || !prefix || (*bits & route_up) == 0) continue;
    if ((*bits & (route_reject | route_anycast | route_local)) != 0) continue;
    // Link-local and multicast networks are on every interface, and lead to no machine.
    if (destination.rfind("fe8", 0) == 0 || destination.rfind("ff", 0) == 0) continue;
    auto& one = found[name];
    if ((*bits & route_gateway) != 0)
      one.has_gateway = true;
    else
      one.networks.push_back(fmt::format("{}/{}", destination, *prefix));
  }
}

bool is_inner(const std::string& name) {
  static const char* const prefixes[] = {"docker", "br-",    "veth", "virbr",  "cni",       "flannel", "cali",  "tunl",
                                         "vxlan",  "cilium", "lxc",  "lxd",    "tailscale", "wg",      "tun",   "tap",
                                         "kube-",  "weave",  "ovs",  "podman", "nodelocal", "genev",   "dummy", "zt"};
  return name == "lo" || std::any_of(std::begin(prefixes), std::end(prefixes),
                                     [&](const char* prefix) { return name.rfind(prefix, 0) == 0; });
}

const routed_interface* interface_of(const rank_network& rank, const std::string& name) {
  for (const auto& one : rank.interfaces)
    if (one.name == name) return &one;
  return nullptr;
}

bool reaches_all(const std::vector<rank_network>& ranks, const std::string& name) {
  bool all_have_gateways = true;
  std::optional<std::set<std::string>> common;
  for (const auto& rank : ranks) {
    const auto* one = interface_of(rank, name);
    if (one == nullptr) return false;
    all_have_gateways = all_have_gateways && one->has_gateway;
    std::set<std::string> kept;
    for (const auto& network : one->networks)
      if (!common || common->count(network) > 0) kept.insert(network);
    common = std::move(kept);
  }
  return all_have_gateways || !common->empty();
}

}  // namespace

rank_network find_rank_network(const bench::system_files& files, const std::string& host) {
  interfaces_by_name routed;
  read_ipv4_routes(files, routed);
  read_ipv6_routes(files, routed);
  const auto network = doctor::find_network(files);
  rank_network found{host, {}, {}};
  for (const auto& one : network.interfaces) {
    const auto route = routed.find(one.name);
    if (!one.is_up || one.name == "lo" || route == routed.end()) continue;
    found.interfaces.push_back(route->second);
    found.interfaces.back().name = one.name;
  }
  for (const auto& one : network.rdma)
    if (!one.active_ports.empty()) found.cards.push_back(one.name);
  return found;
}

network_choices shared_choices(const std::vector<rank_network>& ranks) {
  std::set<std::string> hosts;
  for (const auto& rank : ranks) hosts.insert(rank.host);
  network_choices choices;
  if (hosts.size() < 2) return choices;
  for (const auto& one : ranks.front().interfaces)
    if (!is_inner(one.name) && reaches_all(ranks, one.name)) choices.interfaces.push_back(one.name);
  for (const auto& card : ranks.front().cards)
    if (std::all_of(ranks.begin(), ranks.end(), [&](const rank_network& rank) {
          return std::find(rank.cards.begin(), rank.cards.end(), card) != rank.cards.end();
        }))
      choices.rdma.push_back(card);
  return choices;
}

}  // namespace gpubench::tuning
