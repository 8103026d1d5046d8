#pragma once

#include "predictor/operator_family.hpp"

namespace gpubench::predictor {

/// Matrix products on tensor cores (tf32, fp16, bf16, fp8, int8, fp4, fp64), operands and result as stated: without
/// any pass that quantises them, see gemm_quantised.hpp.
///
/// For each tile and split of k that a library may choose (gemm_tiles.hpp), and the least of them all:
///
///   wave  = k / split * max(2 * rows * columns / rate, (rows * bytes + columns * bytes) / L2 rate) + epilogue
///   time  = launch + max(ceil(waves) * wave, overlapped(waves * wave, DRAM time)) + [split > 1] * reduction
///
/// rate: of one multiprocessor at the clock that the power limit leaves (tensor_cores.hpp). Epilogue: writing one tile,
/// so many cycles a byte. DRAM time: every operand and the result once, weights as they are stored. A single wave has
/// no other to overlap with, so it is not smoothed. Reduction: one more kernel and the fp32 partial sums, which stay in
/// L2.
extern const operator_family gemm_tensor;

/// Coordinates of a product: log2 of m, n, k and batch, the width of the type, and whether m is ragged.
feature_vector gemm_features(const operator_call& call);

}  // namespace gpubench::predictor
