#pragma once

#include "predictor/operator_family.hpp"

namespace gpubench::predictor {

/// Linear layers as serving engines run them in 8 or 4 bits: activations arrive in 16 bits, one kernel quantises them
/// (a scale a row) and a second multiplies them with weights that are stored narrow, and writes 16 bits. A call says so
/// by a stated output that is wider than its precision; without one it is the bare product (gemm_tensor.hpp).
///
///   time = launches + max(ceil(waves) * wave, overlapped(waves * wave, DRAM time)) + quantisation
///   quantisation = m * k * (2 + bytes) / (bandwidth * quantise_efficiency)
///
/// The product's kernel is an engine's, not cuBLAS's: a fixed tile by m (64x64 up to m = 64, 64x128 up to 128, then
/// 128x128 in pairs along m) and no split of k. Source: vLLM,
/// csrc/quantization/cutlass_w8a8/c3x/scaled_mm_sm90_fp8_dispatch.cuh, whose tiles the measurements of sglang follow.
extern const operator_family gemm_quantised;

/// Whether the call quantises its activations first.
bool quantises_activations(const operator_call& call);

}  // namespace gpubench::predictor
