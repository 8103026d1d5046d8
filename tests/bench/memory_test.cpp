#include "bench/clock.hpp"
#include "bench/competing_load.hpp"
#include "bench/host/pointer_chain.hpp"
#include "bench/host/stream_arrays.hpp"
#include "bench/host/stream_kernels.hpp"
#include "core/units.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace gpubench::bench {
namespace {

benchmark_definition find_benchmark(const std::string& name) {
  for (auto& definition : registered_benchmarks()) {
    if (definition.name == name && definition.backend == "host") return definition;
  }
  ADD_FAILURE() << name << " is not registered";
  return {};
}

results::parameters arrays_of(std::int64_t bytes, std::int64_t threads) {
  return {{"array_bytes", bytes}, {"threads", threads}};
}

class bandwidth : public testing::TestWithParam<const char*> {};

TEST_P(bandwidth, computes_the_right_answer) {
  const auto definition = find_benchmark(GetParam());
  const results::environment environment;
  const machine where{environment};
  // 12,501 elements divide neither by the threads nor by the slices; 11 samples pass through all slices and begin
  // again.
  for (const int threads : {1, 2, 3}) {
    const auto ready = definition.prepare(arrays_of(100'008, threads), where);
    for (int n = 0; n < 11; ++n) EXPECT_GT(ready->sample().count(), 0);
    const auto checked = ready->verify();
    EXPECT_TRUE(checked.passed()) << checked.compared << ": " << checked.error;
  }
  definition.release();
}

TEST_P(bandwidth, checks_what_was_not_reached_yet) {
  const auto definition = find_benchmark(GetParam());
  const results::environment environment;
  const auto ready = definition.prepare(arrays_of(80'000, 2), machine{environment});
  ready->sample();
  EXPECT_TRUE(ready->verify().passed());
  definition.release();
}

TEST_P(bandwidth, plans_all_threads_first_and_says_when_memory_is_short) {
  const auto definition = find_benchmark(GetParam());
  const results::environment environment;
  machine where{environment, 4, 32 * mib, 64 * gib};
  const auto cases = definition.cases(suite::standard, where);
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(results::integer_parameter(cases[0], "threads"), 4);
  EXPECT_EQ(results::integer_parameter(cases[0], "array_bytes"), 128 << 20);
  EXPECT_EQ(results::integer_parameter(cases[1], "threads"), 1);
  EXPECT_NE(definition.unavailable(arrays_of(std::int64_t{1} << 60, 1), where), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(every_benchmark, bandwidth,
                         testing::Values("stream_copy", "stream_scale", "stream_add", "stream_triad", "memory_read",
                                         "memory_write"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST(stream, counts_bytes_and_flop_as_stream_does) {
  // 64,000 bytes are 8,000 elements; one sample is an eighth: 1,000 elements.
  const auto params = arrays_of(64'000, 1);
  EXPECT_EQ(find_benchmark("stream_copy").work(params).bytes, 16'000);
  EXPECT_EQ(find_benchmark("stream_copy").work(params).flop, std::nullopt);
  EXPECT_EQ(find_benchmark("stream_scale").work(params).bytes, 16'000);
  EXPECT_EQ(find_benchmark("stream_scale").work(params).flop, 1'000);
  EXPECT_EQ(find_benchmark("stream_add").work(params).bytes, 24'000);
  EXPECT_EQ(find_benchmark("stream_triad").work(params).bytes, 24'000);
  EXPECT_EQ(find_benchmark("stream_triad").work(params).flop, 2'000);
  EXPECT_EQ(find_benchmark("memory_read").work(params).bytes, 8'000);
  EXPECT_EQ(find_benchmark("memory_write").work(params).bytes, 8'000);
}

TEST(stream, finds_an_element_that_was_overwritten) {
  const auto params = arrays_of(64'000, 2);
  const auto definition = find_benchmark("stream_triad");
  const results::environment environment;
  const auto ready = definition.prepare(params, machine{environment});
  ready->sample();
  double& last = stream_arrays::acquire(params)->destination()[7'999];
  for (const double wrong : {1234.0, std::nan("")}) {
    last = wrong;
    EXPECT_FALSE(ready->verify().passed()) << wrong;
  }
  definition.release();
}

TEST(stream_arrays, cover_every_element_once) {
  for (const std::size_t elements : {std::size_t{1}, std::size_t{17}, std::size_t{100}, std::size_t{12'501}}) {
    std::size_t next = 0;
    for (int thread = 0; thread < 3; ++thread) {
      for (std::size_t slice = 0; slice < slices_per_array; ++slice) {
        const auto part = slice_of(elements, thread, 3, slice);
        EXPECT_EQ(part.first, next);
        next += part.count;
      }
    }
    EXPECT_EQ(next, elements);
  }
}

TEST(stream_arrays, are_four_times_the_caches_but_half_of_memory_at_most) {
  const results::environment environment;
  EXPECT_EQ(memory_array_bytes({environment, 1, 260 * mib, 64 * gib}), 1040U << 20);
  EXPECT_EQ(memory_array_bytes({environment, 1, 1 * mib, 64 * gib}), 64U << 20);
  const machine small{environment, 1, 260 * mib, 1.5 * gib};
  EXPECT_EQ(memory_array_bytes(small), 256U << 20);
  EXPECT_EQ(array_size_warnings(small, 256U << 20).size(), 1U);
  EXPECT_TRUE(array_size_warnings(small, 1040U << 20).empty());
}

TEST(stream_kernels, add_up_lengths_that_are_no_multiple_of_a_vector) {
  std::vector<double> values(103);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
  EXPECT_EQ(sum_range(values.data(), 103), 5253);  // 102 * 103 / 2
  EXPECT_EQ(sum_range(values.data(), 0), 0);
}

TEST(pointer_chain, visits_every_line_once) {
  for (const std::size_t lines : {2, 3, 63, 64, 65, 1000}) {
    const pointer_chain chain(lines * 64, 42);
    EXPECT_EQ(chain.lines(), lines);
    EXPECT_EQ(chain.count_cycle(), lines);
    EXPECT_EQ(chain.count_cycle(), lines);  // the check leaves nothing behind
    EXPECT_EQ(pointer_chain::follow(chain.start(), lines), chain.start());
  }
}

TEST(pointer_chain, notices_a_cycle_that_leaves_lines_out) {
  const pointer_chain chain(1000 * 64, 42);
  chain.start()->next = chain.start()->next->next->next;
  EXPECT_LT(chain.count_cycle(), 1000U);
}

TEST(memory_latency, measures_loads_on_a_verified_chain) {
  const auto definition = find_benchmark("memory_latency");
  const results::environment environment;
  const results::parameters params = {{"working_set_bytes", std::int64_t{16384}}};
  const auto ready = definition.prepare(params, machine{environment});
  EXPECT_GT(ready->sample().count(), 0);
  EXPECT_TRUE(ready->verify().passed());
  EXPECT_EQ(definition.work(params).items, 1);
  EXPECT_EQ(definition.work(params).item, "load");
}

TEST(memory_latency, begins_with_memory_and_stays_within_a_quarter_of_it) {
  const auto definition = find_benchmark("memory_latency");
  const results::environment environment;
  const auto cases = definition.cases(suite::full, {environment, 1, 32 * mib, 64 * gib});
  EXPECT_EQ(results::integer_parameter(cases.front(), "working_set_bytes"), 128 << 20);
  const auto small = definition.cases(suite::full, {environment, 1, 260 * mib, 1 * gib});
  EXPECT_EQ(results::integer_parameter(small.front(), "working_set_bytes"), 256 << 20);
}

TEST(competing_load, is_what_others_used_of_all_cores) {
  // Ten seconds on four CPUs: 24 s busy, of which 20 s are ours.
  const cpu_usage before{100, 1000, 50, 4};
  const cpu_usage after{124, 1040, 70, 4};
  const auto load = competing_load_between(before, after);
  ASSERT_TRUE(load);
  EXPECT_DOUBLE_EQ(load->fraction_of_all_cores, 0.1);
  EXPECT_DOUBLE_EQ(load->cores, 0.4);
  EXPECT_DOUBLE_EQ(load->seconds, 4);
}

TEST(competing_load, is_never_negative_and_absent_for_a_moment) {
  EXPECT_EQ(competing_load_between({1, 10, 1, 2}, {1.5, 11, 2, 2})->seconds, 0);
  EXPECT_FALSE(competing_load_between({1, 10, 1, 2}, {1.05, 10.1, 1.04, 2}));
}

TEST(competing_load, reads_the_kernels_counters) {
  const auto usage = read_cpu_usage(system_files(std::string(GPUBENCH_TEST_DATA_DIR) + "/load"));
  ASSERT_TRUE(usage);
  EXPECT_DOUBLE_EQ(usage->busy_seconds, 21);  // 1000 + 100 + 500 + 200 + 100 + 200 ticks of 10 ms
  EXPECT_DOUBLE_EQ(usage->total_seconds, 61);
  EXPECT_DOUBLE_EQ(usage->own_seconds, 4.5);
  EXPECT_EQ(usage->cpus, 2);
  EXPECT_FALSE(read_cpu_usage(system_files(std::string(GPUBENCH_TEST_DATA_DIR) + "/ec2")));
}

}  // namespace
}  // namespace gpubench::bench
