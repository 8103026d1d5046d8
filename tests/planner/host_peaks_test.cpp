#include "planner/host_peaks.hpp"

#include <gtest/gtest.h>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

using models::precision;

results::environment slice_of_two_cores() {
  results::environment machine;
  machine.cpu.model = "Intel(R) Xeon(R) Processor";
  machine.cpu.microarchitecture = "Emerald Rapids";
  machine.cpu.usable_cpus = 2;
  machine.cpu.measured_clock_hertz = 3e9;
  return machine;
}

TEST(host_peaks, are_the_units_of_the_usable_cores_at_the_measured_clock) {
  const profiles::catalogue known = testing::small_catalogue();
  const host_peaks peaks = find_host_peaks(slice_of_two_cores(), known);
  ASSERT_NE(peaks.spec, nullptr);
  EXPECT_DOUBLE_EQ(peaks.dense_flop_per_second.at(precision::fp32).value, 2 * 64 * 3e9);
  EXPECT_DOUBLE_EQ(peaks.dense_flop_per_second.at(precision::fp64).value, 64 * 3e9);
  EXPECT_NE(peaks.dense_flop_per_second.at(precision::fp32).source.find("measured"), std::string::npos);
  EXPECT_FALSE(peaks.memory_bytes_per_second) << "two cores of a socket: the share of its channels is not known";
}

TEST(host_peaks, two_hardware_threads_are_one_core) {
  const profiles::catalogue known = testing::small_catalogue();
  results::environment machine = slice_of_two_cores();
  machine.cpu.physical_cores = 1;
  machine.cpu.logical_cpus = 2;
  EXPECT_DOUBLE_EQ(find_host_peaks(machine, known).dense_flop_per_second.at(precision::fp32).value, 64 * 3e9);
}

TEST(host_peaks, matrix_rates_need_the_instructions) {
  profiles::catalogue known = testing::small_catalogue();
  known.cpus[0].bf16_flop_per_cycle_per_core = 1024;
  known.index();
  results::environment machine = slice_of_two_cores();
  EXPECT_EQ(find_host_peaks(machine, known).dense_flop_per_second.count(precision::bf16), 0U);
  machine.cpu.features = {"avx512f", "amx_bf16"};
  EXPECT_DOUBLE_EQ(find_host_peaks(machine, known).dense_flop_per_second.at(precision::bf16).value, 2 * 1024 * 3e9);
}

TEST(host_peaks, a_whole_socket_has_its_memory_bandwidth) {
  const profiles::catalogue known = testing::small_catalogue();
  results::environment machine = slice_of_two_cores();
  machine.cpu.usable_cpus = 48;
  const host_peaks peaks = find_host_peaks(machine, known);
  ASSERT_TRUE(peaks.memory_bytes_per_second);
  EXPECT_DOUBLE_EQ(peaks.memory_bytes_per_second->value, 307.2e9);
}

TEST(host_peaks, a_socket_without_usable_cores_gives_no_memory_bandwidth) {
  const profiles::catalogue known = testing::small_catalogue();
  results::environment machine = slice_of_two_cores();
  machine.cpu.sockets = 2;
  machine.cpu.usable_cpus = 48;
  EXPECT_DOUBLE_EQ(find_host_peaks(machine, known).memory_bytes_per_second.value().value, 307.2e9);
  machine.cpu.usable_cpus = 95;
  EXPECT_DOUBLE_EQ(find_host_peaks(machine, known).memory_bytes_per_second.value().value, 307.2e9);
  machine.cpu.usable_cpus = 96;
  EXPECT_DOUBLE_EQ(find_host_peaks(machine, known).memory_bytes_per_second.value().value, 614.4e9);
  machine.cpu.usable_cpus = 47;
  EXPECT_FALSE(find_host_peaks(machine, known).memory_bytes_per_second);
}

TEST(host_peaks, an_unknown_cpu_has_none) {
  const profiles::catalogue known = testing::small_catalogue();
  results::environment machine;
  machine.cpu.microarchitecture = "Unheard-of";
  const host_peaks peaks = find_host_peaks(machine, known);
  EXPECT_EQ(peaks.spec, nullptr);
  EXPECT_TRUE(peaks.dense_flop_per_second.empty());
  EXPECT_FALSE(peaks.memory_bytes_per_second);
}

}  // namespace
}  // namespace gpubench::planner
