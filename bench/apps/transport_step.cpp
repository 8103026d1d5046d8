#include "bench/apps/transport_step.hpp"

#include <algorithm>

#include "reference/vector_clones.hpp"

namespace gpubench::bench::apps {
namespace {

using kernels::transport_radius;
using kernels::wrapped;

/// A row of the grid and those around it, at the offsets -4 ... 4 in y and z.
template <class T>
struct row_neighbours {
  const T* y[2 * transport_radius + 1];
  const T* z[2 * transport_radius + 1];
};

/// Points [begin, end) of a row, all of whose neighbours in x lie in the row.
template <class T>
[[gnu::always_inline]] inline void row_part(const kernels::transport_coefficients<T>& given,
                                            const row_neighbours<T>& rows, T* __restrict out, std::int64_t begin,
                                            std::int64_t end) {
  // Copies, which no store to `out` can change.
  const auto a = given;
  const auto r = rows;
  const T* const centre = r.y[transport_radius];
#pragma GCC ivdep
  for (std::int64_t i = begin; i < end; ++i) {
    // Nothing may point to i, or the loop is not vectorised.
    out[i] = kernels::transported(
        a, centre[i], [centre, i](int d) { return centre[i + d]; },
        [&r, i](int d) { return r.y[d + transport_radius][i]; },
        [&r, i](int d) { return r.z[d + transport_radius][i]; });
  }
}

GPUBENCH_VECTOR_CLONES void inner_row(const kernels::transport_coefficients<float>& a,
                                      const row_neighbours<float>& rows, float* out, std::int64_t begin,
                                      std::int64_t end) {
  row_part(a, rows, out, begin, end);
}
GPUBENCH_VECTOR_CLONES void inner_row(const kernels::transport_coefficients<double>& a,
                                      const row_neighbours<double>& rows, double* out, std::int64_t begin,
                                      std::int64_t end) {
  row_part(a, rows, out, begin, end);
}

/// Points near the ends of a row, whose neighbours in x come from the other end.
template <class T>
void outer_row(const kernels::transport_coefficients<T>& a, const row_neighbours<T>& r, T* out, std::int64_t n,
               std::int64_t begin, std::int64_t end) {
  const T* const centre = r.y[transport_radius];
  for (std::int64_t i = begin; i < end; ++i) {
    out[i] = kernels::transported(
        a, centre[i], [&](int d) { return centre[wrapped<std::int64_t>(i + d, n)]; },
        [&](int d) { return r.y[d + transport_radius][i]; }, [&](int d) { return r.z[d + transport_radius][i]; });
  }
}

template <class T>
void row(const kernels::transport_coefficients<T>& a, std::int64_t n, const T* in, T* out, std::int64_t y,
         std::int64_t z, std::int64_t x_begin, std::int64_t x_end) {
  row_neighbours<T> rows;
  for (std::int64_t d = -transport_radius; d <= transport_radius; ++d) {
    rows.y[d + transport_radius] = in + (z * n + wrapped(y + d, n)) * n;
    rows.z[d + transport_radius] = in + (wrapped(z + d, n) * n + y) * n;
  }
  T* const to = out + (z * n + y) * n;
  const std::int64_t inner_begin = std::clamp<std::int64_t>(transport_radius, x_begin, x_end);
  const std::int64_t inner_end = std::clamp<std::int64_t>(n - transport_radius, inner_begin, x_end);
  outer_row(a, rows, to, n, x_begin, inner_begin);
  inner_row(a, rows, to, inner_begin, inner_end);
  outer_row(a, rows, to, n, inner_end, x_end);
}

}  // namespace

template <class T>
void transport_step(const kernels::transport_coefficients<T>& a, std::int64_t n, const T* in, T* out,
                    const transport_tile& tile, int threads) {
  for_planes(n, threads, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t y0 = 0; y0 < n; y0 += tile.y) {
      for (std::int64_t x0 = 0; x0 < n; x0 += tile.x) {
        for (std::int64_t z = first; z < last; ++z) {
          for (std::int64_t y = y0; y < std::min(y0 + tile.y, n); ++y) {
            row(a, n, in, out, y, z, x0, std::min(x0 + tile.x, n));
          }
        }
      }
    }
  });
}

template void transport_step<float>(const kernels::transport_coefficients<float>&, std::int64_t, const float*, float*,
                                    const transport_tile&, int);
template void transport_step<double>(const kernels::transport_coefficients<double>&, std::int64_t, const double*,
                                     double*, const transport_tile&, int);

}  // namespace gpubench::bench::apps
