#include "planner/device_rates.hpp"

#include <gtest/gtest.h>

#include "tests/planner/sample_catalogue.hpp"

namespace gpubench::planner {
namespace {

using models::precision;

constexpr std::size_t gemm_kind = 0;

TEST(roofline, takes_the_slower_of_arithmetic_and_memory_plus_the_overhead) {
  device_rates rates;
  rates.cells[gemm_kind][0] = {100e12, 1e12, 5e-6, 0.8, 1.5, basis::calibrated};
  // 2e10 FLOP at 100 TFLOP/s is 200 us, 1e8 bytes at 1 TB/s are 100 us.
  const estimate compute = estimate_work(rates, gemm_kind, 0, 2e10, 1e8);
  EXPECT_NEAR(compute.seconds, 205e-6, 1e-12);
  EXPECT_NEAR(compute.low, 164e-6, 1e-12);
  EXPECT_NEAR(compute.high, 307.5e-6, 1e-12);
  EXPECT_EQ(compute.bound_by, bound::compute);
  const estimate memory = estimate_work(rates, gemm_kind, 0, 2e9, 1e8);
  EXPECT_NEAR(memory.seconds, 105e-6, 1e-12);
  EXPECT_EQ(memory.bound_by, bound::memory);
  EXPECT_EQ(estimate_work(rates, gemm_kind, 0, 1e6, 1e4).bound_by, bound::overhead);
}

TEST(roofline, a_cpu_s_rates_are_its_peaks_times_the_efficiencies) {
  const profiles::catalogue known = testing::small_catalogue();
  const device_lookup xeon = device_of(known.instances[6], known);
  ASSERT_TRUE(xeon.found);
  const device_rates rates = shipped_rates(*xeon.found, testing::shipped());
  const auto& cell = rates.of(gemm_kind, static_cast<std::size_t>(precision::fp32));
  EXPECT_NEAR(cell.compute_flop_per_second, 48 * 64 * 3e9 * 0.7, 1e6);
  EXPECT_NEAR(cell.memory_bytes_per_second, 307.2e9 * 0.7, 1e3);
  EXPECT_EQ(cell.basis, basis::data_sheet) << "typical values until it is measured";
}

TEST(roofline, a_slice_in_time_has_its_share_of_time_and_memory) {
  const profiles::catalogue known = testing::small_catalogue();
  const device_lookup whole = device_of(known.instances[2], known);
  const device_lookup half = device_of(known.instances[3], known);
  ASSERT_TRUE(whole.found && half.found);
  EXPECT_EQ(half.found->time_share, 0.5);
  EXPECT_DOUBLE_EQ(*half.found->dense_peak(precision::fp32), *whole.found->dense_peak(precision::fp32));
  EXPECT_DOUBLE_EQ(half.found->memory_bandwidth_bytes_per_second, whole.found->memory_bandwidth_bytes_per_second);
  EXPECT_DOUBLE_EQ(half.found->memory_bytes, whole.found->memory_bytes / 2);
}

TEST(roofline, a_cpu_instance_has_its_cores_and_their_share_of_the_socket) {
  const profiles::catalogue known = testing::small_catalogue();
  profiles::instance slice = known.instances[6];
  slice.physical_cores = 12;
  const device_lookup cpu = device_of(slice, known);
  ASSERT_TRUE(cpu.found);
  EXPECT_DOUBLE_EQ(*cpu.found->dense_peak(precision::fp32), 12 * 64 * 3e9);
  EXPECT_DOUBLE_EQ(cpu.found->memory_bandwidth_bytes_per_second, 307.2e9 / 4);
  slice.physical_cores.reset();
  slice.vcpus = 24;
  EXPECT_DOUBLE_EQ(physical_cores(slice, known).value(), 12);
}

TEST(roofline, a_missing_precision_falls_back_to_the_next_that_the_device_has) {
  device d;
  const auto set = [&](precision p) { d.dense_peak_flop_per_second[static_cast<std::size_t>(p)] = 1e12; };
  EXPECT_FALSE(supported_precision(d, precision::bf16, precision::fp32));
  set(precision::fp32);
  EXPECT_EQ(supported_precision(d, precision::bf16, precision::fp32), precision::fp32);
  set(precision::tf32);
  EXPECT_EQ(supported_precision(d, precision::bf16, precision::fp32), precision::tf32);
  set(precision::fp16);
  EXPECT_EQ(supported_precision(d, precision::bf16, precision::fp32), precision::fp16);
  EXPECT_EQ(supported_precision(d, precision::fp8, precision::fp32), precision::fp16);
  set(precision::bf16);
  EXPECT_EQ(supported_precision(d, precision::fp8, precision::fp32), precision::bf16);
  EXPECT_FALSE(supported_precision(d, precision::fp64, precision::fp64)) << "never made narrower";
  d.is_cpu = true;
  EXPECT_EQ(supported_precision(d, precision::fp8, precision::fp32), precision::fp32);
}

TEST(roofline, a_gpu_without_figures_is_named_with_what_is_missing) {
  const profiles::catalogue known = testing::small_catalogue();
  const device_lookup mystery = device_of(known.instances[4], known);
  EXPECT_FALSE(mystery.found);
  EXPECT_EQ(mystery.missing, "memory bandwidth of Mystery is not known");
}

}  // namespace
}  // namespace gpubench::planner
