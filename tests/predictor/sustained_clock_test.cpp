#include "predictor/sustained_clock.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace gpubench::predictor {
namespace {

gpu_traits chip(double generation, bool stacked, double boost_hertz, double tdp_watts) {
  gpu_traits t;
  t.generation = generation;
  t.stacked_memory = stacked;
  t.boost_clock_hertz = boost_hertz;
  t.tdp_watts = tdp_watts;
  return t;
}

// Data sheets; FLOP per cycle of all multiprocessors.
const gpu_traits t4 = chip(1.5, false, 1.59e9, 70);
const gpu_traits l40s = chip(3, false, 2.52e9, 350);
const gpu_traits v100 = chip(1, true, 1.38e9, 250);
const gpu_traits h100 = chip(3.5, true, 1.98e9, 700);

TEST(sustained_clock, below_the_knee_the_budget_buys_cycles) {
  // 40 multiprocessors * 128 FLOP * 12 pJ = 61.44 nJ a cycle; 0.8 * 70 W - 100 GB/s * 70 pJ = 49 W.
  const double clock = sustained_clock_hertz(t4, {arithmetic_unit::vector_fp32, 5120, 100e9});
  EXPECT_NEAR(clock, 49 / 61.44e-9, 1e3);
}

TEST(sustained_clock, above_the_knee_power_goes_with_the_cube_of_the_clock) {
  // 142 * 256 * 3.9 pJ * 0.5 busy = 70.89 nJ; 280 W / (70.89 nJ * 1.9 GHz) = 2.079; cube root 1.276: 2.425 GHz.
  const double busy_half = 142 * 128;
  const double clock = sustained_clock_hertz(l40s, {arithmetic_unit::vector_fp32, busy_half, 0});
  EXPECT_NEAR(clock, 1.9e9 * std::cbrt(280 / (busy_half * 3.9e-12 * 1.9e9)), 1e3);
  const double power = clock * busy_half * 3.9e-12 * std::pow(clock / 1.9e9, 2);
  EXPECT_NEAR(power, 280, 1e-3);
}

TEST(sustained_clock, a_large_power_limit_leaves_the_boost_clock) {
  EXPECT_EQ(sustained_clock_hertz(v100, {arithmetic_unit::vector_fp32, 0.9 * 10240, 0.3 * 900e9}), 1.38e9);
  EXPECT_EQ(sustained_clock_hertz(h100, {arithmetic_unit::vector_fp32, 0.75 * 33792, 0.3 * 3352e9}), 1.98e9);
  EXPECT_EQ(sustained_clock_hertz(h100, {}), 1.98e9) << "no work";
}

TEST(sustained_clock, tensor_work_of_h100_runs_near_1_6_ghz) {
  // The best published bf16 GEMM, 794.5 TFLOP/s, is 93 % of 132 * 4096 FLOP a cycle at 1.58 GHz.
  const double clock = sustained_clock_hertz(h100, {arithmetic_unit::tensor_16bit, 0.93 * 132 * 4096, 1.2e12});
  EXPECT_NEAR(clock, 1.58e9, 0.05e9);
}

TEST(sustained_clock, falls_with_work_and_rises_with_the_limit) {
  double last = 3e9;
  for (double flop = 1000; flop < 1e6; flop *= 1.3) {
    const double clock = sustained_clock_hertz(l40s, {arithmetic_unit::vector_fp32, flop, 300e9});
    EXPECT_LE(clock, last);
    EXPECT_GE(clock, 0.3 * l40s.boost_clock_hertz);
    last = clock;
  }
  last = 0;
  for (double watts = 30; watts < 1000; watts *= 1.2) {
    const double clock =
        sustained_clock_hertz(chip(3, false, 2.52e9, watts), {arithmetic_unit::vector_fp32, 28000, 300e9});
    EXPECT_GE(clock, last);
    last = clock;
  }
}

TEST(sustained_clock, energy_falls_with_width_and_with_generation) {
  for (const gpu_traits& on : {t4, l40s, v100, h100, chip(4.5, true, 1.965e9, 1000)}) {
    EXPECT_GT(joules_per_flop(on, arithmetic_unit::vector_fp64), joules_per_flop(on, arithmetic_unit::vector_fp32));
    EXPECT_GT(joules_per_flop(on, arithmetic_unit::tensor_tf32), joules_per_flop(on, arithmetic_unit::tensor_16bit));
    EXPECT_GT(joules_per_flop(on, arithmetic_unit::tensor_16bit), joules_per_flop(on, arithmetic_unit::tensor_8bit));
    EXPECT_GT(joules_per_flop(on, arithmetic_unit::tensor_8bit), joules_per_flop(on, arithmetic_unit::tensor_fp4));
  }
  EXPECT_GT(joules_per_flop(v100, arithmetic_unit::tensor_16bit), joules_per_flop(h100, arithmetic_unit::tensor_16bit));
}

TEST(sustained_clock, products_of_random_values_have_their_own_energy_where_it_was_measured) {
  EXPECT_DOUBLE_EQ(joules_per_flop(t4, arithmetic_unit::vector_fp32_product), 15.5e-12);
  EXPECT_EQ(joules_per_flop(h100, arithmetic_unit::vector_fp32_product),
            joules_per_flop(h100, arithmetic_unit::vector_fp32));
}

TEST(sustained_clock, every_gpu_has_constants) {
  for (const double generation : {-2.0, -1.0, 0.0, 1.0, 1.5, 2.5, 3.0, 3.5, 4.5, 4.6, 20.0}) {
    for (const bool stacked : {false, true}) {
      EXPECT_GT(power_constants_of(chip(generation, stacked, 1e9, 200)).vector_fp32_joules, 0);
    }
  }
}

TEST(sustained_clock, units_by_precision) {
  using models::precision;
  EXPECT_EQ(tensor_unit_of(precision::fp32), arithmetic_unit::vector_fp32);
  EXPECT_EQ(tensor_unit_of(precision::bf16), arithmetic_unit::tensor_16bit);
  EXPECT_EQ(tensor_unit_of(precision::int8), arithmetic_unit::tensor_8bit);
  EXPECT_EQ(tensor_unit_of(precision::tf32), arithmetic_unit::tensor_tf32);
  EXPECT_EQ(tensor_unit_of(precision::fp64), arithmetic_unit::tensor_fp64);
  EXPECT_EQ(tensor_unit_of(precision::fp4), arithmetic_unit::tensor_fp4);
}

}  // namespace
}  // namespace gpubench::predictor
