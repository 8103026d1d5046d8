#pragma once

#include "bench/rendering/scene_arrays.hpp"

#include <cstdint>

namespace gpubench::rendering {

/// Corners counter-clockwise seen from outside, as for all that follows.
void add_triangle(triangle_list& to, kernels::vector3 a, kernels::vector3 b, kernels::vector3 c,
                  std::uint32_t material);

/// The parallelogram corner, corner + first, corner + first + second, corner + second; its outside is that of
/// cross(first, second).
void add_parallelogram(triangle_list& to, kernels::vector3 corner, kernels::vector3 first, kernels::vector3 second,
                       std::uint32_t material);

/// Spanned by three edges from a corner, which form a right-handed system: six faces, normals outwards.
void add_block(triangle_list& to, kernels::vector3 corner, kernels::vector3 x, kernels::vector3 y, kernels::vector3 z,
               std::uint32_t material);

/// An icosahedron whose faces are divided into four, `divisions` times, and put onto the sphere: 20 * 4^divisions
/// triangles.
void add_ball(triangle_list& to, kernels::vector3 centre, float radius, int divisions, std::uint32_t material);

}  // namespace gpubench::rendering
