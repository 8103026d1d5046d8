#include "tuning/rank_network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/temporary_folder.hpp"

namespace gpubench::tuning {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A tree of files that stands for "/", removed at the end.
class rank_network_of_files : public testing::Test {
 protected:
  void file(const std::string& path, const std::string& content) const { root_.write(path, content); }
  rank_network found() const { return find_rank_network(bench::system_files(root_.path().string()), "node1"); }

 private:
  temporary_folder root_;
};

TEST_F(rank_network_of_files, interfaces_that_are_up_and_routed_are_found_with_their_networks) {
  for (const char* name : {"eth0", "eth1", "eth2", "ib0", "lo"})
    file(std::string("sys/class/net/") + name + "/operstate", std::string(name) == "eth1" ? "down\n" : "up\n");
  file("proc/net/route",
       "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
       "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
       "eth0\t0000000A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
       "eth1\t0000010A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
       "lo\t0000007F\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n");
  file("proc/net/ipv6_route",
       "fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 "
       "00000100 00000001 00000000 00000001      ib0\n"
       "fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 "
       "00000100 00000002 00000000 00000001     eth2\n"
       "fd000000000000000000000000000002 80 00000000000000000000000000000000 00 00000000000000000000000000000000 "
       "00000000 00000003 00000000 80200001     eth2\n"
       "00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 "
       "ffffffff 00000001 00000000 00200200       lo\n");
  file("sys/class/infiniband/mlx5_0/ports/1/state", "4: ACTIVE\n");
  file("sys/class/infiniband/mlx5_1/ports/1/state", "1: DOWN\n");
  const auto mine = found();
  EXPECT_EQ(mine.host, "node1");
  // eth1 is down, and of eth2 only its own address and a link-local network are known.
  ASSERT_EQ(mine.interfaces.size(), 2U);
  EXPECT_EQ(mine.interfaces[0].name, "eth0");
  EXPECT_TRUE(mine.interfaces[0].has_gateway);
  EXPECT_THAT(mine.interfaces[0].networks, ElementsAre("10.0.0.0/16"));
  EXPECT_EQ(mine.interfaces[1].name, "ib0");
  EXPECT_FALSE(mine.interfaces[1].has_gateway);
  EXPECT_THAT(mine.interfaces[1].networks, ElementsAre("fd000000000000000000000000000000/64"));
  EXPECT_THAT(mine.cards, ElementsAre("mlx5_0"));
}

TEST_F(rank_network_of_files, a_machine_that_tells_nothing_has_none) {
  file("proc/net/route", "no routes are\nreadable here\n");
  EXPECT_THAT(found().interfaces, IsEmpty());
  EXPECT_THAT(found().cards, IsEmpty());
}

rank_network machine(const std::string& host, std::vector<routed_interface> interfaces,
                     std::vector<std::string> cards = {}) {
  return {host, std::move(interfaces), std::move(cards)};
}

TEST(shared_choices, only_what_all_ranks_have_can_be_chosen) {
  const routed_interface eth0{"eth0", {"10.0.0.0/16"}, true}, eth1{"eth1", {"10.1.0.0/16"}, false},
      mine_alone{"eth9", {"10.9.0.0/16"}, true};
  const auto found =
      shared_choices({machine("a", {eth0, mine_alone, eth1}, {"mlx5_0", "mlx5_1"}),
                      machine("b", {eth1, eth0}, {"mlx5_1"}), machine("a", {eth0, mine_alone, eth1}, {"mlx5_1"})});
  EXPECT_THAT(found.interfaces, ElementsAre("eth0", "eth1"));
  EXPECT_THAT(found.rdma, ElementsAre("mlx5_1"));
}

TEST(shared_choices, an_interface_must_lead_to_the_other_machines) {
  // Point to point, in pairs: no network that all four are on.
  const auto at = [](const std::string& host, const std::string& pair, const std::string& routed) {
    return machine(host, {{"eth0", {"10.0.0.0/16"}, false}, {"p2p", {pair}, false}, {"routed", {routed}, true}});
  };
  const auto found =
      shared_choices({at("a", "192.168.1.0/30", "10.1.0.0/24"), at("b", "192.168.1.0/30", "10.2.0.0/24"),
                      at("c", "192.168.2.0/30", "10.3.0.0/24"), at("d", "192.168.2.0/30", "10.4.0.0/24")});
  EXPECT_THAT(found.interfaces, ElementsAre("eth0", "routed"));
}

TEST(shared_choices, tunnels_bridges_and_ends_of_containers_are_none) {
  std::vector<routed_interface> all{{"bond0", {"10.0.0.0/16"}, true}};
  for (const char* name : {"docker0", "br-0a1b", "cali12", "flannel.1", "cilium_host", "tailscale0", "wg0", "cni0"})
    all.push_back({name, {"10.244.0.0/16"}, true});
  EXPECT_THAT(shared_choices({machine("a", all), machine("b", all)}).interfaces, ElementsAre("bond0"));
}

TEST(shared_choices, ranks_of_one_machine_speak_through_its_memory) {
  const auto one =
      machine("a", {{"eth0", {"10.0.0.0/16"}, true}, {"eth1", {"10.1.0.0/16"}, true}}, {"mlx5_0", "mlx5_1"});
  EXPECT_THAT(shared_choices({one, one}).interfaces, IsEmpty());
  EXPECT_THAT(shared_choices({one, one}).rdma, IsEmpty());
}

}  // namespace
}  // namespace gpubench::tuning
