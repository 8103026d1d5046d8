#pragma once

#include "predictor/gpu_traits.hpp"

namespace gpubench::predictor {

/// How the matrix units of an architecture are fed. These are facts of the design, so that the coefficients of the
/// product families mean the same on every GPU.
///
/// Synchronous: up to Ada, and in Blackwell parts without stacked memory (compute capability 12.0), a warp issues
/// `mma.sync` on operands that it first loads into registers. Asynchronous: Hopper's `wgmma` and data-center
/// Blackwell's `tcgen05.mma` read shared memory, which a copy engine (TMA) fills, for a whole cluster at once; the end
/// of one tile is written while the next is computed. Source: NVIDIA, PTX ISA, chapters "Warp-level matrix
/// instructions", "Asynchronous warpgroup-level matrix instructions", "TensorCore 5th generation instructions";
/// NVIDIA, CUTLASS documentation, "Efficient GEMM in CUDA" (persistent kernels, clusters).
struct tensor_cores {
  bool asynchronous = false;
  double issue_efficiency = 1;  ///< of the peak at a given clock, in the main loop of the largest tiles
  double multicast = 1;         ///< multiprocessors that share one read of an operand from L2
  double exposed_epilogue = 1;  ///< share of writing a tile that the next tile does not hide
  double exposed_latency = 1;   ///< share of memory latency that copies in flight do not hide
  double l2_width = 1;          ///< bytes a cycle from L2 to all multiprocessors together, for each, relative to A100
};

const tensor_cores& tensor_cores_of(const gpu_traits& on);

/// Dense rate of all tensor cores at the clock that the power limit leaves them when busy.   @pre on.peak_of(p) > 0
double sustained_tensor_rate(const gpu_traits& on, models::precision p);

}  // namespace gpubench::predictor
