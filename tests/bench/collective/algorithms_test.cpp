#include "bench/collective/algorithms.hpp"

#include <gtest/gtest.h>

namespace gpubench::collective {
namespace {

constexpr const char* log =
    "node:7:7 [0] NCCL INFO AllReduce: 4 Bytes -> Algo TREE proto LL channel{Lo..Hi}={0..0}\n"
    "node:7:7 [0] NCCL INFO AllReduce: 1048576 Bytes -> Algo RING proto LL128 channel{Lo..Hi}={0..15}\n"
    "node:7:7 [0] NCCL INFO Reduce: 1048576 Bytes -> Algo RING proto SIMPLE channel{Lo..Hi}={2..3}\n"
    "node:7:7 [0] NCCL INFO AllReduce: 1048576 Bytes -> Algo NVLS proto SIMPLE channel{Lo..Hi}={0..7}\n"
    "node:7:7 [0] NCCL INFO AllGather: 1048576 Bytes -> Algo 1 proto 2 time 28.2\n";

TEST(algorithms, the_last_choice_for_the_size_is_read_from_the_log) {
  const auto found = choice_in_log(log, collective_kind::all_reduce, 1048576);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->algorithm, "NVLS");
  EXPECT_EQ(found->protocol, "SIMPLE");
  EXPECT_EQ(found->channels, 8);
  const auto small = choice_in_log(log, collective_kind::all_reduce, 4);
  ASSERT_TRUE(small.has_value());
  EXPECT_EQ(small->algorithm, "TREE");
  EXPECT_EQ(small->channels, 1);
}

TEST(algorithms, one_collective_is_not_taken_for_another) {
  const auto found = choice_in_log(log, collective_kind::reduce, 1048576);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->channels, 2);
  EXPECT_FALSE(choice_in_log(log, collective_kind::reduce_scatter, 1048576).has_value());
  EXPECT_FALSE(choice_in_log(log, collective_kind::all_reduce, 2048).has_value());
}

TEST(algorithms, what_is_not_understood_is_not_guessed) {
  EXPECT_FALSE(choice_in_log("", collective_kind::all_reduce, 4).has_value());
  EXPECT_FALSE(choice_in_log("node [0] NCCL INFO 4 Bytes -> Algo 1 proto 2 time 3.5", collective_kind::all_reduce, 4));
  const auto cut = choice_in_log(" AllReduce: 4 Bytes -> Algo RING proto LL", collective_kind::all_reduce, 4);
  ASSERT_TRUE(cut.has_value());
  EXPECT_FALSE(cut->channels.has_value());
}

TEST(algorithms, names_are_compared_without_case_and_underscores) {
  EXPECT_TRUE(same_name("NVLS_TREE", "NVLSTree"));
  EXPECT_TRUE(same_name("RING", "Ring"));
  EXPECT_FALSE(same_name("NVLS", "NVLSTree"));
}

TEST(algorithms, point_to_point_has_none_to_choose) {
  EXPECT_EQ(algorithms_of(collective_kind::all_reduce).size(), 10u);
  EXPECT_TRUE(algorithms_of(collective_kind::send_recv).empty());
  EXPECT_TRUE(algorithms_of(collective_kind::all_to_all).empty());
}

TEST(forced_for, limits_the_choice_to_one_function_where_nccl_can) {
  EXPECT_EQ(forced_for(collective_kind::all_gather, "PAT", 22400), "allgather:PAT");
  EXPECT_EQ(forced_for(collective_kind::reduce_scatter, "Simple", 22809), "reducescatter:Simple");
  EXPECT_EQ(forced_for(collective_kind::all_gather, "PAT", 22399), "PAT");
}

}  // namespace
}  // namespace gpubench::collective
