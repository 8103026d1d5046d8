#pragma once

#include "kernels/box_lanes.hpp"
#include "kernels/scene.hpp"

#include <cstdint>

namespace gpubench::kernels {

struct ray {
  vector3 origin, direction;
};

inline constexpr std::uint32_t no_triangle = 0xffffffffU;
inline constexpr float no_limit = 3.0e38F;

/// The nearest surface on a ray, in lengths of its direction.
struct hit {
  float distance = no_limit;
  std::uint32_t triangle = no_triangle;
};

/// What a search did; a type that counts nothing costs nothing.
struct no_count {
  GPUBENCH_HOST_DEVICE void ray() {}
  GPUBENCH_HOST_DEVICE void boxes(std::uint32_t) {}
  GPUBENCH_HOST_DEVICE void triangles(std::uint32_t) {}
};
struct search_count {
  std::uint64_t rays = 0, box_tests = 0, triangle_tests = 0;
  GPUBENCH_HOST_DEVICE void ray() { ++rays; }
  GPUBENCH_HOST_DEVICE void boxes(std::uint32_t n) { box_tests += n; }
  GPUBENCH_HOST_DEVICE void triangles(std::uint32_t n) { triangle_tests += n; }
};

/// Distance to a triangle seen from either side, or no_limit where the ray misses it. Source: Moeller and Trumbore,
/// "Fast, minimum storage ray/triangle intersection", 1997.
GPUBENCH_HOST_DEVICE inline float distance_to(const triangle& t, const ray& r) {
  const vector3 p = cross(r.direction, t.second_edge);
  const float determinant = dot(t.first_edge, p);
  if (determinant == 0) return no_limit;
  const float inverse = 1.0F / determinant;
  const vector3 s = r.origin - t.corner;
  const float u = dot(s, p) * inverse;
  const vector3 q = cross(s, t.first_edge);
  const float v = dot(r.direction, q) * inverse;
  const float distance = dot(t.second_edge, q) * inverse;
  return u >= 0 && v >= 0 && u + v <= 1 && distance > 0 ? distance : no_limit;
}

/// Takes a triangle for the nearest one; of two equally far ones the first in the list, whatever the order of tests.
GPUBENCH_HOST_DEVICE inline void keep_nearest(hit& best, float distance, std::uint32_t index) {
  if (distance < best.distance || (distance == best.distance && distance < no_limit && index < best.triangle)) {
    best = {distance, index};
  }
}

/// A ray as the test of boxes wants it.
struct slab_ray {
  float origin[3], inverse[3];
  int is_negative[3];
};

GPUBENCH_HOST_DEVICE inline float finite_inverse(float x) {
  constexpr float least = 1e-18F;
  return 1.0F / (fabsf(x) > least ? x : (x < 0 ? -least : least));
}

GPUBENCH_HOST_DEVICE inline slab_ray slabs_of(const ray& r) {
  slab_ray s{{r.origin.x, r.origin.y, r.origin.z},
             {finite_inverse(r.direction.x), finite_inverse(r.direction.y), finite_inverse(r.direction.z)},
             {}};
  for (int axis = 0; axis < 3; ++axis) s.is_negative[axis] = s.inverse[axis] < 0 ? 1 : 0;
  return s;
}

/// Which of a node's boxes a ray meets before `limit`, a bit a lane, and where it enters them. Far planes are moved out
/// by what rounding may cost, so that no box that holds a hit is missed. Source: Williams et al., "An efficient and
/// robust ray-box intersection algorithm", 2005; Ize, "Robust BVH ray traversal", JCGT 2013.
GPUBENCH_HOST_DEVICE inline std::uint32_t boxes_met(const wide_node& node, const slab_ray& r, float limit,
                                                    float (&entry)[node_width]) {
  constexpr float outwards = 1.0000004F;
  std::uint32_t met = 0;
  GPUBENCH_UNROLL
  for (int i = 0; i < node_width; i += lanes_at_once) {
    lanes near[3], far[3];
    for (int axis = 0; axis < 3; ++axis) {
      near[axis] = (load(node.bounds[r.is_negative[axis]][axis] + i) - r.origin[axis]) * r.inverse[axis];
      far[axis] = (load(node.bounds[1 - r.is_negative[axis]][axis] + i) - r.origin[axis]) * r.inverse[axis];
    }
    // No operand is NaN.
    lanes enter = near[0] > near[1] ? near[0] : near[1];
    enter = enter > near[2] ? enter : near[2];
    enter = enter > lanes{} ? enter : lanes{};
    lanes leave = far[0] < far[1] ? far[0] : far[1];
    leave = (leave < far[2] ? leave : far[2]) * outwards;
    const lanes most = lanes{} + limit;
    leave = leave < most ? leave : most;
    store(entry + i, enter);
    met |= bits_of(enter <= leave) << i;
  }
  return met;
}

GPUBENCH_HOST_DEVICE inline int lowest_bit(std::uint32_t bits) {
#ifdef __CUDA_ARCH__
  return __ffs(static_cast<int>(bits)) - 1;
#else
  return __builtin_ctz(bits);
#endif
}

/// Nodes that wait for their turn. The builder of the hierarchy sees to it that they are never more.
inline constexpr int stack_size = 128;

/// The search through the hierarchy, nearest boxes first.
struct tree_search {
  scene_view scene;

