#include "predictor/device.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

namespace gpubench::predictor {
namespace {

using models::precision;

device with(std::initializer_list<std::pair<precision, double>> tera, bool is_cpu = false) {
  device d;
  d.is_cpu = is_cpu;
  for (const auto& [p, rate] : tera) d.dense_peak_flop_per_second[static_cast<std::size_t>(p)] = rate * 1e12;
  return d;
}

TEST(device, a_narrow_type_slower_than_a_wider_one_is_not_used) {
  // B300, data sheet.
  const device b300 = with({{precision::fp32, 75},
                            {precision::tf32, 1125},
                            {precision::fp16, 2250},
                            {precision::bf16, 2250},
                            {precision::fp8, 4500},
                            {precision::fp4, 13500},
                            {precision::int8, 150}});
  EXPECT_EQ(supported_precision(b300, precision::int8, precision::fp32), precision::bf16);
  EXPECT_EQ(supported_precision(b300, precision::fp8, precision::fp32), precision::fp8);
  EXPECT_EQ(supported_precision(b300, precision::fp4, precision::fp32), precision::fp4);
  EXPECT_EQ(supported_precision(b300, precision::bf16, precision::fp32), precision::bf16);
  EXPECT_EQ(supported_precision(b300, precision::fp16, precision::fp32), precision::fp16);
  // MI100 does bf16 at half the rate of fp16.
  const device mi100 = with({{precision::fp32, 23.1}, {precision::fp16, 184.6}, {precision::bf16, 92.3}});
  EXPECT_EQ(supported_precision(mi100, precision::bf16, precision::fp32), precision::fp16);
  const device slow_half = with({{precision::fp32, 12}, {precision::fp16, 0.2}});
  EXPECT_EQ(supported_precision(slow_half, precision::fp16, precision::fp32), precision::fp32);
}

TEST(device, a_wide_type_is_never_made_narrower) {
  const device a100 = with({{precision::fp64, 9.7},
                            {precision::fp32, 19.5},
                            {precision::tf32, 156},
                            {precision::fp16, 312},
                            {precision::bf16, 312}});
  EXPECT_EQ(supported_precision(a100, precision::fp64, precision::fp32), precision::fp64);
  EXPECT_EQ(supported_precision(a100, precision::fp32, precision::bf16), precision::fp32);
  EXPECT_EQ(supported_precision(a100, precision::tf32, precision::fp32), precision::tf32);
  const device v100 = with({{precision::fp32, 15.7}, {precision::fp16, 125}});
  EXPECT_EQ(supported_precision(v100, precision::tf32, precision::fp32), precision::fp32);
}

TEST(device, a_missing_type_takes_the_fastest_stand_in) {
  const device h100 = with({{precision::fp32, 67}, {precision::bf16, 989}, {precision::fp8, 1979}});
  EXPECT_EQ(supported_precision(h100, precision::fp4, precision::fp32), precision::fp8);
  const device t4 = with({{precision::fp32, 8.1}, {precision::fp16, 65}});
  EXPECT_EQ(supported_precision(t4, precision::bf16, precision::fp32), precision::fp16);
  const device cpu = with({{precision::fp32, 9}, {precision::fp16, 40}}, true);
  EXPECT_EQ(supported_precision(cpu, precision::bf16, precision::fp32), precision::fp32) << "CPUs take the fallback";
  EXPECT_EQ(supported_precision(with({{precision::fp64, 1}}), precision::fp16, precision::fp32), std::nullopt);
}

}  // namespace
}  // namespace gpubench::predictor
