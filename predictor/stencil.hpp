#pragma once

#include "predictor/vector_work.hpp"

namespace gpubench::predictor {

/// Points of a 3D grid, each updated from its neighbours up to `radius` away: along the axes (star) or all of them
/// (box). Two arrays, read one and write the other.
struct stencil_shape {
  double nx = 0, ny = 0, nz = 0;
  double radius = 1;
  bool box = false;
  double steps = 1;
  double value_bytes = 4;
  bool fp64 = false;

  double points() const { return nx * ny * nz; }
  /// Values that one point reads: 6 r + 1, or (2 r + 1)^3.
  double taps() const;
};

/// The work of the usual kernel, which marches through the planes with a tile of one in shared memory (Micikevicius,
/// "3D finite difference computation on GPUs using CUDA", GPGPU-2, 2009):
/// - a multiply-add a tap, and four integer instructions a point;
/// - from shared memory the taps in the plane (star: 4 r + 1, those along the march stay in registers; box: all);
/// - from device memory each value once and written once; where the 2 r + 1 planes under way no longer fit L2 (the
///   layer condition: Stengel et al., "Quantifying performance bottlenecks of stencil computations using the
///   execution-cache-memory model", ICS 2015) tiles of 32 x 16 also read their rims: 2 r (1/32 + 1/16) more of the
///   reads, the section "read redundancy" of the first source.
/// @param cache_bytes  L2 of a GPU, the last caches of a CPU
vector_work stencil_work(double cache_bytes, const stencil_shape& shape);

/// Kernels of this kind get nearly all of the bandwidth or much less, as their author had patience: assumed.
inline constexpr vector_assumptions stencil_assumptions{0.7, 1, 0.75, 1.8, 0.5, 0.4};

}  // namespace gpubench::predictor