  /// The nearest hit before `limit`.
  template <class Count>
  GPUBENCH_HOST_DEVICE hit nearest(const ray& r, Count& count) const {
    return search<false>(r, no_limit, count);
  }
  /// Whether anything lies before `limit`.
  template <class Count>
  GPUBENCH_HOST_DEVICE bool is_blocked(const ray& r, float limit, Count& count) const {
    return search<true>(r, limit, count).triangle != no_triangle;
  }

 private:
  struct waiting {
    float entry;
    std::uint32_t child;
  };

  /// The child at the lowest of the bits, which is taken away.
  GPUBENCH_HOST_DEVICE static waiting waiting_at(const wide_node& node, const float (&entry)[node_width],
                                                 std::uint32_t& bits) {
    const int lane = lowest_bit(bits);
    bits &= bits - 1;
    return {entry[lane], node.child[lane]};
  }

  template <bool any, class Count>
  GPUBENCH_HOST_DEVICE hit search(const ray& r, float limit, Count& count) const {
    count.ray();
    const slab_ray slabs = slabs_of(r);
    hit best{limit, no_triangle};
    waiting stack[stack_size];
    int size = 0;
    std::uint32_t child = 0;  // the root
    for (;;) {
      if (is_leaf(child)) {
        const std::uint32_t first = leaf_first(child), end = first + leaf_count(child);
        count.triangles(end - first);
        for (std::uint32_t i = first; i < end; ++i) {
          keep_nearest(best, distance_to(scene.triangles[i], r), i);
          if (any && best.triangle != no_triangle) return best;
        }
      } else {
        const wide_node& node = scene.nodes[child];
        float entry[node_width];
        std::uint32_t met = boxes_met(node, slabs, best.distance, entry);
        count.boxes(node_width);
        if (met != 0) {
          // The nearest is next; the others wait, the nearest of them on top. An any-hit search gains nothing from it.
          waiting next = waiting_at(node, entry, met);
          const int bottom = size;
          while (met != 0) {
            waiting other = waiting_at(node, entry, met);
            if (!any) {
              // Field by field, so that they are chosen without a branch, which would be guessed wrong half of the
              // time.
              const bool nearer = other.entry < next.entry;
              const waiting further{nearer ? next.entry : other.entry, nearer ? next.child : other.child};
              next.entry = nearer ? other.entry : next.entry;
              next.child = nearer ? other.child : next.child;
              other = further;
            }
            int place = size++;
            if (!any) {
              for (; place > bottom && stack[place - 1].entry < other.entry; --place) stack[place] = stack[place - 1];
            }
            stack[place] = other;
          }
          child = next.child;
          continue;
        }
      }
      do {
        if (size == 0) return best;
        --size;
      } while (stack[size].entry > best.distance);
      child = stack[size].child;
    }
  }
};

/// Every triangle for every ray: what a search through a hierarchy is held against.
struct exhaustive_search {
  scene_view scene;

  template <class Count>
  GPUBENCH_HOST_DEVICE hit nearest(const ray& r, Count& count) const {
    count.ray();
    count.triangles(scene.triangle_count);
    hit best;
    for (std::uint32_t i = 0; i < scene.triangle_count; ++i) keep_nearest(best, distance_to(scene.triangles[i], r), i);
    return best;
  }
  template <class Count>
  GPUBENCH_HOST_DEVICE bool is_blocked(const ray& r, float limit, Count& count) const {
    count.ray();
    for (std::uint32_t i = 0; i < scene.triangle_count; ++i) {
      count.triangles(1);
      if (distance_to(scene.triangles[i], r) <= limit) return true;
    }
    return false;
  }
};

}  // namespace gpubench::kernels
