#pragma once

#include "kernels/weather_stencil.hpp"

#include <cstdint>

namespace gpubench::bench::apps {

/// One step of n^3 points, x fastest, on `threads` threads: out = step(in). n is at least 2 * transport_radius + 1.
/// @param tile_rows  rows of a plane that a thread marches through all its planes with, before it takes the next ones:
///                   few enough for ten planes of them to stay in its cache
template <class T>
void transport_step(const kernels::transport_coefficients<T>& a, std::int64_t n, const T* in, T* out,
                    std::int64_t tile_rows, int threads);

/// Calls body(first, last) for the planes of each thread, on that thread: memory lies near who touches it first.
template <class Body>
void for_planes(std::int64_t n, int threads, const Body& body) {
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int part = 0; part < threads; ++part) body(n * part / threads, n * (part + 1) / threads);
}

}  // namespace gpubench::bench::apps
