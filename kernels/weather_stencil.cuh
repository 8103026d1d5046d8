#pragma once

#include "kernels/weather_stencil.hpp"

#include <cuda_runtime_api.h>

namespace gpubench::kernels {

/// A block takes a tile of a plane and marches with it through `planes` planes: the values above and below each point
/// wait in registers, those around it lie in shared memory. Micikevicius, "3D finite difference computation on GPUs
/// using CUDA", GPGPU-2, 2009.
struct transport_shape {
  int tile_x = 32, tile_y = 8, planes = 64;
};
/// Tiles that there are kernels for.
struct transport_tile_size {
  int x, y;
};
inline constexpr transport_tile_size transport_tiles[] = {{32, 8}, {32, 16}, {64, 8}, {64, 4}};

/// One step of n^3 points, x fastest, from one array to another. Errors are left to cudaGetLastError().
void launch_transport(const transport_coefficients<float>& a, int n, const float* in, float* out,
                      const transport_shape& shape, cudaStream_t stream);
void launch_transport(const transport_coefficients<double>& a, int n, const double* in, double* out,
                      const transport_shape& shape, cudaStream_t stream);

}  // namespace gpubench::kernels
