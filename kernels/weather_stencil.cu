#include "kernels/weather_stencil.cuh"

#include <cuda_pipeline_primitives.h>

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

/// Of a block: planes with their rims, and its own points of planes to come. What a plane needs is fetched three planes
/// ahead, by copies that pass no register (on compute capability 8.0 and later).
template <class T, int lines>
struct pack_tile {
  static constexpr int width = pack<T>::size;
  static constexpr int side = radius / width;  ///< packs of the rim on either side of a line
  static constexpr int size_x = pack_threads_x * width, size_y = pack_threads_y * lines;
  static constexpr int ahead = 3;

  pack<T> plane[ahead + 1][size_y + 2 * radius][pack_threads_x + 2 * side];
  pack<T> coming[ahead][size_y][pack_threads_x];
};

/// As transport_kernel, for points in packs.
template <class T, int lines>
__global__ void __launch_bounds__(pack_threads_x* pack_threads_y, lines == 1 ? 3 : 2)
    transport_in_packs(const transport_coefficients<T> a, int n, const T* __restrict__ in, T* __restrict__ out,
                       int planes) {
  using tile = pack_tile<T, lines>;
  constexpr int width = tile::width, side = tile::side, ahead = tile::ahead;
  extern __shared__ int4 dynamic[];
  tile& shared = *reinterpret_cast<tile*>(dynamic);
  const int thread_x = static_cast<int>(threadIdx.x), thread_y = static_cast<int>(threadIdx.y);
  const int corner_x = static_cast<int>(blockIdx.x) * tile::size_x;
  const int corner_y = static_cast<int>(blockIdx.y) * tile::size_y;
  const int x = corner_x + thread_x * width, y = corner_y + thread_y * lines;
  const int first = static_cast<int>(blockIdx.z) * planes;
  const int last = first + planes < n ? first + planes : n;
  const std::int64_t plane_size = static_cast<std::int64_t>(n) * n;

  const T* own[lines];
#pragma unroll
  for (int j = 0; j < lines; ++j) own[j] = in + static_cast<std::int64_t>((y + j) % n) * n + x % n;
  // Of the rim, each thread fetches a pack above or below the tile, and the first ones another to its left or right.
  static_assert(pack_threads_y == 2 * radius);
  const int rim_line = thread_y < radius ? thread_y : thread_y + tile::size_y;  // in shared memory
  const T* const rim_y = in + static_cast<std::int64_t>((corner_y + rim_line - radius + n) % n) * n + x % n;
  const int thread = thread_y * pack_threads_x + thread_x;
  constexpr int side_packs = tile::size_y * 2 * side;
  static_assert(side_packs <= pack_threads_x * pack_threads_y);
  const bool fetches_side = thread < side_packs;
  const int side_line = thread % tile::size_y, side_pack = thread / tile::size_y;
  const int side_column = side_pack < side ? side_pack : side_pack + pack_threads_x;  // in shared memory
  const T* const rim_x = in + static_cast<std::int64_t>((corner_y + side_line) % n) * n +
                         (corner_x + side_column * width - radius + n) % n;

  const auto fetch = [&](int z) {
    if (z < last) {
      auto& there = shared.plane[z % (ahead + 1)];
      const auto copy = [](pack<T>& to, const T* from) { __pipeline_memcpy_async(&to, from, sizeof to); };
#pragma unroll
      for (int j = 0; j < lines; ++j) {
        const T* const from = own[j] + wrapped(z + radius, n) * plane_size;
        if (z > first) copy(shared.coming[z % ahead][thread_y * lines + j][thread_x], from);
      }
      copy(there[rim_line][side + thread_x], rim_y + z * plane_size);
      if (fetches_side) copy(there[radius + side_line][side_column], rim_x + z * plane_size);
    }
    __pipeline_commit();
  };
#pragma unroll
  for (int d = 0; d < ahead; ++d) fetch(first + d);

  pack<T> queue[lines][2 * radius + 1];
#pragma unroll
  for (int j = 0; j < lines; ++j) {
#pragma unroll
    for (int d = 0; d <= 2 * radius; ++d) {
      queue[j][d] = *reinterpret_cast<const pack<T>*>(own[j] + wrapped(first + d - radius, n) * plane_size);
    }
  }
  for (int z = first; z < last; ++z) {
    __pipeline_wait_prior(ahead - 1);
    auto& here = shared.plane[z % (ahead + 1)];
#pragma unroll
    for (int j = 0; j < lines; ++j) {
      const int line = thread_y * lines + j;
      if (z > first) {
#pragma unroll
        for (int d = 0; d < 2 * radius; ++d) queue[j][d] = queue[j][d + 1];
        queue[j][2 * radius] = shared.coming[z % ahead][line][thread_x];
      }
      here[radius + line][side + thread_x] = queue[j][radius];
    }
    __syncthreads();  // after it nobody reads the plane before this one, whose place is filled next
    fetch(z + ahead);
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
        // Read again only in the next step: it need not push out what neighbours still read.
        __stcs(reinterpret_cast<int4*>(out + z * plane_size + static_cast<std::int64_t>(y + j) * n + x),
               *reinterpret_cast<const int4*>(&result));
      }
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
  using tile = pack_tile<T, lines>;
  cudaFuncSetAttribute(transport_in_packs<T, lines>, cudaFuncAttributeMaxDynamicSharedMemorySize, sizeof(tile));
  transport_in_packs<T, lines><<<blocks_of(n, tile::size_x, tile::size_y, planes), dim3(pack_threads_x, pack_threads_y),
                                 sizeof(tile), stream>>>(a, n, in, out, planes);
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

template <class T>
bool fits(int n, const transport_shape& shape) {
  if (!shape.packs) return true;
  int device = 0, shared_bytes = 0;
  const bool known =
      cudaGetDevice(&device) == cudaSuccess &&
      cudaDeviceGetAttribute(&shared_bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device) == cudaSuccess;
  const std::size_t wanted = shape.tile_y == 16 ? sizeof(pack_tile<T, 2>) : sizeof(pack_tile<T, 1>);
  return known && static_cast<std::size_t>(shared_bytes) >= wanted && n % pack<T>::size == 0;
}

}  // namespace

bool takes_transport_shape(bool fp64, int n, const transport_shape& shape) {
  return fp64 ? fits<double>(n, shape) : fits<float>(n, shape);
}

void launch_transport(const transport_coefficients<float>& a, int n, const float* in, float* out,
                      const transport_shape& shape, cudaStream_t stream) {
  launch_any(a, n, in, out, shape, stream);
}
void launch_transport(const transport_coefficients<double>& a, int n, const double* in, double* out,
                      const transport_shape& shape, cudaStream_t stream) {
  launch_any(a, n, in, out, shape, stream);
}

}  // namespace gpubench::kernels
