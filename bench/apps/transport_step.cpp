#include "bench/apps/transport_step.hpp"

#include "bench/apps/streaming_stores.hpp"

#include <algorithm>
#include <cstring>

#include "reference/vector_clones.hpp"

namespace gpubench::bench::apps {
namespace {

using kernels::transport_radius;
using kernels::wrapped;

/// Two rows, one above the other in z, share eight of the ten rows that lie above and below them.
constexpr int rows_at_once = 2;

/// Points side by side that fill a cache line, or one point.
template <class T>
struct vector_of {
  typedef T type __attribute__((vector_size(64)));
  static constexpr std::int64_t lanes = 64 / sizeof(T);
};

template <class V, class T>
[[gnu::always_inline]] inline V load(const T* from) {
  V value;
  std::memcpy(&value, from, sizeof(V));
  return value;
}

/// The rows around `rows` rows that lie above each other, each from x = 0 on, at the offsets -4 ... 4 in y and z.
template <class T, int rows>
struct neighbourhood {
  const T* x[rows];  ///< the points themselves
  const T* y[rows][2 * transport_radius + 1];
  const T* z[rows + 2 * transport_radius];
  const T* next[rows];  ///< what the rows after these will be the first to read
  T* out[rows];
};

template <class V, class T>
[[gnu::always_inline]] inline void broadcast(const kernels::transport_axis<T>& from, kernels::transport_axis<V>& to) {
  for (int d = 0; d < transport_radius; ++d) {
    to.below[d] = V{} + from.below[d];
    to.above[d] = V{} + from.above[d];
  }
}
/// Each coefficient for all points of a V, before the loop over them: in it the compiler would do so for each V.
template <class V, class T>
[[gnu::always_inline]] inline kernels::transport_coefficients<V> broadcast(
    const kernels::transport_coefficients<T>& from) {
  kernels::transport_coefficients<V> to;
  to.centre = V{} + from.centre;
  broadcast(from.x, to.x);
  broadcast(from.y, to.y);
  broadcast(from.z, to.z);
  return to;
}

/// The points [begin, end), a whole number of Vs.
/// @param own  the points themselves, as if from x = 0 on; the four before and after a V are read as well
template <bool streamed, class V, class T, int rows>
[[gnu::always_inline]] inline void points_of(const kernels::transport_coefficients<V>& a,
                                             const neighbourhood<T, rows>& r, const T* const* own, std::int64_t begin,
                                             std::int64_t end) {
  constexpr auto lanes = static_cast<std::int64_t>(sizeof(V) / sizeof(T));
  for (std::int64_t i = begin; i < end; i += lanes) {
    alignas(64) T values[rows * lanes];
#pragma GCC unroll 2
    for (int row = 0; row < rows; ++row) {
      __builtin_prefetch(r.next[row] + i, 0, 2);
      const T* const x = own[row] + i;
      const V value = kernels::transported(
          a, load<V>(x), [x](int d) { return load<V>(x + d); },
          [&r, row, i](int d) { return load<V>(r.y[row][d + transport_radius] + i); },
          [&r, row, i](int d) { return load<V>(r.z[row + d + transport_radius] + i); });
      std::memcpy(values + row * lanes, &value, sizeof(V));
    }
#pragma GCC unroll 2
    for (int row = 0; row < rows; ++row) store<streamed, lanes>(values + row * lanes, r.out[row] + i);
  }
}

/// Whole rows of n points. At their ends the points are copied to where the ring that they form is a line.
template <bool streamed, class T, int rows>
[[gnu::always_inline]] inline void rows_part(const kernels::transport_coefficients<T>& given,
                                             const neighbourhood<T, rows>& around, std::int64_t n) {
  using V = typename vector_of<T>::type;
  constexpr auto lanes = vector_of<T>::lanes;
  // Copies, which no store can change.
  const auto a = broadcast<V>(given);
  const auto r = around;
  T ends[rows][2 * lanes + 2 * transport_radius];
  const T* own[rows];
  std::int64_t x = 0;
  if (n >= 2 * lanes) {
    for (int row = 0; row < rows; ++row) {
      std::memcpy(ends[row], r.x[row] + n - transport_radius, transport_radius * sizeof(T));
      std::memcpy(ends[row] + transport_radius, r.x[row], (lanes + transport_radius) * sizeof(T));
      own[row] = ends[row] + transport_radius;
    }
    points_of<streamed>(a, r, own, 0, lanes);
    x = (n - transport_radius) / lanes * lanes;
    points_of<streamed>(a, r, r.x, lanes, x);
  }
  // What is left is less than two Vs.
  const std::int64_t before = x == 0 ? n - transport_radius : x - transport_radius;
  for (int row = 0; row < rows; ++row) {
    T* const end = ends[row];
    std::memcpy(end, r.x[row] + before, transport_radius * sizeof(T));
    std::copy(r.x[row] + x, r.x[row] + n, end + transport_radius);
    std::memcpy(end + transport_radius + n - x, r.x[row], transport_radius * sizeof(T));
    own[row] = end + transport_radius - x;
  }
  if (n - x >= lanes) {
    points_of<streamed>(a, r, own, x, x + lanes);
    x += lanes;
  }
  points_of<streamed>(given, r, own, x, n);
}

template <class T, int rows>
[[gnu::always_inline]] inline void whole_rows(const kernels::transport_coefficients<T>& a,
                                              const neighbourhood<T, rows>& around, std::int64_t n) {
  if (n * static_cast<std::int64_t>(sizeof(T)) % streamed_bytes == 0) {
    rows_part<true>(a, around, n);
  } else {
    rows_part<false>(a, around, n);
  }
}

// All in one function: vectors must not be passed between functions of different instruction sets.
GPUBENCH_FLAT_VECTOR_CLONES void rows_of(const kernels::transport_coefficients<float>& a,
                                         const neighbourhood<float, 1>& around, std::int64_t n) {
  whole_rows(a, around, n);
}
GPUBENCH_FLAT_VECTOR_CLONES void rows_of(const kernels::transport_coefficients<float>& a,
                                         const neighbourhood<float, 2>& around, std::int64_t n) {
  whole_rows(a, around, n);
}
GPUBENCH_FLAT_VECTOR_CLONES void rows_of(const kernels::transport_coefficients<double>& a,
                                         const neighbourhood<double, 1>& around, std::int64_t n) {
  whole_rows(a, around, n);
}
GPUBENCH_FLAT_VECTOR_CLONES void rows_of(const kernels::transport_coefficients<double>& a,
                                         const neighbourhood<double, 2>& around, std::int64_t n) {
  whole_rows(a, around, n);
}

/// The rows y of `rows` planes from z on.
template <int rows, class T>
void step_rows(const kernels::transport_coefficients<T>& a, std::int64_t n, const T* in, T* out, std::int64_t y,
               std::int64_t z) {
  const auto row_at = [&](std::int64_t at_y, std::int64_t at_z) {
    return in + (wrapped(at_z, n) * n + wrapped(at_y, n)) * n;
  };
  neighbourhood<T, rows> around;
  for (int row = 0; row < rows; ++row) {
    around.x[row] = row_at(y, z + row);
    for (int d = -transport_radius; d <= transport_radius; ++d) {
      around.y[row][d + transport_radius] = row_at(y + d, z + row);
    }
    around.next[row] = row_at(y, z + rows + transport_radius + row);
    around.out[row] = out + ((z + row) * n + y) * n;
  }
  for (int d = -transport_radius; d < rows + transport_radius; ++d) {
    around.z[d + transport_radius] = row_at(y, z + d);
  }
  rows_of(a, around, n);
}

}  // namespace

template <class T>
void transport_step(const kernels::transport_coefficients<T>& a, std::int64_t n, const T* in, T* out,
                    std::int64_t tile_rows, int threads) {
  for_planes(n, threads, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t y_begin = 0; y_begin < n; y_begin += tile_rows) {
      const std::int64_t y_end = std::min(y_begin + tile_rows, n);
      std::int64_t z = first;
      for (; z + rows_at_once <= last; z += rows_at_once) {
        for (std::int64_t y = y_begin; y < y_end; ++y) step_rows<rows_at_once>(a, n, in, out, y, z);
      }
      for (; z < last; ++z) {
        for (std::int64_t y = y_begin; y < y_end; ++y) step_rows<1>(a, n, in, out, y, z);
      }
    }
    finish_streaming();
  });
}

template void transport_step<float>(const kernels::transport_coefficients<float>&, std::int64_t, const float*, float*,
                                    std::int64_t, int);
template void transport_step<double>(const kernels::transport_coefficients<double>&, std::int64_t, const double*,
                                     double*, std::int64_t, int);

}  // namespace gpubench::bench::apps
