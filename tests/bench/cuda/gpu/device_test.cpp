#include "on_device.hpp"

namespace gpubench::bench {
namespace {

TEST_F(on_device, every_case_of_the_quick_suite_is_right) {
  for (const auto& definition : backend.benchmarks) {
    if (definition.device != "gpu0") continue;
    for (const auto& values : definition.cases(suite::quick, where)) expect_right(definition, values);
  }
}

TEST_F(on_device, arrays_that_no_tile_divides_are_right) {
  for (const char* name :
       {"stream_copy", "stream_scale", "stream_add", "stream_triad", "memory_read", "memory_write"}) {
    for (const std::int64_t bytes : {16, 4112, 1000016}) expect_right(named(name), {{"array_bytes", bytes}});
  }
}

TEST_F(on_device, matrices_that_no_tile_divides_are_right) {
  for (const char* name : {"gemm_fp64", "gemm_fp32", "gemm_tf32", "gemm_fp16", "gemm_bf16"}) {
    for (const std::int64_t size : {1, 24, 1000}) {
      expect_right(named(name), {{"m", size}, {"n", size + 8}, {"k", 2 * size}});
    }
  }
}

TEST_F(on_device, too_large_a_case_is_out_of_device_memory_and_the_next_one_runs) {
  const auto& copy = named("stream_copy");
  try {
    copy.prepare({{"array_bytes", std::int64_t{1} << 43}}, where);
    FAIL() << "8 TiB were allocated";
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::out_of_device_memory);
    EXPECT_NE(std::string(e.what()).find("8796093022208 bytes"), std::string::npos) << e.what();
  }
  expect_right(copy, {{"array_bytes", std::int64_t{1} << 20}});
}

TEST_F(on_device, the_clock_of_the_multiprocessors_is_plausible) {
  const auto& gemm = named("gemm_fp32");
  const auto prepared =
      gemm.prepare({{"m", std::int64_t{2048}}, {"n", std::int64_t{2048}}, {"k", std::int64_t{2048}}}, where);
  for (int i = 0; i < 10; ++i) prepared->sample();
  const auto clock = prepared->telemetry().clock_hertz;
  ASSERT_TRUE(clock.has_value());
  EXPECT_GT(*clock, 100e6);
  EXPECT_LT(*clock, 5e9);
}

}  // namespace
}  // namespace gpubench::bench
