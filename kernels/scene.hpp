#pragma once

#include "kernels/vector3.hpp"

#include <cstdint>

namespace gpubench::kernels {

/// One corner and the edges from it to the two others, counter-clockwise seen from outside; what the intersection test
/// reads. 48 bytes, so that three 16-byte loads fetch it.
struct triangle {
  vector3 corner, first_edge, second_edge;
  std::uint32_t material = 0;
  std::uint32_t padding[2] = {};
};
static_assert(sizeof(triangle) == 48);

enum class surface : std::uint32_t {
  diffuse,  ///< into all directions alike (Lambert)
  metal,    ///< mirrored or, with a roughness above 0, around the mirrored direction
  glass     ///< reflected and refracted as by a dielectric
};

struct material {
  surface kind = surface::diffuse;
  vector3 color;        ///< share of the light that goes on, 0 to 1
  float parameter = 0;  ///< roughness of metal, 0 to 1; refractive index of glass
  vector3 emission;     ///< radiance that it sends out by itself, from both sides
};

/// Node of a bounding volume hierarchy with up to eight children, whose boxes lie lane by lane for vector registers. A
/// lane without a child has an empty box: lower bounds +infinity, upper -infinity. Whole cache lines.
inline constexpr int node_width = 8;
struct alignas(64) wide_node {
  float bounds[2][3][node_width];  ///< lower and upper, x y z
  std::uint32_t child[node_width];
};

/// A child is another node, or a run of triangles.
inline constexpr std::uint32_t leaf_flag = 0x80000000U;
inline constexpr std::uint32_t leaf_count_shift = 27, most_leaf_triangles = 15;
inline constexpr std::uint32_t leaf_first_mask = (1U << leaf_count_shift) - 1;
GPUBENCH_HOST_DEVICE constexpr std::uint32_t leaf_of(std::uint32_t first, std::uint32_t count) {
  return leaf_flag | (count << leaf_count_shift) | first;
}
GPUBENCH_HOST_DEVICE constexpr bool is_leaf(std::uint32_t child) {
  return (child & leaf_flag) != 0;
}
GPUBENCH_HOST_DEVICE constexpr std::uint32_t leaf_first(std::uint32_t child) {
  return child & leaf_first_mask;
}
GPUBENCH_HOST_DEVICE constexpr std::uint32_t leaf_count(std::uint32_t child) {
  return (child & ~leaf_flag) >> leaf_count_shift;
}

/// A pinhole. The ray through (u, v), each 0 to 1 from the upper left corner, runs along corner + across u + down v.
struct camera {
  vector3 eye, corner, across, down;
};

/// Light from where no surface is: from `horizon` to `zenith` by the height of the direction, and a glow around a sun.
struct sky {
  vector3 horizon, zenith, glow;
  vector3 sun_direction{0, 1, 0};
};

/// What a ray needs of a scene; pointers of the host or of a device.
struct scene_view {
  const wide_node* nodes = nullptr;  ///< the first is the root
  const triangle* triangles = nullptr;
  const material* materials = nullptr;
  const std::uint32_t* lights = nullptr;  ///< triangles that diffuse surfaces send shadow rays to
  std::uint32_t light_count = 0;
  std::uint32_t triangle_count = 0;
  camera eye;
  sky background;
};

}  // namespace gpubench::kernels
