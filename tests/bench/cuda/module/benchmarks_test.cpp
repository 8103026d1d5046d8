#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/failure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <utility>

#include "described.hpp"

namespace gpubench::cuda {
namespace {

using ::testing::HasSubstr;

parameters of(std::initializer_list<std::pair<const char*, std::int64_t>> values) {
  parameters result{};
  for (const auto& [name, value] : values) result.values[result.count++] = {name, nullptr, value};
  return result;
}

std::int64_t value_of(const parameters& values, const char* name) {
  return positive_parameter(values, name);
}

device_properties device(int major, int minor, double memory_gib, double l2_mib) {
  return described_device(major, minor, memory_gib, l2_mib, 100);
}
// Compute capability, memory and L2 cache of NVIDIA's data sheets.
const device_properties t4 = device(7, 5, 15, 4);
const device_properties a100 = device(8, 0, 80, 40);
const device_properties h100 = device(9, 0, 80, 50);
const device_properties b200 = device(10, 0, 180, 126);
const device_properties one_gibibyte_slice = device(8, 0, 1, 5);

class families : public ::testing::Test {
 protected:
  std::int64_t array_bytes(const std::string& name, const device_properties& where) const {
    return value_of(named(name).cases(GPUBENCH_MODULE_QUICK, where).at(0), "array_bytes");
  }

  const benchmark_list& list = registered_benchmarks();
};

TEST_F(families, have_the_names_of_the_host_benchmarks) {
  std::vector<std::string> names;
  for (const auto& b : list) names.emplace_back(b->description().name);
  EXPECT_THAT(names, ::testing::IsSupersetOf({"stream_copy", "stream_scale", "stream_add", "stream_triad",
                                              "memory_read", "memory_write", "gemm_fp64", "gemm_fp32", "gemm_tf32",
                                              "gemm_fp16", "gemm_bf16", "gemm_int8"}));
}

TEST_F(families, streams_count_each_array_once) {
  const auto values = of({{"array_bytes", 800}});
  const auto triad = named("stream_triad").work(values);
  EXPECT_EQ(triad.bytes, 2400);
  EXPECT_EQ(triad.flop, 200);
  const auto copy = named("stream_copy").work(values);
  EXPECT_EQ(copy.bytes, 1600);
  EXPECT_EQ(copy.has_flop, 0);
  EXPECT_EQ(named("memory_write").work(values).bytes, 800);
  EXPECT_EQ(named("memory_read").work(values).bytes, 800);
}

TEST_F(families, gemm_counts_two_flop_a_product_and_each_matrix_once) {
  const auto work = named("gemm_bf16").work(of({{"m", 2}, {"n", 3}, {"k", 4}}));
  EXPECT_EQ(work.flop, 48);
  EXPECT_EQ(work.bytes, 2 * (2 * 4 + 4 * 3 + 2 * 3));
  EXPECT_EQ(named("gemm_fp64").work(of({{"m", 2}, {"n", 3}, {"k", 4}})).bytes, 8 * 26);
}

TEST_F(families, arrays_are_a_gibibyte_or_32_times_the_cache) {
  EXPECT_EQ(array_bytes("stream_triad", t4), std::int64_t{1} << 30);
  EXPECT_EQ(array_bytes("stream_triad", h100), std::int64_t{1600} << 20);
  device_properties large_cache = b200;
  large_cache.l2_bytes = std::ldexp(1.0, 28);  // 256 MiB
  EXPECT_EQ(array_bytes("stream_triad", large_cache), std::int64_t{1} << 33);
}

TEST_F(families, arrays_shrink_to_a_small_slice) {
  // Three arrays and a 10 MiB filler within 0.8 GiB: 256 MiB each fit, 512 MiB do not.
  EXPECT_EQ(array_bytes("stream_triad", one_gibibyte_slice), std::int64_t{1} << 28);
  EXPECT_EQ(array_bytes("memory_read", one_gibibyte_slice), std::int64_t{1} << 29);
}

void expect_begins_with(const std::vector<parameters>& larger, const std::vector<parameters>& smaller) {
  ASSERT_GE(larger.size(), smaller.size());
  for (std::size_t c = 0; c < smaller.size(); ++c) {
    ASSERT_EQ(larger[c].count, smaller[c].count);
    for (std::uint32_t i = 0; i < smaller[c].count; ++i) {
      EXPECT_STREQ(larger[c].values[i].name, smaller[c].values[i].name);
      EXPECT_EQ(larger[c].values[i].value, smaller[c].values[i].value);
      EXPECT_EQ(std::string(larger[c].values[i].text ? larger[c].values[i].text : ""),
                std::string(smaller[c].values[i].text ? smaller[c].values[i].text : ""));
    }
  }
}

TEST_F(families, larger_suites_begin_with_the_cases_of_smaller_ones) {
  for (const auto& b : list) {
    SCOPED_TRACE(b->description().name);
    const auto quick = b->cases(GPUBENCH_MODULE_QUICK, h100);
    const auto standard = b->cases(GPUBENCH_MODULE_STANDARD, h100);
    const auto full = b->cases(GPUBENCH_MODULE_FULL, h100);
    ASSERT_FALSE(full.empty());  // what is not important enough for a smaller suite has no case there
    expect_begins_with(standard, quick);
    expect_begins_with(full, standard);
  }
}

TEST_F(families, double_precision_is_small_where_its_units_are_few) {
  EXPECT_EQ(value_of(named("gemm_fp64").cases(GPUBENCH_MODULE_QUICK, t4).at(0), "m"), 2048);
  EXPECT_EQ(value_of(named("gemm_fp64").cases(GPUBENCH_MODULE_QUICK, a100).at(0), "m"), 8192);
  EXPECT_EQ(value_of(named("gemm_fp64").cases(GPUBENCH_MODULE_QUICK, device(8, 6, 24, 6)).at(0), "m"), 2048);
}

TEST_F(families, emulated_precisions_are_unavailable_not_slow) {
  const auto values = of({{"m", 64}, {"n", 64}, {"k", 64}});
  EXPECT_THAT(named("gemm_bf16").unavailable(values, t4).value_or(""), HasSubstr("compute capability 8.0"));
  EXPECT_THAT(named("gemm_tf32").unavailable(values, t4).value_or(""), HasSubstr("this device has 7.5"));
  EXPECT_THAT(named("gemm_fp16").unavailable(values, device(6, 0, 16, 4)).value_or(""), HasSubstr("7.0"));
}

TEST_F(families, what_does_not_fit_is_unavailable) {
  const auto huge = of({{"m", 1 << 20}, {"n", 1 << 20}, {"k", 64}});
  EXPECT_THAT(named("gemm_fp32").unavailable(huge, h100).value_or(""), HasSubstr("do not fit"));
  EXPECT_THAT(named("stream_add").unavailable(of({{"array_bytes", std::int64_t{1} << 40}}), h100).value_or(""),
              HasSubstr("do not fit"));
  EXPECT_THAT(named("stream_add").unavailable(of({{"array_bytes", 100}}), h100).value_or(""),
              HasSubstr("multiple of 16"));
}

TEST_F(families, missing_and_absurd_parameters_are_refused) {
  EXPECT_THROW(named("gemm_fp32").work(of({{"m", 1}, {"n", 1}})), failure);
  EXPECT_THROW(named("gemm_fp32").work(of({{"m", 1}, {"n", 1}, {"k", 0}})), failure);
  EXPECT_THROW(named("stream_copy").work(of({{"array_bytes", -8}})), failure);
}

}  // namespace
}  // namespace gpubench::cuda
