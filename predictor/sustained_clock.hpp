#pragma once

#include "predictor/gpu_traits.hpp"

namespace gpubench::predictor {

/// Which circuits do the arithmetic. They differ in the energy of one operation.
enum class arithmetic_unit {
  vector_fp64,
  vector_fp32,
  vector_fp32_product,  ///< products of matrices of random values: operands come through shared memory
  tensor_fp64,
  tensor_tf32,
  tensor_16bit,  ///< fp16 and bf16
  tensor_8bit,   ///< fp8 and int8
  tensor_fp4,
};

/// The unit that computes this precision on a GPU: fp32 on the vector units, the narrower types on the tensor cores.
arithmetic_unit tensor_unit_of(models::precision p);

/// What a GPU spends its power on while a kernel runs.
struct power_load {
  arithmetic_unit unit = arithmetic_unit::vector_fp32;
  /// Of all multiprocessors together, as it is while they compute: FLOP/s of the kernel over the clock. A kernel that
  /// keeps the units busy has dense peak / boost clock.
  double flop_per_cycle = 0;
  double memory_bytes_per_second = 0;
};

/// How a chip's power depends on its clock: process, architecture and memory.
struct power_constants {
  double knee_clock_hertz = 0;        ///< above it the supply voltage rises with the clock
  double vector_fp32_joules = 0;      ///< of one FLOP, operands included, at the lowest voltage
  double tensor_16bit_joules = 0;     ///< likewise
  double memory_joules_per_byte = 0;  ///< DRAM, its interface and the way to the multiprocessors
  double product_fp32_joules = 0;     ///< like vector_fp32_joules, of products; 0: not measured apart, the same
};
const power_constants& power_constants_of(const gpu_traits& on);

/// Energy of one FLOP at the lowest supply voltage.
double joules_per_flop(const gpu_traits& on, arithmetic_unit unit);

/// Clock at which the power reaches the limit, at most the boost clock:
///
///   limit = standing + bytes/s * joules/byte + f * FLOP/cycle * joules/FLOP * max(1, f / knee)^2
///
/// Standing power (leakage, idle memory, voltage regulators) is taken as a fifth of the limit: what idle data-center
/// cards draw with their clocks up. Dynamic power of CMOS logic goes with f V^2 (Weste and Harris, CMOS VLSI Design,
/// chapter 5); V is at its minimum up to the knee and in proportion to f above, so that the equation has a closed form:
/// linear below the knee, a cube root above. Energies and knees: see sustained_clock.cpp.
double sustained_clock_hertz(const gpu_traits& on, const power_load& load);

}  // namespace gpubench::predictor
