#pragma once

#include "predictor/operator_family.hpp"

namespace gpubench::predictor {

/// models::gemm in fp32 without TF32: SGEMM on the vector lanes, with k as the contraction. A batch of one is a layer
/// (weights [n, k], a bias added), more are a batched product.
///
/// kernel = start + overlapped(arithmetic, streams) + re-reads [+ sum of the parts of a split k]
///
/// - arithmetic: cycles of the fastest tile (gemm_vector_tiles.hpp) / clock. The clock is what the power limit leaves
///   (sustained_clock.hpp); small tiles move more operands and draw more. A lone eager call shorter than about 2 ms is
///   over before the power controller reacts in full and sees up to about half of what lies between that and the boost
///   clock.
/// - streams: operands read once and the result written once, for a layer with 0.6 of the result again for the bias,
///   / (bandwidth * what streams reach on such memory * memory_share).
/// - re-reads: in a layer both operands run along k, so that the blocks of a wave walk down up to 10^4 rows 4 k bytes
///   apart. When what they hold between two uses outgrows L2 and the translation buffers, all operand loads go to
///   memory in pieces of 32 bytes: share missed = u / (1 + u), u = (rows * 4 * 5.7 depth^0.75 / (190 MB *
///   (L2 / 4 MiB)^1.75))^2, at reread_rate * sqrt(bandwidth * 200 GB/s), twice that since Volta. P4 keeps 10 to 20 %
///   of its peak in such shapes, V100 60 to 90 %; with the 40 MB and more of A100 and later the term vanishes.
/// - products with a single row or column have kernels of their own, bound by memory.
extern const operator_family gemm_vector;

}  // namespace gpubench::predictor
