#pragma once

#include "bench/system_files.hpp"

#include <string>
#include <vector>

#include "tuning/dimensions.hpp"

namespace gpubench::tuning {

/// A network interface that is up, and where the main routing table leads through it.
struct routed_interface {
  std::string name;
  std::vector<std::string> networks;  ///< at its own end: "10.1.0.0/16"
  bool has_gateway = false;           ///< to networks beyond
};

/// What the machine of one rank offers to speak through.
struct rank_network {
  std::string host;
  std::vector<routed_interface> interfaces;  ///< without loopback
  std::vector<std::string> cards;            ///< RDMA devices with an active port
};

/// Of this machine; interfaces that no route leads through are left out.
/// Sources: proc_net(5), /proc/net/route; Linux, net/ipv6/route.c, /proc/net/ipv6_route.
rank_network find_rank_network(const bench::system_files& files, const std::string& host);

/// What can be chosen for these ranks: interfaces and cards that all their machines have, by which each reaches the
/// others: over one network that all are on, or a gateway. Bridges, tunnels and ends of containers lead to the same
/// cards, and are left out by their names. Ranks on one machine do not speak through a network: nothing to choose.
network_choices shared_choices(const std::vector<rank_network>& ranks);

}  // namespace gpubench::tuning
