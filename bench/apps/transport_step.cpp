#include "bench/apps/transport_step.hpp"

#include "bench/host/operands.hpp"

#include <algorithm>

#include "reference/vector_clones.hpp"

namespace gpubench::bench::apps {
namespace {

using kernels::transport_radius;
using kernels::wrapped;

/// Points of a row and those around them, at the offsets -4 ... 4 in y and z.
template <class T>
struct neighbourhood {
  const T* x;  ///< the points themselves, with four more on either side
  const T* y[2 * transport_radius + 1];
  const T* z[2 * transport_radius + 1];
};

template <class T>
[[gnu::always_inline]] inline void row_part(const kernels::transport_coefficients<T>& given,
                                            const neighbourhood<T>& around, T* __restrict out, std::int64_t count) {
  // Copies, which no store to `out` can change.
  const auto a = given;
  const auto r = around;
  const T* const x = r.x;
#pragma GCC ivdep
  for (std::int64_t i = 0; i < count; ++i) {
    // Nothing may point to i, or the loop is not vectorised.
    out[i] = kernels::transported(
        a, x[i], [x, i](int d) { return x[i + d]; }, [&r, i](int d) { return r.y[d + transport_radius][i]; },
        [&r, i](int d) { return r.z[d + transport_radius][i]; });
  }
}

GPUBENCH_VECTOR_CLONES void row_of(const kernels::transport_coefficients<float>& a, const neighbourhood<float>& around,
                                   float* out, std::int64_t count) {
  row_part(a, around, out, count);
}
GPUBENCH_VECTOR_CLONES void row_of(const kernels::transport_coefficients<double>& a,
                                   const neighbourhood<double>& around, double* out, std::int64_t count) {
  row_part(a, around, out, count);
}

/// One thread's walk. A row is copied to where its ends go on beyond the grid's edge: then all of it is alike, and
/// stays aligned to vectors, which starting four points later would not be.
template <class T>
class walk {
 public:
  walk(const kernels::transport_coefficients<T>& a, std::int64_t n, const T* in, T* out)
      : a_(a), n_(n), in_(in), out_(out), copy_(static_cast<std::size_t>(n + 2 * margin)) {}

  void row(std::int64_t y, std::int64_t z, std::int64_t x_begin, std::int64_t x_end) {
    neighbourhood<T> around;
    for (std::int64_t d = -transport_radius; d <= transport_radius; ++d) {
      around.y[d + transport_radius] = in_ + (z * n_ + wrapped(y + d, n_)) * n_ + x_begin;
      around.z[d + transport_radius] = in_ + (wrapped(z + d, n_) * n_ + y) * n_ + x_begin;
    }
    const T* const own = in_ + (z * n_ + y) * n_;
    T* const points = copy_.data() + margin;
    const std::int64_t count = x_end - x_begin;
    std::copy(own + x_begin, own + x_end, points);
    for (std::int64_t d = 1; d <= transport_radius; ++d) {
      points[-d] = own[wrapped(x_begin - d, n_)];
      points[count - 1 + d] = own[wrapped(x_end - 1 + d, n_)];
    }
    around.x = points;
    // Of all rows of the star the uppermost alone was read by no row before; a tile's rows are too short for the
    // processor to foresee where it goes on.
    const T* const next = in_ + (wrapped(z + transport_radius + 1, n_) * n_ + y) * n_ + x_begin;
    for (std::int64_t i = 0; i < count; i += 64 / sizeof(T)) __builtin_prefetch(next + i);
    row_of(a_, around, out_ + (z * n_ + y) * n_ + x_begin, count);
  }

 private:
  static constexpr std::int64_t margin = 64 / sizeof(T);

  const kernels::transport_coefficients<T>& a_;
  std::int64_t n_;
  const T* in_;
  T* out_;
  host::aligned_array<T> copy_;
};

}  // namespace

template <class T>
void transport_step(const kernels::transport_coefficients<T>& a, std::int64_t n, const T* in, T* out,
                    const transport_tile& tile, int threads) {
  for_planes(n, threads, [&](std::int64_t first, std::int64_t last) {
    walk<T> through(a, n, in, out);
    for (std::int64_t y0 = 0; y0 < n; y0 += tile.y) {
      for (std::int64_t x0 = 0; x0 < n; x0 += tile.x) {
        for (std::int64_t z = first; z < last; ++z) {
          for (std::int64_t y = y0; y < std::min(y0 + tile.y, n); ++y) through.row(y, z, x0, std::min(x0 + tile.x, n));
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
