#include "tuning/dimensions.hpp"

#include "core/process.hpp"
#include "core/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace gpubench::tuning {
namespace {

std::vector<std::string> names_of(const std::vector<dimension>& all) {
  std::vector<std::string> found;
  for (const auto& one : all) found.push_back(one.name);
  return found;
}

/// Empty where there is none.
dimension named(const std::vector<dimension>& all, const std::string& name) {
  for (const auto& one : all)
    if (one.name == name) return one;
  return {};
}

TEST(dimensions, only_what_can_be_chosen_is_one) {
  EXPECT_EQ(names_of(nccl_dimensions("all_reduce", {{"eth0", "eth1"}, {"mlx5_0", "mlx5_1"}})),
            (std::vector<std::string>{"interface", "card", "algorithm", "protocol", "channels"}));
  EXPECT_EQ(names_of(nccl_dimensions("broadcast", {{"eth0"}, {}})), (std::vector<std::string>{"protocol", "channels"}));
  EXPECT_EQ(names_of(nccl_dimensions("send_recv", {})), (std::vector<std::string>{"channels"}));
  EXPECT_EQ(names_of(mpi_dimensions("all_reduce", {{"eth0"}, {}})),
            (std::vector<std::string>{"algorithm", "segment size", "eager limit"}));
  EXPECT_EQ(names_of(mpi_dimensions("send_recv", {})), (std::vector<std::string>{"eager limit"}));
  const auto interfaces = nccl_dimensions("all_reduce", {{"eth0", "eth1"}, {}}).front();
  EXPECT_EQ(interfaces.choices.at(0), (setting{{"NCCL_SOCKET_IFNAME", "=eth0"}}));
}

TEST(dimensions, a_reduce_scatter_is_tuned_by_the_parameter_of_what_the_mpi_module_calls) {
  const auto algorithms = named(mpi_dimensions("reduce_scatter", {}), "algorithm");
  ASSERT_EQ(algorithms.choices.size(), 4U);
  EXPECT_EQ(algorithms.choices[3], (setting{{"OMPI_MCA_coll_tuned_reduce_scatter_block_algorithm", "4"},
                                            {"OMPI_MCA_coll_tuned_use_dynamic_rules", "1"}}));
}

TEST(dimensions, segment_sizes_are_chosen_on_top_of_algorithms_that_segment) {
  const auto all_reduce = named(mpi_dimensions("all_reduce", {}), "segment size");
  const std::string algorithm = "OMPI_MCA_coll_tuned_allreduce_algorithm";
  EXPECT_TRUE(all_reduce.has_effect_on_top_of({{algorithm, "5"}}));
  EXPECT_TRUE(all_reduce.has_effect_on_top_of({{algorithm, "segmented_ring"}}));
  EXPECT_FALSE(all_reduce.has_effect_on_top_of({{algorithm, "4"}}));
  EXPECT_FALSE(all_reduce.has_effect_on_top_of({}));
  const auto broadcast = named(mpi_dimensions("broadcast", {}), "segment size");
  for (int i = 1; i <= 9; ++i)
    EXPECT_EQ(broadcast.has_effect_on_top_of({{"OMPI_MCA_coll_tuned_bcast_algorithm", std::to_string(i)}}),
              i >= 2 && i <= 7)
        << i;
  for (const char* without : {"all_gather", "reduce_scatter", "all_to_all"})
    EXPECT_TRUE(named(mpi_dimensions(without, {}), "segment size").choices.empty()) << without;
}

/// What "ompi_info" lists: each parameter with the values of its enumeration, number and name.
std::map<std::string, std::map<std::string, std::string>> listed_parameters() {
  const auto listed = run_process({"ompi_info", "--all", "--level", "9", "--parsable"}).output;
  std::map<std::string, std::map<std::string, std::string>> found;
  for (const auto& line : split(listed, '\n')) {
    const auto words = split(line, ':');  // mca:coll:tuned:param:NAME:enumerator:value:5:segmented_ring
    if (words.size() < 5 || words[0] != "mca" || words[3] != "param") continue;
    auto& values = found[words[4]];
    if (words.size() == 9 && words[5] == "enumerator") values[words[7]] = words[8];
  }
  return found;
}

TEST(dimensions, open_mpi_knows_every_parameter_and_has_no_further_algorithm) {
  if (!is_program("ompi_info")) GTEST_SKIP() << "ompi_info is not installed";
  if (run_process({"ompi_info", "--version"}).output.rfind("Open MPI v4.1.", 0) != 0)
    GTEST_SKIP() << "another Open MPI than 4.1";
  const auto listed = listed_parameters();
  const std::string prefix = "OMPI_MCA_";
  for (const char* collective : {"all_reduce", "all_gather", "reduce_scatter", "broadcast", "reduce", "all_to_all"}) {
    const auto all = mpi_dimensions(collective, {{"eth0", "eth1"}, {}});
    for (const auto& one : all)
      for (const auto& choice : one.choices)
        for (const auto& [name, value] : choice)
          EXPECT_EQ(listed.count(name.substr(prefix.size())), 1U) << collective << ": " << name;
    std::set<std::string> offered{"0"};  // none forced
    std::string parameter;
    for (const auto& choice : named(all, "algorithm").choices)
      for (const auto& [name, value] : choice)
        if (name != "OMPI_MCA_coll_tuned_use_dynamic_rules") offered.insert(value), parameter = name;
    std::set<std::string> known;
    const auto found = listed.find(parameter.substr(prefix.size()));
    ASSERT_NE(found, listed.end()) << collective;
    for (const auto& [number, name] : found->second) known.insert(number);
    EXPECT_EQ(offered, known) << collective;
    for (const auto& [variable, values] : named(all, "segment size").on_top_of)
      for (const auto& [number, name] : found->second)
        EXPECT_EQ(values.count(number), values.count(name)) << collective << ": " << number << " is not " << name;
  }
}

}  // namespace
}  // namespace gpubench::tuning
