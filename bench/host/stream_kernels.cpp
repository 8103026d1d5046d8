#include "bench/host/stream_kernels.hpp"

// One copy of each loop for every instruction set, chosen when the program starts. Not under a sanitizer, which would
// run in the choosing function before it is ready.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define GPUBENCH_FOR_EVERY_ISA __attribute__((noinline, target_clones("avx512f", "avx2", "default")))
#else
#define GPUBENCH_FOR_EVERY_ISA __attribute__((noinline))
#endif

namespace gpubench::bench {

GPUBENCH_FOR_EVERY_ISA void stream_copy_range(double* __restrict c, const double* __restrict a, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) c[i] = a[i];
}

GPUBENCH_FOR_EVERY_ISA void stream_scale_range(double* __restrict b, const double* __restrict c, double scalar,
                                               std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) b[i] = scalar * c[i];
}

GPUBENCH_FOR_EVERY_ISA void stream_add_range(double* __restrict c, const double* __restrict a,
                                             const double* __restrict b, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) c[i] = a[i] + b[i];
}

GPUBENCH_FOR_EVERY_ISA void stream_triad_range(double* __restrict a, const double* __restrict b,
                                               const double* __restrict c, double scalar, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) a[i] = b[i] + scalar * c[i];
}

GPUBENCH_FOR_EVERY_ISA void fill_range(double* a, double value, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) a[i] = value;
}

GPUBENCH_FOR_EVERY_ISA double sum_range(const double* a, std::size_t count) {
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
