#include "bench/cuda/module/collective_case.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/nccl_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "described.hpp"

namespace gpubench::cuda {
namespace {

using collective::collective_kind;
using ::testing::HasSubstr;

parameters of(std::int64_t bytes, std::int64_t ranks) {
  return make_parameters({{"bytes", bytes}, {"ranks", ranks}});
}

device_properties hopper() {
  return described_device(9, 0, 80, 50, 132);
}

TEST(nccl_collectives, count_the_size_and_what_the_bus_must_carry) {
  const auto all_reduce = named("all_reduce").work(of(1000, 8));
  EXPECT_EQ(all_reduce.bytes, 1000);
  EXPECT_EQ(all_reduce.has_bus_bytes, 1);
  EXPECT_EQ(all_reduce.bus_bytes, 1750);
  EXPECT_EQ(named("all_gather").work(of(1000, 8)).bus_bytes, 875);
  EXPECT_EQ(named("broadcast").work(of(1000, 8)).bus_bytes, 1000);
}

TEST(nccl_collectives, run_once_on_all_devices) {
  for (const auto& kind : collective::kinds)
    EXPECT_EQ(named(kind.name).description().scope, GPUBENCH_MODULE_ALL_DEVICES) << kind.name;
}

TEST(nccl_collectives, use_the_gpus_of_their_ranks) {
  const auto& all_reduce = named("all_reduce");
  EXPECT_TRUE(all_reduce.uses(of(1024, 2), hopper(), 1));
  EXPECT_FALSE(all_reduce.uses(of(1024, 2), hopper(), 2));
  // One rank of several processes.
  auto values = of(1024, 8);
  add_text_parameter(values, "communicator", "00ff");
  add_integer_parameter(values, "rank", 5);
  add_integer_parameter(values, "gpu", 1);
  EXPECT_TRUE(all_reduce.uses(values, hopper(), 1));
  EXPECT_FALSE(all_reduce.uses(values, hopper(), 0));
}

TEST(nccl_collectives, parameters_are_read_with_their_defaults) {
  auto values = of(4096, 4);
  const auto plain = read_collective(collective_kind::all_gather, values);
  EXPECT_EQ(plain.layout.block, 256u);
  EXPECT_EQ(plain.layout.type, collective::element_type::fp32);
  EXPECT_EQ(plain.where, collective::placement::out_of_place);
  EXPECT_TRUE(plain.id.empty());

  add_text_parameter(values, "type", "bf16");
  add_text_parameter(values, "operation", "max");
  add_text_parameter(values, "placement", "in_place");
  add_text_parameter(values, "algorithm", "NVLS");
  add_text_parameter(values, "communicator", "00ff");
  add_integer_parameter(values, "rank", 3);
  add_integer_parameter(values, "gpu", 1);
  const auto full = read_collective(collective_kind::all_reduce, values);
  EXPECT_EQ(full.layout.block, 2048u);
  EXPECT_EQ(full.layout.operation, collective::reduction::max);
  EXPECT_EQ(full.where, collective::placement::in_place);
  EXPECT_EQ(full.algorithm, "NVLS");
  EXPECT_EQ(full.id, "00ff");
  EXPECT_EQ(full.rank, 3);
  EXPECT_EQ(full.gpu, 1);
}

TEST(nccl_collectives, unknown_texts_and_absurd_ranks_are_refused) {
  auto values = of(4096, 4);
  add_text_parameter(values, "type", "fp7");
  EXPECT_THROW(read_collective(collective_kind::all_reduce, values), failure);
  auto rank = of(4096, 4);
  add_integer_parameter(rank, "rank", 4);
  EXPECT_THROW(read_collective(collective_kind::all_reduce, rank), failure);
  EXPECT_THROW(read_collective(collective_kind::all_reduce, of(4096, 0)), failure);
}

TEST(nccl_collectives, one_gpu_has_nothing_to_communicate) {
  // Or NCCL is missing on this machine, which is said first.
  const auto reason = named("all_reduce").unavailable(of(1024, 1), hopper());
  ASSERT_TRUE(reason.has_value());
  EXPECT_THAT(*reason, ::testing::AnyOf(HasSubstr("one GPU"), HasSubstr("libnccl"), HasSubstr("NCCL")));
}

TEST(nccl_collectives, more_ranks_than_gpus_are_unavailable) {
  const auto reason = named("all_reduce").unavailable(of(1 << 20, 1000), hopper());
  ASSERT_TRUE(reason.has_value());
  EXPECT_THAT(*reason, ::testing::AnyOf(HasSubstr("1000 ranks"), HasSubstr("NCCL"), HasSubstr("libnccl")));
}

TEST(scoped_variables, hold_and_give_back) {
  setenv("GPUBENCH_TEST_SET", "before", 1);
  unsetenv("GPUBENCH_TEST_UNSET");
  {
    const scoped_variables during({{"GPUBENCH_TEST_SET", "during"}, {"GPUBENCH_TEST_UNSET", "too"}});
    EXPECT_STREQ(std::getenv("GPUBENCH_TEST_SET"), "during");
    EXPECT_STREQ(std::getenv("GPUBENCH_TEST_UNSET"), "too");
  }
  EXPECT_STREQ(std::getenv("GPUBENCH_TEST_SET"), "before");
  EXPECT_EQ(std::getenv("GPUBENCH_TEST_UNSET"), nullptr);
}

TEST(nccl_log, gives_what_was_written_since_the_last_call) {
  unsetenv("NCCL_DEBUG");
  nccl_log log;
  const auto variables = log.variables();
  ASSERT_EQ(variables.count("NCCL_DEBUG_FILE"), 1u);
  EXPECT_EQ(variables.at("NCCL_DEBUG_SUBSYS"), "TUNING");
  // As NCCL opens it and writes.
  std::FILE* file = std::fopen(variables.at("NCCL_DEBUG_FILE").c_str(), "w");
  ASSERT_NE(file, nullptr);
  setlinebuf(file);
  EXPECT_EQ(log.take(), "");
  std::fputs("first\n", file);
  EXPECT_EQ(log.take(), "first\n");
  EXPECT_EQ(log.take(), "");
  std::fputs("second\n", file);
  std::fputs("third\n", file);
  EXPECT_EQ(log.take(), "second\nthird\n");
  std::fclose(file);
}

TEST(nccl_log, stays_out_of_the_users_way) {
  setenv("NCCL_DEBUG", "WARN", 1);
  EXPECT_TRUE(nccl_log().variables().empty());
  unsetenv("NCCL_DEBUG");
}

}  // namespace
}  // namespace gpubench::cuda
