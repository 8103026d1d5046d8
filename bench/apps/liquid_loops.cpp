#include "bench/apps/liquid_loops.hpp"

#include "bench/apps/place_lanes.hpp"

#include "reference/vector_clones.hpp"

namespace gpubench::bench::apps {
namespace {

using kernels::liquid;
using kernels::minimum_image;
using kernels::squared_length;
using kernels::triple;

/// The force on an atom, its terms added in any order.
template <bool is_inside, class T>
[[gnu::always_inline]] inline triple<T> force_on(const triple<T>& place, const place_lanes<T>& near,
                                                 std::int32_t length, T side) {
  const T x = place.x, y = place.y, z = place.z;
  const auto shorter = [side](T difference) { return is_inside ? difference : minimum_image(difference, side); };
  // `length` is a multiple; told so, the compiler makes whole vectors alone.
  const std::int32_t count = length / list_granularity * list_granularity;
  T fx = 0, fy = 0, fz = 0;
  for (std::int32_t k = 0; k < count; ++k) {
    const T dx = shorter(x - near.x[k]), dy = shorter(y - near.y[k]), dz = shorter(z - near.z[k]);
    const T factor = kernels::force_over_distance(squared_length(dx, dy, dz));
    fx += factor * dx;
    fy += factor * dy;
    fz += factor * dz;
  }
  return {fx, fy, fz, 0};
}

/// Lists lie apart by their room, which processors do not guess; an address beyond the last is no harm.
constexpr std::int64_t lists_ahead = 4;
inline void fetch_list(const neighbour_lists& given, std::int64_t i) {
  constexpr std::int32_t usual = 96, line = 64 / sizeof(std::int32_t);
  for (std::int32_t k = 0; k < usual; k += line) __builtin_prefetch(given.lists + i * liquid::list_room + k);
}

template <class T>
[[gnu::always_inline]] inline void force_part(const triple<T>* places, const neighbour_lists& given, T side,
                                              std::int64_t begin, std::int64_t end, triple<T>* forces,
                                              triple<T>* velocities) {
  // Whose list was built within the box, and who has not come near an edge since.
  constexpr T margin = T(liquid::list_radius + 1);
  const auto is_inner = [side](T x) { return x > margin && x < side - margin; };
  place_lanes<T> near;
  for (std::int64_t i = begin; i < end; ++i) {
    const auto& place = places[i];
    const std::int32_t length = given.lengths[i];
    fetch_list(given, i + lists_ahead);
    take_places(places, given.lists + i * liquid::list_room, length, near);
    forces[i] = is_inner(place.x) && is_inner(place.y) && is_inner(place.z)
                    ? force_on<true>(place, near, length, side)
                    : force_on<false>(place, near, length, side);
    const auto& f = forces[i];
    auto& v = velocities[i];
    v = {kernels::kicked(v.x, f.x), kernels::kicked(v.y, f.y), kernels::kicked(v.z, f.z), 0};
  }
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

}  // namespace gpubench::bench::apps
