#include "predictor/sustained_clock.hpp"

#include <algorithm>
#include <cmath>

namespace gpubench::predictor {
namespace {

constexpr double standing_share_of_limit = 0.2;
/// No card is held below this share of its boost clock: T4 and P4, the most power-bound of all, keep about half.
constexpr double least_share_of_boost = 0.3;

struct chip_class {
  double newest_generation = 0;  ///< the row holds up to this place of generation_of()
  bool stacked_memory = false;
  power_constants constants;
};

/// Energies solve the equation of sustained_clock_hertz() for the rates that the power limit leaves:
/// - fp32: SGEMM of large batched products on P4 and T4, and that V100-PCIe and A100-PCIe keep (nearly) their boost
///   clock (sitar-lab/NeuSight measurements, 2025-06-23); vector FMA on A40 and L40 (te42kyfo/gpu-benches gpu-roofline,
///   2024-03-25: 23.7 and 50.9 TFLOP/s).
/// - 16 bit: best bf16 GEMM of A100-SXM, A100-PCIe-80GB, H100-SXM, B200, GB200, B300 (stas00/ml-engineering,
///   2026-08-22: 271, 253, 795, 1745, 1822, 1769 TFLOP/s) at 93 % of what the tensor cores do at that clock.
/// - fp32 products apart, the last number: what P4 and T4 keep in SGEMM of random values; the measured convolutions, of
///   zeros, draw more on the one and less on the other (same source).
/// Rows without measurements hold values between their neighbours in process and year.
/// Memory: GDDR5 about 16 pJ a bit, GDDR6 9, GDDR7 7, HBM2 6, HBM3 5, transport on the chip included.
constexpr chip_class classes[] = {
    {0.5, false, {1.20e9, 14.0e-12, 2.0e-12, 130e-12, 11.0e-12}},  // GP10x, 16 nm, GDDR5
    {0.5, true, {1.15e9, 14.0e-12, 2.0e-12, 50e-12}},              // GP100, 16 nm
    {1.9, false, {1.30e9, 12.0e-12, 1.7e-12, 70e-12, 15.5e-12}},   // TU10x, 12 nm
    {1.9, true, {1.25e9, 11.5e-12, 1.3e-12, 50e-12}},              // GV100, 12 nm
    {2.9, false, {1.30e9, 7.5e-12, 1.4e-12, 70e-12}},              // GA10x, 8 nm
    {2.9, true, {1.10e9, 7.5e-12, 0.70e-12, 50e-12}},              // GA100, 7 nm
    {4.0, false, {1.90e9, 3.9e-12, 0.80e-12, 70e-12}},             // AD10x, 4N
    {4.0, true, {1.40e9, 4.2e-12, 0.50e-12, 40e-12}},              // GH100, 4N
    {1e9, false, {1.90e9, 3.8e-12, 0.80e-12, 55e-12}},             // GB20x, 4NP
    {1e9, true, {1.45e9, 4.0e-12, 0.37e-12, 40e-12}},              // GB100, 4NP; also stands for other makers' parts
};

}  // namespace

arithmetic_unit tensor_unit_of(models::precision p) {
  using models::precision;
  switch (p) {
    case precision::fp64:
      return arithmetic_unit::tensor_fp64;
    case precision::fp32:
      return arithmetic_unit::vector_fp32;
    case precision::tf32:
      return arithmetic_unit::tensor_tf32;
    case precision::fp16:
    case precision::bf16:
      return arithmetic_unit::tensor_16bit;
    case precision::fp8:
    case precision::int8:
      return arithmetic_unit::tensor_8bit;
    case precision::fp4:
      return arithmetic_unit::tensor_fp4;
  }
  return arithmetic_unit::vector_fp32;
}

const power_constants& power_constants_of(const gpu_traits& on) {
  for (const chip_class& row : classes) {
    if (on.generation <= row.newest_generation && on.stacked_memory == row.stacked_memory) return row.constants;
  }
  return std::rbegin(classes)->constants;
}

double joules_per_flop(const gpu_traits& on, arithmetic_unit unit) {
  const power_constants& c = power_constants_of(on);
  // Against the neighbouring width. Vector: twice the operand bits and a wider multiplier. Tensor: multipliers grow
  // faster than the width, operand delivery in proportion to it; H100's best fp8 GEMM draws 0.6, B200's 0.5 of the
  // energy of bf16 (same source as the 16-bit figures).
  switch (unit) {
    case arithmetic_unit::vector_fp64:
      return 2.2 * c.vector_fp32_joules;
    case arithmetic_unit::vector_fp32:
      return c.vector_fp32_joules;
    case arithmetic_unit::vector_fp32_product:
      return c.product_fp32_joules > 0 ? c.product_fp32_joules : c.vector_fp32_joules;
    case arithmetic_unit::tensor_fp64:
      return 14 * c.tensor_16bit_joules;
    case arithmetic_unit::tensor_tf32:
      return 2 * c.tensor_16bit_joules;
    case arithmetic_unit::tensor_16bit:
      return c.tensor_16bit_joules;
    case arithmetic_unit::tensor_8bit:
      return (on.generation > 4.0 ? 0.52 : 0.60) * c.tensor_16bit_joules;
    case arithmetic_unit::tensor_fp4:
      return 0.28 * c.tensor_16bit_joules;
  }
  return c.vector_fp32_joules;
}

double sustained_clock_hertz(const gpu_traits& on, const power_load& load) {
  const power_constants& c = power_constants_of(on);
  const double budget =
      on.tdp_watts * (1 - standing_share_of_limit) - load.memory_bytes_per_second * c.memory_joules_per_byte;
  const double joules_per_cycle = load.flop_per_cycle * joules_per_flop(on, load.unit);
  const double floor_hertz = least_share_of_boost * on.boost_clock_hertz;
  if (budget <= 0) return floor_hertz;
  // Clocks in units of the knee: x if the voltage stayed at its minimum.
  const double x = budget / (joules_per_cycle * c.knee_clock_hertz + 1e-30);
  const double clock = c.knee_clock_hertz * (x <= 1 ? x : std::cbrt(x));
  return std::clamp(clock, floor_hertz, on.boost_clock_hertz);
}

}  // namespace gpubench::predictor
