#include "kernels/weather_stencil.cuh"

#include <cstdint>

namespace gpubench::kernels {

namespace {

constexpr int radius = transport_radius;

/// Places beyond an edge are those at the other one: what a tile holds beyond the grid is the neighbourhood of its last
/// points.
template <class T, int tile_x, int tile_y>
__global__ void __launch_bounds__(tile_x* tile_y)
    transport_kernel(const transport_coefficients<T> a, int n, const T* __restrict__ in, T* __restrict__ out,
                     int planes) {
  __shared__ T plane[tile_y + 2 * radius][tile_x + 2 * radius];
  const int column = static_cast<int>(threadIdx.x) + radius, line = static_cast<int>(threadIdx.y) + radius;
  const int x = static_cast<int>(blockIdx.x) * tile_x + static_cast<int>(threadIdx.x);
  const int y = static_cast<int>(blockIdx.y) * tile_y + static_cast<int>(threadIdx.y);
  const int first = static_cast<int>(blockIdx.z) * planes;
  const int last = first + planes < n ? first + planes : n;
  const std::int64_t plane_size = static_cast<std::int64_t>(n) * n;
  const int own_x = x % n, own_y = y % n;
  const T* const own = in + static_cast<std::int64_t>(own_y) * n + own_x;
  // Of the rim, this thread loads at most one value on each of the four sides.
  const bool loads_y = static_cast<int>(threadIdx.y) < radius, loads_x = static_cast<int>(threadIdx.x) < radius;
  const T* const before_y = in + static_cast<std::int64_t>((y - radius + n) % n) * n + own_x;
  const T* const after_y = in + static_cast<std::int64_t>((y + tile_y) % n) * n + own_x;
  const T* const before_x = in + static_cast<std::int64_t>(own_y) * n + (x - radius + n) % n;
  const T* const after_x = in + static_cast<std::int64_t>(own_y) * n + (x + tile_x) % n;

  T queue[2 * radius + 1];
#pragma unroll
  for (int d = 0; d < 2 * radius; ++d) queue[d + 1] = own[wrapped(first + d - radius, n) * plane_size];
  for (int z = first; z < last; ++z) {
#pragma unroll
    for (int d = 0; d < 2 * radius; ++d) queue[d] = queue[d + 1];
    queue[2 * radius] = own[wrapped(z + radius, n) * plane_size];
    const std::int64_t at = z * plane_size;
    __syncthreads();  // whoever still reads the plane before
    plane[line][column] = queue[radius];
    if (loads_y) {
      plane[line - radius][column] = before_y[at];
      plane[line + tile_y][column] = after_y[at];
    }
    if (loads_x) {
      plane[line][column - radius] = before_x[at];
      plane[line][column + tile_x] = after_x[at];
    }
    __syncthreads();
    if (x < n && y < n) {
      out[at + static_cast<std::int64_t>(y) * n + x] = transported(
          a, queue[radius], [&](int d) { return plane[line][column + d]; },
          [&](int d) { return plane[line + d][column]; }, [&](int d) { return queue[radius + d]; });
    }
  }
}

template <class T, int tile_x, int tile_y>
void launch(const transport_coefficients<T>& a, int n, const T* in, T* out, int planes, cudaStream_t stream) {
  const auto parts = [n](int size) { return static_cast<unsigned>((n + size - 1) / size); };
  transport_kernel<T, tile_x, tile_y>
      <<<dim3(parts(tile_x), parts(tile_y), parts(planes)), dim3(tile_x, tile_y), 0, stream>>>(a, n, in, out, planes);
}

template <class T>
void launch_any(const transport_coefficients<T>& a, int n, const T* in, T* out, const transport_shape& shape,
                cudaStream_t stream) {
  if (shape.tile_x == 64) {
    if (shape.tile_y == 8) {
      launch<T, 64, 8>(a, n, in, out, shape.planes, stream);
    } else {
      launch<T, 64, 4>(a, n, in, out, shape.planes, stream);
    }
  } else if (shape.tile_y == 16) {
    launch<T, 32, 16>(a, n, in, out, shape.planes, stream);
  } else {
    launch<T, 32, 8>(a, n, in, out, shape.planes, stream);
  }
}

}  // namespace

void launch_transport(const transport_coefficients<float>& a, int n, const float* in, float* out,
                      const transport_shape& shape, cudaStream_t stream) {
  launch_any(a, n, in, out, shape, stream);
}
void launch_transport(const transport_coefficients<double>& a, int n, const double* in, double* out,
                      const transport_shape& shape, cudaStream_t stream) {
  launch_any(a, n, in, out, shape, stream);
}

}  // namespace gpubench::kernels
