#include "bench/apps/neighbour_selection.hpp"

#include "reference/vector_clones.hpp"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

namespace gpubench::bench::apps {
namespace {

using kernels::liquid;
using kernels::triple;

template <class T>
constexpr T reach = T(liquid::list_radius* liquid::list_radius);

#if defined(__x86_64__) && defined(__GNUC__)
// Sixteen at once, those that are near pushed together in a register, where elsewhere each is stored by itself.

[[gnu::target("avx512f"), gnu::always_inline]] inline __mmask16 near_of(const candidates<float>& from,
                                                                        const triple<float>& place, std::int32_t k) {
  const __m512 dx = _mm512_sub_ps(_mm512_set1_ps(place.x), _mm512_loadu_ps(from.x + k));
  const __m512 dy = _mm512_sub_ps(_mm512_set1_ps(place.y), _mm512_loadu_ps(from.y + k));
  const __m512 dz = _mm512_sub_ps(_mm512_set1_ps(place.z), _mm512_loadu_ps(from.z + k));
  const __m512 squares = _mm512_fmadd_ps(dz, dz, _mm512_fmadd_ps(dx, dx, _mm512_mul_ps(dy, dy)));
  return _mm512_cmp_ps_mask(squares, _mm512_set1_ps(reach<float>), _CMP_LT_OS);
}

[[gnu::target("avx512f"), gnu::always_inline]] inline unsigned eight_near(const candidates<double>& from,
                                                                          const triple<double>& place, std::int32_t k) {
  const __m512d dx = _mm512_sub_pd(_mm512_set1_pd(place.x), _mm512_loadu_pd(from.x + k));
  const __m512d dy = _mm512_sub_pd(_mm512_set1_pd(place.y), _mm512_loadu_pd(from.y + k));
  const __m512d dz = _mm512_sub_pd(_mm512_set1_pd(place.z), _mm512_loadu_pd(from.z + k));
  const __m512d squares = _mm512_fmadd_pd(dz, dz, _mm512_fmadd_pd(dx, dx, _mm512_mul_pd(dy, dy)));
  return _mm512_cmp_pd_mask(squares, _mm512_set1_pd(reach<double>), _CMP_LT_OS);
}
[[gnu::target("avx512f"), gnu::always_inline]] inline __mmask16 near_of(const candidates<double>& from,
                                                                        const triple<double>& place, std::int32_t k) {
  return static_cast<__mmask16>(eight_near(from, place, k) | eight_near(from, place, k + 8) << 8);
}

template <class T>
[[gnu::target("avx512f,popcnt")]] std::int32_t select_avx512(const candidates<T>& from, const triple<T>& place,
                                                             std::int32_t self, std::int32_t* found) {
  const __m512i own = _mm512_set1_epi32(self);
  std::int32_t length = 0;
  for (std::int32_t k = 0; k < from.count; k += list_granularity) {
    const __m512i atoms = _mm512_loadu_si512(from.atom + k);
    const __mmask16 kept = _mm512_mask_cmpneq_epi32_mask(near_of(from, place, k), atoms, own);
    _mm512_storeu_si512(found + length, _mm512_maskz_compress_epi32(kept, atoms));
    length += __builtin_popcount(kept);
  }
  return length;
}
#endif

template <class T>
[[gnu::always_inline]] inline std::int32_t select(const candidates<T>& from, const triple<T>& place, std::int32_t self,
                                                  std::int32_t* __restrict found) {
  const T x = place.x, y = place.y, z = place.z;
  std::int32_t length = 0;
  for (std::int32_t first = 0; first < from.count; first += list_granularity) {
    const T *const cx = from.x + first, *const cy = from.y + first, *const cz = from.z + first;
    const std::int32_t* const atom = from.atom + first;
    std::int32_t near[list_granularity];
#pragma omp simd
    for (std::int32_t k = 0; k < list_granularity; ++k) {
      near[k] =
          (kernels::squared_length(x - cx[k], y - cy[k], z - cz[k]) < reach<T> ? 1 : 0) & (atom[k] != self ? 1 : 0);
    }
    for (std::int32_t k = 0; k < list_granularity; ++k) {
      found[length] = atom[k];
      length += near[k];
    }
  }
  return length;
}

template <class T>
std::int32_t select_here(const candidates<T>& from, const triple<T>& place, std::int32_t self, std::int32_t* found) {
#if defined(__x86_64__) && defined(__GNUC__)
  static const bool has_avx512 = __builtin_cpu_supports("avx512f");
  if (has_avx512) return select_avx512(from, place, self, found);
#endif
  return portable::neighbours_of(from, place, self, found);
}

}  // namespace

GPUBENCH_VECTOR_CLONES std::int32_t portable::neighbours_of(const candidates<float>& from, const triple<float>& place,
                                                            std::int32_t self, std::int32_t* found) {
  return select(from, place, self, found);
}
GPUBENCH_VECTOR_CLONES std::int32_t portable::neighbours_of(const candidates<double>& from, const triple<double>& place,
                                                            std::int32_t self, std::int32_t* found) {
  return select(from, place, self, found);
}

std::int32_t neighbours_of(const candidates<float>& from, const triple<float>& place, std::int32_t self,
                           std::int32_t* found) {
  return select_here(from, place, self, found);
}
std::int32_t neighbours_of(const candidates<double>& from, const triple<double>& place, std::int32_t self,
                           std::int32_t* found) {
  return select_here(from, place, self, found);
}

}  // namespace gpubench::bench::apps
