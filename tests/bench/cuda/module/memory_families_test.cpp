#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/failure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "described.hpp"

namespace gpubench::cuda {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

device_properties device(int major, double memory_gib, double l2_mib) {
  return described_device(major, 0, memory_gib, l2_mib, 132);
}
const device_properties h200 = device(9, 141, 50);
const device_properties b200 = device(10, 180, 126);
const device_properties slice = device(8, 1, 5);

std::vector<std::int64_t> sizes(const std::string& name, gpubench_module_suite suite, const device_properties& where,
                                const char* parameter) {
  std::vector<std::int64_t> result;
  for (const auto& values : named(name).cases(suite, where)) result.push_back(positive_parameter(values, parameter));
  return result;
}

constexpr std::int64_t kib = 1024, mib = 1024 * kib, gib = 1024 * mib;

const char* const names[] = {"stream_dot",
                             "l2_read",
                             "l2_write",
                             "memory_latency",
                             "memory_latency_flushed",
                             "atomic_add_int32",
                             "atomic_add_fp32",
                             "atomic_add_fp64",
                             "launch_latency_enqueue",
                             "launch_latency_kernel",
                             "launch_latency_graph",
                             "launch_latency_round_trip"};

TEST(memory_families, larger_suites_begin_with_the_cases_of_smaller_ones_and_repeat_none) {
  for (const char* name : names) {
    for (const auto* where : {&h200, &b200, &slice}) {
      std::vector<std::int64_t> before;
      for (const auto suite : {GPUBENCH_MODULE_QUICK, GPUBENCH_MODULE_STANDARD, GPUBENCH_MODULE_FULL}) {
        std::vector<std::int64_t> values;
        for (const auto& one : named(name).cases(suite, *where)) values.push_back(one.values[0].value);
        ASSERT_GE(values.size(), before.size()) << name;
        EXPECT_TRUE(std::equal(before.begin(), before.end(), values.begin())) << name;
        EXPECT_EQ(std::set<std::int64_t>(values.begin(), values.end()).size(), values.size()) << name;
        before = values;
      }
    }
  }
}

TEST(memory_families, dot_reads_two_arrays_and_multiplies_and_adds) {
  parameters values = make_parameters({{"array_bytes", 800}});
  const auto work = named("stream_dot").work(values);
  EXPECT_EQ(work.bytes, 1600);
  EXPECT_EQ(work.flop, 200);
}

TEST(memory_families, l2_counts_every_pass) {
  const auto work = named("l2_read").work(make_parameters({{"working_set_bytes", 12'500'000}}));
  EXPECT_EQ(work.bytes, 171 * 12'500'000.0);
  EXPECT_EQ(work.has_flop, 0);
  EXPECT_EQ(named("l2_write").work(make_parameters({{"working_set_bytes", 16}})).bytes, 4095 * 16);
}

TEST(memory_families, l2_sets_are_shares_of_the_cache_the_quarter_first) {
  EXPECT_THAT(sizes("l2_read", GPUBENCH_MODULE_STANDARD, h200, "working_set_bytes"),
              ElementsAre(50 * mib / 4, 50 * mib / 2));
  EXPECT_THAT(sizes("l2_write", GPUBENCH_MODULE_QUICK, b200, "working_set_bytes"), ElementsAre(126 * mib / 4));
  for (const auto bytes : sizes("l2_write", GPUBENCH_MODULE_FULL, slice, "working_set_bytes")) {
    EXPECT_EQ(bytes % 16, 0);
    EXPECT_LE(bytes, 2 * 5 * mib);
  }
}

TEST(memory_families, l2_refuses_what_the_cache_does_not_hold) {
  const auto reason = [](std::int64_t bytes) {
    return named("l2_read").unavailable(make_parameters({{"working_set_bytes", bytes}}), h200).value_or("");
  };
  EXPECT_THAT(reason(101 * mib), HasSubstr("twice the L2"));
  EXPECT_THAT(reason(24), HasSubstr("multiple of 16"));
}

TEST(memory_families, latency_starts_with_memory_and_goes_down_to_the_first_level) {
  EXPECT_THAT(sizes("memory_latency", GPUBENCH_MODULE_QUICK, h200, "working_set_bytes"), ElementsAre(gib, mib));
  EXPECT_THAT(sizes("memory_latency", GPUBENCH_MODULE_STANDARD, h200, "working_set_bytes"),
              ElementsAre(gib, mib, 16 * kib, 64 * kib, 256 * kib, 4 * mib, 16 * mib, 64 * mib, 256 * mib));
  EXPECT_EQ(sizes("memory_latency", GPUBENCH_MODULE_FULL, h200, "working_set_bytes").size(), 17u);
  // 0.8 GiB less a 10 MiB filler.
  EXPECT_EQ(sizes("memory_latency", GPUBENCH_MODULE_QUICK, slice, "working_set_bytes")[0], 512 * mib);
}

TEST(memory_families, what_is_flushed_would_fit_the_second_level_and_not_the_first) {
  EXPECT_THAT(sizes("memory_latency_flushed", GPUBENCH_MODULE_STANDARD, h200, "working_set_bytes"), ElementsAre());
  EXPECT_THAT(sizes("memory_latency_flushed", GPUBENCH_MODULE_FULL, h200, "working_set_bytes"), ElementsAre(mib));
  EXPECT_THAT(sizes("memory_latency_flushed", GPUBENCH_MODULE_FULL, slice, "working_set_bytes"), ElementsAre(mib));
}

TEST(memory_families, latency_is_told_for_one_load) {
  const auto work = named("memory_latency").work(make_parameters({{"working_set_bytes", 1024}}));
  EXPECT_EQ(work.items, 1);
  EXPECT_STREQ(work.item, "load");
  EXPECT_EQ(work.has_bytes, 0);
}

TEST(memory_families, latency_needs_two_lines_and_room) {
  const auto reason = [](std::int64_t bytes) {
    return named("memory_latency").unavailable(make_parameters({{"working_set_bytes", bytes}}), h200).value_or("");
  };
  EXPECT_THAT(reason(255), HasSubstr("two lines"));
  EXPECT_THAT(reason(120 * gib), HasSubstr("does not fit"));
}

TEST(memory_families, atomics_count_additions) {
  EXPECT_EQ(named("atomic_add_fp32").work(make_parameters({{"addresses", 1}})).items, 1 << 22);
  EXPECT_EQ(named("atomic_add_int32").work(make_parameters({{"addresses", 1 << 20}})).items, 1 << 26);
  EXPECT_STREQ(named("atomic_add_fp64").work(make_parameters({{"addresses", 1}})).item, "atomic");
}

TEST(memory_families, atomics_refuse_what_does_not_fit) {
  const auto reason = [](const char* name, std::int64_t addresses, const device_properties& where) {
    return named(name).unavailable(make_parameters({{"addresses", addresses}}), where).value_or("");
  };
  EXPECT_THAT(reason("atomic_add_int32", (std::int64_t{1} << 28) + 1, h200), HasSubstr("at most"));
  EXPECT_THAT(reason("atomic_add_fp64", std::int64_t{1} << 28, slice), HasSubstr("do not fit"));
  EXPECT_THAT(reason("atomic_add_fp64", 1, device(5, 16, 4)), HasSubstr("6.0"));
}

TEST(memory_families, launches_stay_below_what_a_stream_takes_without_waiting) {
  const auto reason = [](const char* name, const char* parameter, std::int64_t value) {
    return named(name).unavailable(make_parameters({{parameter, value}}), h200).value_or("");
  };
  EXPECT_THAT(reason("launch_latency_kernel", "launches", 513), HasSubstr("at most 512"));
  EXPECT_THAT(reason("launch_latency_graph", "nodes", 65537), HasSubstr("at most 65536"));
  EXPECT_THROW(named("launch_latency_graph").work(make_parameters({{"nodes", 0}})), failure);
  EXPECT_STREQ(named("launch_latency_graph").work(make_parameters({{"nodes", 16}})).item, "node");
}

TEST(memory_families, arrays_leave_three_percent_in_the_cache_at_most) {
  for (const auto* where : {&h200, &b200}) {
    const auto bytes = sizes("memory_write", GPUBENCH_MODULE_QUICK, *where, "array_bytes").at(0);
    EXPECT_LE(where->l2_bytes / static_cast<double>(bytes), 1.0 / 32 + 1e-6);
    EXPECT_GE(bytes, gib);
  }
}

}  // namespace
}  // namespace gpubench::cuda
