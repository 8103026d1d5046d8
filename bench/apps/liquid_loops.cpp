#include "bench/apps/liquid_loops.hpp"

#include "bench/apps/place_lanes.hpp"

#include "reference/vector_clones.hpp"

namespace gpubench::bench::apps {
namespace {

using kernels::liquid;
using kernels::minimum_image;
using kernels::squared_length;
using kernels::triple;

template <class T>
[[gnu::always_inline]] inline void force_part(const triple<T>* places, const neighbour_lists& given, T side,
                                              std::int64_t begin, std::int64_t end, triple<T>* forces,
                                              triple<T>* velocities) {
  place_lanes<T> near;
  for (std::int64_t i = begin; i < end; ++i) {
    const std::int32_t* const list = given.lists + i * liquid::list_room;
    const std::int32_t length = given.lengths[i];
    const T x = places[i].x, y = places[i].y, z = places[i].z;
    take_places(places, list, length, near);
    T fx = 0, fy = 0, fz = 0;
#pragma omp simd reduction(+ : fx, fy, fz)
    for (std::int32_t k = 0; k < length; ++k) {
      const T dx = minimum_image(x - near.x[k], side);
      const T dy = minimum_image(y - near.y[k], side);
      const T dz = minimum_image(z - near.z[k], side);
      const T factor = kernels::force_over_distance(squared_length(dx, dy, dz));
      fx += factor * dx;
      fy += factor * dy;
      fz += factor * dz;
    }
    forces[i] = {fx, fy, fz, 0};
    auto& v = velocities[i];
    v = {kernels::kicked(v.x, fx), kernels::kicked(v.y, fy), kernels::kicked(v.z, fz), 0};
  }
}

template <class T>
[[gnu::always_inline]] inline std::int32_t select(const candidates<T>& from, const triple<T>& place, std::int32_t self,
                                                  std::int32_t* __restrict near, std::int32_t* __restrict found) {
  constexpr T reach = T(liquid::list_radius * liquid::list_radius);
  const T x = place.x, y = place.y, z = place.z;
  const T *const cx = from.x, *const cy = from.y, *const cz = from.z;
  const std::int32_t* const atom = from.atom;
  const std::int32_t count = from.count;
#pragma omp simd
  for (std::int32_t k = 0; k < count; ++k) {
    near[k] = (squared_length(x - cx[k], y - cy[k], z - cz[k]) < reach ? 1 : 0) & (atom[k] != self ? 1 : 0);
  }
  std::int32_t length = 0;
  for (std::int32_t k = 0; k < count; ++k) {
    found[length] = atom[k];
    length += near[k];
  }
  return length;
}

}  // namespace

GPUBENCH_VECTOR_CLONES void forces_of(const triple<float>* places, const neighbour_lists& lists, float side,
                                      std::int64_t begin, std::int64_t end, triple<float>* forces,
                                      triple<float>* velocities) {
  force_part(places, lists, side, begin, end, forces, velocities);
}
GPUBENCH_VECTOR_CLONES void forces_of(const triple<double>* places, const neighbour_lists& lists, double side,
                                      std::int64_t begin, std::int64_t end, triple<double>* forces,
                                      triple<double>* velocities) {
  force_part(places, lists, side, begin, end, forces, velocities);
}

GPUBENCH_VECTOR_CLONES std::int32_t neighbours_of(const candidates<float>& from, const triple<float>& place,
                                                  std::int32_t self, std::int32_t* near, std::int32_t* found) {
  return select(from, place, self, near, found);
}
GPUBENCH_VECTOR_CLONES std::int32_t neighbours_of(const candidates<double>& from, const triple<double>& place,
                                                  std::int32_t self, std::int32_t* near, std::int32_t* found) {
  return select(from, place, self, near, found);
}

}  // namespace gpubench::bench::apps
