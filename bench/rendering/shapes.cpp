#include "bench/rendering/shapes.hpp"

#include <array>

namespace gpubench::rendering {
namespace {

using kernels::vector3;

// A face of the unit sphere, given by three of its points.
void add_face(triangle_list& to, const std::array<vector3, 3>& face, int divisions, vector3 centre, float radius,
              std::uint32_t material) {
  if (divisions == 0) {
    add_triangle(to, centre + face[0] * radius, centre + face[1] * radius, centre + face[2] * radius, material);
    return;
  }
  const vector3 middle[3] = {normalised(face[0] + face[1]), normalised(face[1] + face[2]),
                             normalised(face[2] + face[0])};
  add_face(to, {face[0], middle[0], middle[2]}, divisions - 1, centre, radius, material);
  add_face(to, {face[1], middle[1], middle[0]}, divisions - 1, centre, radius, material);
  add_face(to, {face[2], middle[2], middle[1]}, divisions - 1, centre, radius, material);
  add_face(to, {middle[0], middle[1], middle[2]}, divisions - 1, centre, radius, material);
}

}  // namespace

void add_triangle(triangle_list& to, vector3 a, vector3 b, vector3 c, std::uint32_t material) {
  to.push_back({a, b - a, c - a, material, {}});
}

void add_parallelogram(triangle_list& to, vector3 corner, vector3 first, vector3 second, std::uint32_t material) {
  add_triangle(to, corner, corner + first, corner + first + second, material);
  add_triangle(to, corner, corner + first + second, corner + second, material);
}

void add_block(triangle_list& to, vector3 corner, vector3 x, vector3 y, vector3 z, std::uint32_t material) {
  add_parallelogram(to, corner, y, x, material);
  add_parallelogram(to, corner, z, y, material);
  add_parallelogram(to, corner, x, z, material);
  add_parallelogram(to, corner + z, x, y, material);
  add_parallelogram(to, corner + x, y, z, material);
  add_parallelogram(to, corner + y, z, x, material);
}

void add_ball(triangle_list& to, vector3 centre, float radius, int divisions, std::uint32_t material) {
  // Corners of an icosahedron: (0, +-1, +-golden ratio) and its rotations.
  constexpr float g = 1.618034F;
  const vector3 corner[12] = {{-1, g, 0},  {1, g, 0},  {-1, -g, 0}, {1, -g, 0}, {0, -1, g},  {0, 1, g},
                              {0, -1, -g}, {0, 1, -g}, {g, 0, -1},  {g, 0, 1},  {-g, 0, -1}, {-g, 0, 1}};
  constexpr int face[20][3] = {{0, 11, 5},  {0, 5, 1},  {0, 1, 7},  {0, 7, 10}, {0, 10, 11}, {1, 5, 9}, {5, 11, 4},
                               {11, 10, 2}, {10, 7, 6}, {7, 1, 8},  {3, 9, 4},  {3, 4, 2},   {3, 2, 6}, {3, 6, 8},
                               {3, 8, 9},   {4, 9, 5},  {2, 4, 11}, {6, 2, 10}, {8, 6, 7},   {9, 8, 1}};
  for (const auto& f : face) {
    add_face(to, {normalised(corner[f[0]]), normalised(corner[f[1]]), normalised(corner[f[2]])}, divisions, centre,
             radius, material);
  }
}

}  // namespace gpubench::rendering
