#include "bench/collective/agreement.hpp"

#include "bench/collective/rank_interface.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/temporary_folder.hpp"
#include "thread_world.hpp"

namespace gpubench::collective {
namespace {

using testing::ElementsAre;
using facts_of_ranks = std::vector<std::map<std::string, std::string>>;

std::vector<std::string> described(const std::vector<rank_mismatch>& found,
                                   const std::vector<std::string>& hosts = {}) {
  std::vector<std::string> texts;
  for (const auto& one : found) texts.push_back(describe(one, hosts));
  return texts;
}

TEST(agreement, facts_of_any_length_reach_rank_0) {
  thread_world world(3);
  world.run([&](messenger& between) {
    const std::string topology(between.rank() == 1 ? 3000 : 10, 'x');
    const auto facts = gather_facts(
        between,
        {{"host name", "node" + std::to_string(between.rank() / 2)}, {"NCCL_TOPO_FILE", topology}, {"NCCL", "2.28"}});
    if (!between.is_root()) return;
    ASSERT_EQ(facts.size(), 3U);
    EXPECT_EQ(facts[1].at("NCCL_TOPO_FILE"), std::string(3000, 'x'));
    EXPECT_EQ(facts[2].at("NCCL"), "2.28");
    EXPECT_EQ(distinct(facts, "host name"), 2);
  });
}

TEST(agreement, differing_facts_are_named_with_their_ranks_and_hosts) {
  const facts_of_ranks facts{{{"GPU", "H200"}, {"NCCL_ALGO", "Ring"}}, {{"GPU", "H100"}}, {{"GPU", "H200"}}};
  EXPECT_THAT(described(find_mismatches(facts, {}, true), {"a", "b", "b"}),
              ElementsAre("GPU differs: H100 on rank 1 on b, H200 on ranks 0 and 2",
                          "NCCL_ALGO differs: Ring on rank 0 on a, unset on ranks 1 and 2 on b"));
  EXPECT_THAT(described(find_mismatches(facts, {"GPU", "NCCL_ALGO"}, true)), ElementsAre());
}

TEST(agreement, ranks_are_where_their_engine_says_unless_one_name_was_handed_on_to_all) {
  facts_of_ranks facts{{{"host name", "pod-1"}, {"node", "a"}}, {{"host name", "pod-2"}, {"node", "b"}}};
  EXPECT_THAT(node_names(facts), ElementsAre("a", "b"));
  facts[1]["node"] = "a";
  EXPECT_THAT(node_names(facts), ElementsAre("pod-1", "pod-2"));
}

bool is_refused(const std::string& name, bool on_gpus) {
  const auto found = find_mismatches({{{name, "1"}}, {{name, "2"}}}, {}, on_gpus);
  return found.size() == 1 && found.front().refuses;
}

TEST(agreement, what_decides_how_data_moves_is_refused_and_the_rest_noted) {
  for (const char* name : {"gpubench", "MPI", "NCCL", "NCCL_ALGO", "NCCL_PROTO", "NCCL_MAX_NCHANNELS", "NCCL_NET"})
    EXPECT_TRUE(is_refused(name, true)) << name;
  for (const char* name : {"GPU", "GPU driver", "link speed", "kernel", "cublaslt", "NCCL_SOCKET_IFNAME", "NCCL_IB_HCA",
                           "NCCL_DEBUG", "OMPI_MCA_coll_tuned_use_dynamic_rules"})
    EXPECT_FALSE(is_refused(name, true)) << name;
  EXPECT_TRUE(is_refused("OMPI_MCA_coll_tuned_use_dynamic_rules", false));
  EXPECT_FALSE(is_refused("OMPI_MCA_btl_tcp_if_include", false));
  EXPECT_FALSE(is_refused("NCCL_ALGO", false));  // no rank on a CPU uses it
}

/// A recorded /sys and /proc.
class rank_interface_of : public testing::Test {
 protected:
  rank_interface_of() {
    add("lo", "unknown", "");
    add("eth0", "up", "10000");
    add("eth1", "up", "100000");
    add("ib0", "up", "-1");
    add("eth9", "down", "");
  }

  void write(const std::string& path, const std::string& text) { root_.write(path, text); }
  void add(const std::string& name, const std::string& state, const std::string& speed) {
    write("sys/class/net/" + name + "/operstate", state + "\n");
    if (!speed.empty()) write("sys/class/net/" + name + "/speed", speed + "\n");
  }
  std::string found(const std::map<std::string, std::string>& variables) const {
    const auto one = find_rank_interface(bench::system_files(root_.path().string()), variables);
    return one ? one->name : "none";
  }

  temporary_folder root_;
};

TEST_F(rank_interface_of, the_system_is_that_of_the_default_route_else_the_first) {
  EXPECT_EQ(found({}), "eth0");
  write("proc/net/route", "Iface\tDestination\tGateway\neth0\t0000FEA9\t00000000\neth1\t00000000\t0100A8C0\n");
  EXPECT_EQ(found({}), "eth1");
}

TEST_F(rank_interface_of, variables_is_chosen_as_the_libraries_choose) {
  EXPECT_EQ(found({{"NCCL_SOCKET_IFNAME", "ib"}}), "ib0");
  EXPECT_EQ(found({{"NCCL_SOCKET_IFNAME", "=eth1"}}), "eth1");
  EXPECT_EQ(found({{"NCCL_SOCKET_IFNAME", "^eth"}}), "ib0");
  EXPECT_EQ(found({{"NCCL_SOCKET_IFNAME", "=eth"}}), "eth0");  // nothing is called so
  EXPECT_EQ(found({{"OMPI_MCA_btl_tcp_if_include", "eth1"}}), "eth1");
  EXPECT_EQ(found({{"OMPI_MCA_btl_tcp_if_include", "lo"}}), "lo");
}

TEST_F(rank_interface_of, its_speed_is_in_bytes_and_absent_where_the_driver_knows_none) {
  const bench::system_files files(root_.path().string());
  EXPECT_DOUBLE_EQ(find_rank_interface(files, {})->bytes_per_second.value(), 10e9 / 8);
  EXPECT_FALSE(find_rank_interface(files, {{"NCCL_SOCKET_IFNAME", "ib0"}})->bytes_per_second);
}

}  // namespace
}  // namespace gpubench::collective
