#include "bench/apps/place_lanes.hpp"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

namespace gpubench::bench::apps {
namespace {

using kernels::triple;

#if defined(__x86_64__) && defined(__GNUC__)
// One load a position and whole vectors turned round, where gather instructions would load each component by itself.

/// In lanes of 128 bits: the entries 0, 4, 8 and 12.
[[gnu::target("avx512f"), gnu::always_inline]] inline __m512 four_places(const triple<float>* places,
                                                                         const std::int32_t* list) {
  const auto place = [&](int entry) { return &places[list[entry]].x; };
  __m512 four = _mm512_castps128_ps512(_mm_load_ps(place(0)));
  four = _mm512_insertf32x4(four, _mm_load_ps(place(4)), 1);
  four = _mm512_insertf32x4(four, _mm_load_ps(place(8)), 2);
  return _mm512_insertf32x4(four, _mm_load_ps(place(12)), 3);
}

[[gnu::target("avx512f")]] void take_places_avx512(const triple<float>* places, const std::int32_t* list,
                                                   std::int32_t count, place_lanes<float>& to) {
  for (std::int32_t k = 0; k < count; k += 16) {
    const __m512 a = four_places(places, list + k), b = four_places(places, list + k + 1);
    const __m512 c = four_places(places, list + k + 2), d = four_places(places, list + k + 3);
    const __m512 xy_ab = _mm512_unpacklo_ps(a, b), xy_cd = _mm512_unpacklo_ps(c, d);
    const __m512 z_ab = _mm512_unpackhi_ps(a, b), z_cd = _mm512_unpackhi_ps(c, d);
    _mm512_store_ps(to.x + k, _mm512_shuffle_ps(xy_ab, xy_cd, 0x44));
    _mm512_store_ps(to.y + k, _mm512_shuffle_ps(xy_ab, xy_cd, 0xee));
    _mm512_store_ps(to.z + k, _mm512_shuffle_ps(z_ab, z_cd, 0x44));
  }
}

/// The entries 0 and 2.
[[gnu::target("avx512f"), gnu::always_inline]] inline __m512d two_places(const triple<double>* places,
                                                                         const std::int32_t* list) {
  const __m512d first = _mm512_castpd256_pd512(_mm256_load_pd(&places[list[0]].x));
  return _mm512_insertf64x4(first, _mm256_load_pd(&places[list[2]].x), 1);
}

[[gnu::target("avx512f")]] void take_places_avx512(const triple<double>* places, const std::int32_t* list,
                                                   std::int32_t count, place_lanes<double>& to) {
  for (std::int32_t k = 0; k < count; k += 8) {
    const __m512d a = two_places(places, list + k), b = two_places(places, list + k + 1);
    const __m512d c = two_places(places, list + k + 4), d = two_places(places, list + k + 5);
    const __m512d xz_ab = _mm512_unpacklo_pd(a, b), xz_cd = _mm512_unpacklo_pd(c, d);
    const __m512d y_ab = _mm512_unpackhi_pd(a, b), y_cd = _mm512_unpackhi_pd(c, d);
    _mm512_store_pd(to.x + k, _mm512_shuffle_f64x2(xz_ab, xz_cd, 0x88));
    _mm512_store_pd(to.y + k, _mm512_shuffle_f64x2(y_ab, y_cd, 0x88));
    _mm512_store_pd(to.z + k, _mm512_shuffle_f64x2(xz_ab, xz_cd, 0xdd));
  }
}
#endif

template <class T>
void take_one_by_one(const triple<T>* places, const std::int32_t* list, std::int32_t count, place_lanes<T>& to) {
  for (std::int32_t k = 0; k < count; ++k) {
    const auto& place = places[list[k]];
    to.x[k] = place.x;
    to.y[k] = place.y;
    to.z[k] = place.z;
  }
}

template <class T>
void take_places_here(const triple<T>* places, const std::int32_t* list, std::int32_t count, place_lanes<T>& to) {
#if defined(__x86_64__) && defined(__GNUC__)
  static const bool has_avx512 = __builtin_cpu_supports("avx512f");
  if (has_avx512) return take_places_avx512(places, list, count, to);
#endif
  take_one_by_one(places, list, count, to);
}

}  // namespace

void portable::take_places(const triple<float>* places, const std::int32_t* list, std::int32_t count,
                           place_lanes<float>& to) {
  take_one_by_one(places, list, count, to);
}
void portable::take_places(const triple<double>* places, const std::int32_t* list, std::int32_t count,
                           place_lanes<double>& to) {
  take_one_by_one(places, list, count, to);
}

void take_places(const triple<float>* places, const std::int32_t* list, std::int32_t count, place_lanes<float>& to) {
  take_places_here(places, list, count, to);
}
void take_places(const triple<double>* places, const std::int32_t* list, std::int32_t count, place_lanes<double>& to) {
  take_places_here(places, list, count, to);
}

}  // namespace gpubench::bench::apps
