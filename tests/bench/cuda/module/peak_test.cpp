#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/peak_case.hpp"
#include "bench/cuda/module/peak_rates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "described.hpp"

namespace gpubench::cuda {
namespace {

using ::testing::HasSubstr;

device_properties device(int major, int minor, int multiprocessors) {
  return described_device(major, minor, 15, 4, multiprocessors);
}
const device_properties v100 = device(7, 0, 80);
const device_properties t4 = device(7, 5, 40);
const device_properties a100 = device(8, 0, 108);
const device_properties l4 = device(8, 9, 58);
const device_properties h200 = device(9, 0, 132);
const device_properties b200 = device(10, 0, 148);
const device_properties b300 = device(10, 3, 148);
const device_properties rtx_pro = device(12, 0, 188);

parameters sized(std::int64_t multiprocessors, std::int64_t iterations, const char* instruction = nullptr) {
  parameters result = make_parameters({{"multiprocessors", multiprocessors}, {"iterations", iterations}});
  if (instruction != nullptr) add_text_parameter(result, "instruction", instruction);
  return result;
}

parameters first_case(const std::string& name, const device_properties& where) {
  return named(name).cases(GPUBENCH_MODULE_QUICK, where).at(0);
}

std::string instruction_of(const parameters& values) {
  return std::string(text_parameter(values, "instruction").value_or("none"));
}

std::string refused(const std::string& name, const device_properties& where) {
  return named(name).unavailable(first_case(name, where), where).value_or("");
}

TEST(peak, arithmetic_counts_two_flop_a_multiply_add) {
  // 3 multiprocessors, 5 iterations, 4 blocks of 256 threads, 8 chains of 256 links, 2 FLOP.
  const double links = 3.0 * 5 * 4 * 256 * 8 * 256;
  EXPECT_EQ(named("arithmetic_fp32").work(sized(3, 5)).flop, 2 * links);
  EXPECT_EQ(named("arithmetic_fp64").work(sized(3, 5)).flop, 2 * links);
  EXPECT_EQ(named("arithmetic_int32").work(sized(3, 5)).flop, 2 * links);
  EXPECT_EQ(named("arithmetic_fp16").work(sized(3, 5)).flop, 4 * links);  // pairs
  EXPECT_EQ(named("arithmetic_bf16").work(sized(3, 5)).flop, 4 * links);
  EXPECT_EQ(named("arithmetic_fp32").work(sized(3, 5)).has_bytes, 0);
}

TEST(peak, tensor_cores_count_two_flop_a_multiply_add) {
  // 4 blocks of 4 warps, 8 accumulators, 4 sets, 128 passes of the largest instruction.
  const double instructions = 3.0 * 5 * 4 * 4 * 8 * 4 * 128;
  EXPECT_EQ(named("tensor_bf16").work(sized(3, 5, "mma")).flop, 2 * instructions * 16 * 8 * 16);
  EXPECT_EQ(named("tensor_int8").work(sized(3, 5, "mma")).flop, 2 * instructions * 16 * 8 * 32);
  EXPECT_EQ(named("tensor_tf32").work(sized(3, 5, "mma")).flop, 2 * instructions * 16 * 8 * 8);
  EXPECT_EQ(named("tensor_fp64").work(sized(3, 5, "mma")).flop, 2 * instructions * 16 * 8 * 16);
  // 4 blocks of one warpgroup and one accumulator.
  EXPECT_EQ(named("tensor_bf16").work(sized(3, 5, "wgmma")).flop, 2 * 3.0 * 5 * 4 * 4 * 128 * 64 * 256 * 16);
}

TEST(peak, every_launch_does_the_counted_work) {
  peak_kernel large;
  large.block_fma = 2048;
  peak_kernel small;
  small.block_fma = 256;
  const peak_work work{10, 3, 2048};
  const auto launches = peak_launches(work, {large, small}, {2, 4});
  ASSERT_EQ(launches.size(), 5u);  // 1 and 2 blocks of the large one; 1, 2 and 4 of the small one
  for (const auto& launch : launches) {
    const double block_fma = launch.kernel == 0 ? 2048 : 256;
    EXPECT_EQ(2.0 * 10 * launch.resident * launch.rounds * block_fma, peak_flop(work));
  }
  EXPECT_EQ(launches[0].rounds, 12u);
  EXPECT_EQ(launches[4].rounds, 24u);
  EXPECT_TRUE(peak_launches(work, {large}, {0}).empty());
}

TEST(peak, work_is_counted_by_the_largest_instruction_even_where_only_smaller_ones_run) {
  peak_kernel small;
  small.block_fma = 1024;
  const auto launches = peak_launches({10, 3, 4096}, {small}, {1});
  ASSERT_EQ(launches.size(), 1u);
  EXPECT_EQ(launches[0].rounds, 48u);
}

TEST(peak, samples_take_about_three_milliseconds) {
  // fp32 on 128 lanes: 2^21 multiply-adds an iteration and multiprocessor, 16,384 cycles; 5.1 million cycles wanted.
  EXPECT_EQ(peak_iterations(524288, 128), 311);
  EXPECT_EQ(peak_iterations(1e12, 1), 1);
  for (const auto& where : {t4, a100, l4, h200, rtx_pro}) {
    for (const char* name : {"arithmetic_fp64", "arithmetic_fp32", "arithmetic_int32", "tensor_fp16", "tensor_int8"}) {
      const auto values = first_case(name, where);
      EXPECT_GE(positive_parameter(values, "iterations"), 2) << name << ' ' << where.compute_capability;
      EXPECT_EQ(positive_parameter(values, "multiprocessors"), where.multiprocessors);
    }
  }
}

TEST(peak, rates_are_those_of_the_data_sheets) {
  const auto tflop = [](double per_cycle, int multiprocessors, double ghz) {
    return 2 * per_cycle * multiprocessors * ghz * 1e-3;
  };
  using kernels::arithmetic_type;
  using kernels::tensor_type;
  EXPECT_NEAR(tflop(arithmetic_fma_per_cycle(arithmetic_type::fp32, 9, 0), 132, 1.98), 66.9, 0.2);
  EXPECT_NEAR(tflop(arithmetic_fma_per_cycle(arithmetic_type::fp64, 9, 0), 132, 1.98), 33.5, 0.1);
  EXPECT_NEAR(tflop(arithmetic_fma_per_cycle(arithmetic_type::fp32, 8, 0), 108, 1.41), 19.5, 0.1);
  EXPECT_NEAR(tflop(arithmetic_fma_per_cycle(arithmetic_type::fp64, 7, 5), 40, 1.59), 0.254, 0.001);
  EXPECT_NEAR(tflop(tensor_fma_per_cycle(tensor_type::fp16, 9, 0), 132, 1.83), 989.4, 1);
  EXPECT_NEAR(tflop(tensor_fma_per_cycle(tensor_type::tf32, 8, 0), 108, 1.41), 156, 0.1);
  EXPECT_NEAR(tflop(tensor_fma_per_cycle(tensor_type::fp64, 8, 0), 108, 1.41), 19.5, 0.1);
  EXPECT_NEAR(tflop(tensor_fma_per_cycle(tensor_type::int8, 7, 5), 40, 1.59), 130, 0.5);
  EXPECT_NEAR(tflop(tensor_fma_per_cycle(tensor_type::e4m3, 8, 9), 142, 2.52), 733, 1);
}

TEST(peak, hopper_takes_its_own_instruction_first) {
  for (const char* name : {"tensor_tf32", "tensor_fp16", "tensor_bf16", "tensor_int8", "tensor_fp8"}) {
    EXPECT_EQ(instruction_of(first_case(name, h200)), "wgmma") << name;
    EXPECT_EQ(instruction_of(first_case(name, a100)), "mma") << name;
    EXPECT_EQ(instruction_of(first_case(name, rtx_pro)), "mma") << name;
  }
  EXPECT_EQ(instruction_of(first_case("tensor_fp64", h200)), "mma");
  const auto standard = named("tensor_bf16").cases(GPUBENCH_MODULE_STANDARD, h200);
  ASSERT_EQ(standard.size(), 2u);
  EXPECT_EQ(instruction_of(standard[1]), "mma");
  EXPECT_EQ(named("tensor_fp8").cases(GPUBENCH_MODULE_STANDARD, h200).size(), 1u);
}

TEST(peak, variants_are_named_by_a_parameter) {
  const auto fp16 = named("tensor_fp16").cases(GPUBENCH_MODULE_FULL, h200);
  ASSERT_EQ(fp16.size(), 3u);
  EXPECT_EQ(text_parameter(fp16[0], "accumulator"), "fp32");
  EXPECT_EQ(text_parameter(fp16[2], "accumulator"), "fp16");
  EXPECT_EQ(instruction_of(fp16[2]), "mma");
  const auto fp8 = named("tensor_fp8").cases(GPUBENCH_MODULE_FULL, h200);
  ASSERT_EQ(fp8.size(), 2u);
  EXPECT_EQ(text_parameter(fp8[1], "format"), "e5m2");
  EXPECT_EQ(instruction_of(fp8[1]), "wgmma");
}

TEST(peak, what_the_device_lacks_is_unavailable) {
  EXPECT_THAT(refused("arithmetic_bf16", t4), HasSubstr("compute capability 8.0; this device has 7.5"));
  EXPECT_THAT(refused("tensor_bf16", t4), HasSubstr("8.0"));
  EXPECT_THAT(refused("tensor_tf32", t4), HasSubstr("8.0"));
  EXPECT_THAT(refused("tensor_fp8", a100), HasSubstr("8.9"));
  EXPECT_THAT(refused("tensor_int8", v100), HasSubstr("7.5"));
  EXPECT_THAT(refused("tensor_fp16", v100), HasSubstr("7.0 need an instruction"));
  for (const auto& where : {t4, l4, b300, rtx_pro})
    EXPECT_THAT(refused("tensor_fp64", where), HasSubstr("9.0 and 10.0"));
}

TEST(peak, a_fraction_is_not_called_the_peak_of_data_centre_blackwell) {
  for (const char* name : {"tensor_tf32", "tensor_fp16", "tensor_bf16", "tensor_int8", "tensor_fp8"}) {
    EXPECT_THAT(refused(name, b200), HasSubstr("tcgen05")) << name;
    EXPECT_THAT(refused(name, b300), HasSubstr("tcgen05")) << name;
  }
}

TEST(peak, instructions_that_do_not_suit_the_device_are_unavailable) {
  EXPECT_THAT(named("tensor_bf16").unavailable(sized(1, 1, "wgmma"), a100).value_or(""), HasSubstr("9.0 alone"));
  EXPECT_THAT(named("tensor_fp64").unavailable(sized(1, 1, "wgmma"), h200).value_or(""),
              HasSubstr("use instruction mma"));
  parameters fp8 = sized(1, 1, "mma");
  add_text_parameter(fp8, "format", "e4m3");
  EXPECT_THAT(named("tensor_fp8").unavailable(fp8, h200).value_or(""), HasSubstr("use instruction wgmma"));
}

TEST(peak, absurd_parameters_are_refused) {
  EXPECT_THAT(named("arithmetic_fp32").unavailable(sized(133, 1), h200).value_or(""), HasSubstr("132 multiprocessors"));
  EXPECT_THAT(named("arithmetic_fp32").unavailable(sized(1, 10001), h200).value_or(""), HasSubstr("at most 10000"));
  EXPECT_THROW(named("arithmetic_fp32").work(sized(1, 0)), failure);
  EXPECT_THROW(named("tensor_bf16").work(sized(1, 1)), failure);
  EXPECT_THROW(named("tensor_bf16").work(sized(1, 1, "hmma")), failure);
  EXPECT_THROW(named("tensor_fp8").work(sized(1, 1, "mma")), failure);
}

TEST(peak, only_rates_of_the_same_units_are_held_against_a_dense_peak) {
  EXPECT_EQ(named("arithmetic_fp32").description().peak, GPUBENCH_MODULE_PEAK_DENSE);
  EXPECT_EQ(named("arithmetic_fp16").description().peak, GPUBENCH_MODULE_PEAK_NONE);
  EXPECT_EQ(named("arithmetic_fp64").description().peak, GPUBENCH_MODULE_PEAK_NONE);
  EXPECT_EQ(named("tensor_fp64").description().peak, GPUBENCH_MODULE_PEAK_DENSE);
}

}  // namespace
}  // namespace gpubench::cuda
