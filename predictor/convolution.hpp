#pragma once

#include "predictor/operator_family.hpp"

namespace gpubench::predictor {

/// models::convolution, as cuDNN runs it when it may choose the fastest of its algorithms (benchmark mode), forward and
/// both gradients. On the vector units three algorithms compete, on tensor cores the first alone:
///
/// - implicit GEMM: rows = images * output pixels, columns = output channels, depth = input channels * kernel^2, in
///   tiles; the gradients permute the three (convolution_tiles.hpp);
/// - fused Winograd F(2x2, 3x3), 3x3 kernels of stride 1: a block turns 32 tiles of 2x2 pixels and 32 output channels
///   into 16 small products: 2.25 times fewer multiplications (Lavin and Gray, arXiv 1509.09308, section 4);
/// - Winograd F(4x4, 3x3) in separate kernels: 36 products of [tiles, c_in] x [c_in, c_out], 4 times fewer
///   multiplications, but the transformed tensors go through memory.
///
/// kernel = start + softest minimum of the algorithms; each is overlapped(arithmetic, bytes / rate), the last one
/// arithmetic + bytes / rate. arithmetic = (waves + block_tail) * time of a block, with waves halfway between blocks a
/// multiprocessor and that number rounded up, at the clock that the power limit leaves (sustained_clock.hpp).
/// An eager call adds what its two events enclose besides: eager_floor_seconds of the host, and on average
/// eager_extra_flop / fp32 vector peak: measurements of equal shapes differ by up to twice that, by the same ratio on
/// every GPU, and the difference shrinks with the GPU's rate.
extern const operator_family convolution_family;

}  // namespace gpubench::predictor
