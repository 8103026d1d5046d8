#include "bench/host/stream_kernels.hpp"

#include "reference/vector_clones.hpp"

namespace gpubench::bench {

// STREAM's four loops come without versions by instruction set: a figure has to agree with what a user's own loop gets,
// and wider vectors read 5 to 8 % more.
[[gnu::noinline]] void stream_copy_range(double* __restrict c, const double* __restrict a, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) c[i] = a[i];
}

[[gnu::noinline]] void stream_scale_range(double* __restrict b, const double* __restrict c, double scalar,
                                          std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) b[i] = scalar * c[i];
}

[[gnu::noinline]] void stream_add_range(double* __restrict c, const double* __restrict a, const double* __restrict b,
                                        std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) c[i] = a[i] + b[i];
}

[[gnu::noinline]] void stream_triad_range(double* __restrict a, const double* __restrict b, const double* __restrict c,
                                          double scalar, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) a[i] = b[i] + scalar * c[i];
}

GPUBENCH_VECTOR_CLONES void fill_range(double* a, double value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) a[i] = value;
}

GPUBENCH_VECTOR_CLONES double sum_range(const double* a, std::size_t count) {
  constexpr std::size_t partial_sums = 32;
  double sums[partial_sums] = {};
  std::size_t i = 0;
  for (; i + partial_sums <= count; i += partial_sums) {
    for (std::size_t k = 0; k < partial_sums; ++k) sums[k] += a[i + k];
  }
  for (; i < count; ++i) sums[0] += a[i];
  double sum = 0;
  for (const double partial : sums) sum += partial;
  return sum;
}

}  // namespace gpubench::bench
