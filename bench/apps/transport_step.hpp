#pragma once

#include "kernels/weather_stencil.hpp"

#include <cstdint>

namespace gpubench::bench::apps {

/// How a pass walks through the grid: a thread takes one tile of a plane after the other and marches with it through
/// its own planes, so that the nine planes of a tile stay in its cache.
struct transport_tile {
  std::int64_t x = 0, y = 0;  ///< points
  friend bool operator==(const transport_tile&, const transport_tile&) = default;
};

/// One step of n^3 points, x fastest, on `threads` threads: out = step(in). n is at least 2 * transport_radius + 1.
template <class T>
void transport_step(const kernels::transport_coefficients<T>& a, std::int64_t n, const T* in, T* out,
                    const transport_tile& tile, int threads);

/// Calls body(first, last) for the planes of each thread, on that thread: memory lies near who touches it first.
template <class Body>
void for_planes(std::int64_t n, int threads, const Body& body) {
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int part = 0; part < threads; ++part) body(n * part / threads, n * (part + 1) / threads);
}

}  // namespace gpubench::bench::apps
