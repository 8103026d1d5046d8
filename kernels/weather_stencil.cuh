#pragma once

#include "kernels/weather_stencil.hpp"

#include <cuda_runtime_api.h>

namespace gpubench::kernels {

/// A block takes a tile of a plane and marches with it through `planes` planes: the values above and below each point
/// wait in registers, those around it lie in shared memory. Micikevicius, "3D finite difference computation on GPUs
/// using CUDA", GPGPU-2, 2009. With `packs`, a thread has 16 bytes of points along x and two or one along y, so that
/// most of a point's neighbours are the thread's own: shared memory gives a point 6 or 10 values (fp64: 8 or 12)
/// instead of 16.
struct transport_shape {
  int tile_x = 32, tile_y = 8, planes = 64;
  bool packs = false;
};
/// Tiles that there are kernels for; those of packs are half as wide for fp64.
struct transport_tile_size {
  int x, y;
  bool packs;
};
inline constexpr transport_tile_size transport_tiles[] = {{32, 8, false}, {32, 16, false}, {64, 8, false},
                                                          {64, 4, false}, {128, 16, true}, {128, 8, true}};

/// Packs take rows that divide into them, and more shared memory than small devices give a block.
bool takes_transport_shape(bool fp64, int n, const transport_shape& shape);

/// One step of n^3 points, x fastest, from one array to another. Errors are left to cudaGetLastError().
/// @param shape  one that takes_transport_shape()
void launch_transport(const transport_coefficients<float>& a, int n, const float* in, float* out,
                      const transport_shape& shape, cudaStream_t stream);
void launch_transport(const transport_coefficients<double>& a, int n, const double* in, double* out,
                      const transport_shape& shape, cudaStream_t stream);

}  // namespace gpubench::kernels
