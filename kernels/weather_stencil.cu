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

/// 16 bytes of neighbours along x, read and written at once.
template <class T>
struct alignas(16) pack {
  static constexpr int size = 16 / sizeof(T);
  T v[size];
};

constexpr int pack_threads_x = 32, pack_threads_y = 8;

/// As transport_kernel, for points in packs. What the next plane needs is on its way while this one is computed, and
/// two planes of shared memory in turns leave one barrier a plane.
template <class T, int lines>
__global__ void __launch_bounds__(pack_threads_x* pack_threads_y, lines == 1 ? 3 : 2)
    transport_in_packs(const transport_coefficients<T> a, int n, const T* __restrict__ in, T* __restrict__ out,
                       int planes) {
  constexpr int width = pack<T>::size;
  constexpr int side = radius / width;  // packs of the rim on either side of a line
  constexpr int tile_x = pack_threads_x * width, tile_y = pack_threads_y * lines;
  __shared__ pack<T> plane[2][tile_y + 2 * radius][pack_threads_x + 2 * side];
  const int thread_x = static_cast<int>(threadIdx.x), thread_y = static_cast<int>(threadIdx.y);
  const int corner_x = static_cast<int>(blockIdx.x) * tile_x, corner_y = static_cast<int>(blockIdx.y) * tile_y;
  const int x = corner_x + thread_x * width, y = corner_y + thread_y * lines;
  const int first = static_cast<int>(blockIdx.z) * planes;
  const int last = first + planes < n ? first + planes : n;
  const std::int64_t plane_size = static_cast<std::int64_t>(n) * n;
  const auto read = [](const T* from) { return *reinterpret_cast<const pack<T>*>(from); };

  const T* own[lines];
#pragma unroll
  for (int j = 0; j < lines; ++j) own[j] = in + static_cast<std::int64_t>((y + j) % n) * n + x % n;
  // Of the rim, each thread loads a pack above or below the tile, and the first ones another to its left or right.
  static_assert(pack_threads_y == 2 * radius);
  const bool is_before = thread_y < radius;
  const int rim_line = is_before ? thread_y : thread_y + tile_y;  // in shared memory
  const T* const rim_y = in + static_cast<std::int64_t>((corner_y + rim_line - radius + n) % n) * n + x % n;
  const int thread = thread_y * pack_threads_x + thread_x;
  constexpr int side_packs = tile_y * 2 * side;
  static_assert(side_packs <= pack_threads_x * pack_threads_y);
  const bool loads_side = thread < side_packs;
  const int side_line = thread % tile_y, side_pack = thread / tile_y;
  const int side_column = side_pack < side ? side_pack : side_pack + pack_threads_x;  // in shared memory
  const T* const rim_x = in + static_cast<std::int64_t>((corner_y + side_line) % n) * n +
                         (corner_x + side_column * width - radius + n) % n;

  pack<T> queue[lines][2 * radius + 1];
#pragma unroll
  for (int j = 0; j < lines; ++j) {
#pragma unroll
    for (int d = 0; d <= 2 * radius; ++d) queue[j][d] = read(own[j] + wrapped(first + d - radius, n) * plane_size);
  }
  pack<T> above_or_below = read(rim_y + first * plane_size), beside{};
  if (loads_side) beside = read(rim_x + first * plane_size);
  for (int z = first; z < last; ++z) {
    auto& here = plane[z & 1];
#pragma unroll
    for (int j = 0; j < lines; ++j) here[radius + thread_y * lines + j][side + thread_x] = queue[j][radius];
    here[rim_line][side + thread_x] = above_or_below;
    if (loads_side) here[radius + side_line][side_column] = beside;
    __syncthreads();
    pack<T> next[lines];
    if (z + 1 < last) {
      const std::int64_t at = (z + 1) * plane_size;
#pragma unroll
      for (int j = 0; j < lines; ++j) next[j] = read(own[j] + wrapped(z + 1 + radius, n) * plane_size);
      above_or_below = read(rim_y + at);
      if (loads_side) beside = read(rim_x + at);
    }
#pragma unroll
    for (int j = 0; j < lines; ++j) {
      const int line = radius + thread_y * lines + j;
      pack<T> row[2 * side];
#pragma unroll
      for (int i = 0; i < side; ++i) {
        row[i] = here[line][thread_x + i];
        row[side + i] = here[line][thread_x + side + 1 + i];
      }
      pack<T> column[2 * radius + 1];
#pragma unroll
      for (int d = -radius; d <= radius; ++d) {
        const bool is_own = j + d >= 0 && j + d < lines;
        column[radius + d] = is_own ? queue[is_own ? j + d : 0][radius] : here[line + d][side + thread_x];
      }
      pack<T> result;
#pragma unroll
      for (int i = 0; i < width; ++i) {
        const auto along_x = [&](int d) {
          const int to = i + d;
          return to < 0       ? row[(to + radius) / width].v[(to + radius) % width]
                 : to < width ? queue[j][radius].v[to]
                              : row[side + (to - width) / width].v[to % width];
        };
        result.v[i] = transported(
            a, queue[j][radius].v[i], along_x, [&](int d) { return column[radius + d].v[i]; },
            [&](int d) { return queue[j][radius + d].v[i]; });
      }
      if (x < n && y + j < n) {
        *reinterpret_cast<pack<T>*>(out + z * plane_size + static_cast<std::int64_t>(y + j) * n + x) = result;
      }
    }
#pragma unroll
    for (int j = 0; j < lines; ++j) {
#pragma unroll
      for (int d = 0; d < 2 * radius; ++d) queue[j][d] = queue[j][d + 1];
      queue[j][2 * radius] = next[j];
    }
  }
}

dim3 blocks_of(int n, int tile_x, int tile_y, int planes) {
  const auto parts = [n](int size) { return static_cast<unsigned>((n + size - 1) / size); };
  return {parts(tile_x), parts(tile_y), parts(planes)};
}

template <class T, int tile_x, int tile_y>
void launch(const transport_coefficients<T>& a, int n, const T* in, T* out, int planes, cudaStream_t stream) {
  transport_kernel<T, tile_x, tile_y>
      <<<blocks_of(n, tile_x, tile_y, planes), dim3(tile_x, tile_y), 0, stream>>>(a, n, in, out, planes);
}

template <class T, int lines>
void launch_packs(const transport_coefficients<T>& a, int n, const T* in, T* out, int planes, cudaStream_t stream) {
  const dim3 blocks = blocks_of(n, pack_threads_x * pack<T>::size, pack_threads_y * lines, planes);
  transport_in_packs<T, lines><<<blocks, dim3(pack_threads_x, pack_threads_y), 0, stream>>>(a, n, in, out, planes);
}

template <class T>
void launch_any(const transport_coefficients<T>& a, int n, const T* in, T* out, const transport_shape& shape,
                cudaStream_t stream) {
  const auto run = shape.packs          ? (shape.tile_y == 16 ? launch_packs<T, 2> : launch_packs<T, 1>)
                   : shape.tile_x == 64 ? (shape.tile_y == 8 ? launch<T, 64, 8> : launch<T, 64, 4>)
                   : shape.tile_y == 16 ? launch<T, 32, 16>
                                        : launch<T, 32, 8>;
  run(a, n, in, out, shape.planes, stream);
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
