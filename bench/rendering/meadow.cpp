#include "bench/rendering/scene.hpp"
#include "bench/rendering/shapes.hpp"
#include "kernels/path_random.hpp"

#include <cmath>
#include <cstdint>

namespace gpubench::rendering {
namespace {

using kernels::normalised;
using kernels::surface;
using kernels::vector3;

constexpr float half_width = 8;    // of the ground, a square around the origin
constexpr int ground_cells = 320;  // a side, two triangles each
constexpr int blades = 80'000, balls = 60, ball_divisions = 4;

enum : std::uint32_t { earth, moss, light_grass, dark_grass, dry_grass, paint, metal, rough_metal, glass };

/// Uniform in [0, 1), of a place in a lattice.
float lattice_value(std::uint32_t x, std::uint32_t z, std::uint32_t octave) {
  return kernels::random4(x, z, octave).a;
}

/// Value noise: lattice values, smoothly interpolated.
float noise(float x, float z, std::uint32_t octave) {
  const float floor_x = std::floor(x), floor_z = std::floor(z);
  const float u = x - floor_x, v = z - floor_z;
  const auto i = static_cast<std::uint32_t>(floor_x), k = static_cast<std::uint32_t>(floor_z);
  const float smooth_u = u * u * (3 - 2 * u), smooth_v = v * v * (3 - 2 * v);
  const float near_row = lattice_value(i, k, octave) * (1 - smooth_u) + lattice_value(i + 1, k, octave) * smooth_u;
  const float far_row =
      lattice_value(i, k + 1, octave) * (1 - smooth_u) + lattice_value(i + 1, k + 1, octave) * smooth_u;
  return near_row * (1 - smooth_v) + far_row * smooth_v;
}

float ground_height(float x, float z) {
  float height = 0, size = 1.5F, frequency = 0.25F;
  for (std::uint32_t octave = 0; octave < 5; ++octave) {
    height += size * noise((x + half_width) * frequency, (z + half_width) * frequency, octave);
    size *= 0.42F;
    frequency *= 2.3F;
  }
  return height;
}

vector3 on_ground(float x, float z) {
  return {x, ground_height(x, z), z};
}

void add_ground(triangle_list& to) {
  const auto point = [](int i, int k) {
    constexpr float cell = 2 * half_width / ground_cells;
    return on_ground(static_cast<float>(i) * cell - half_width, static_cast<float>(k) * cell - half_width);
  };
  for (int k = 0; k < ground_cells; ++k) {
    for (int i = 0; i < ground_cells; ++i) {
      const vector3 a = point(i, k), b = point(i + 1, k), c = point(i + 1, k + 1), d = point(i, k + 1);
      const std::uint32_t material = a.y > 1.15F ? earth : moss;
      add_triangle(to, a, c, b, material);
      add_triangle(to, a, d, c, material);
    }
  }
}

/// Random places and sizes: the n-th thing of a kind.
kernels::uniform4 drawn(int n, std::uint32_t kind) {
  return kernels::random4(static_cast<std::uint32_t>(n), 0x6d65U, kind);
}

void add_grass(triangle_list& to) {
  for (int n = 0; n < blades; ++n) {
    const auto place = drawn(n, 100), shape = drawn(n, 101);
    const vector3 root = on_ground((2 * place.a - 1) * half_width, (2 * place.b - 1) * half_width);
    const vector3 lean{(place.c - 0.5F) * 0.12F, 0.06F + 0.16F * shape.a, (place.d - 0.5F) * 0.12F};
    const vector3 width = normalised({shape.b - 0.5F, 0, shape.c - 0.5001F}) * 0.012F;
    const std::uint32_t material = light_grass + static_cast<std::uint32_t>(shape.d * 3);
    add_triangle(to, root - width, root + width, root + lean, material);
  }
}

void add_balls(triangle_list& to) {
  constexpr std::uint32_t kinds[] = {glass, metal, paint, rough_metal};
  for (int n = 0; n < balls; ++n) {
    const auto place = drawn(n, 102);
    const float radius = 0.12F + 0.3F * place.c * place.c;
    vector3 centre = on_ground((2 * place.a - 1) * 0.8F * half_width, (2 * place.b - 1) * 0.8F * half_width);
    centre.y += 0.9F * radius;
    add_ball(to, centre, radius, ball_divisions, kinds[n % 4]);
  }
}

}  // namespace

scene make_meadow() {
  scene s;
  s.materials = {{surface::diffuse, {0.35F, 0.26F, 0.17F}, 0, {}}, {surface::diffuse, {0.16F, 0.22F, 0.07F}, 0, {}},
                 {surface::diffuse, {0.30F, 0.45F, 0.10F}, 0, {}}, {surface::diffuse, {0.12F, 0.30F, 0.06F}, 0, {}},
                 {surface::diffuse, {0.55F, 0.50F, 0.22F}, 0, {}}, {surface::diffuse, {0.75F, 0.18F, 0.10F}, 0, {}},
                 {surface::metal, {0.92F, 0.92F, 0.94F}, 0, {}},   {surface::metal, {0.95F, 0.75F, 0.40F}, 0.25F, {}},
                 {surface::glass, {0.98F, 1.0F, 0.99F}, 1.5F, {}}};
  s.background = {{0.85F, 0.88F, 0.95F}, {0.25F, 0.45F, 0.85F}, {6.0F, 5.0F, 3.5F}, normalised({-0.5F, 0.55F, -0.4F})};
  add_ground(s.triangles);
  add_grass(s.triangles);
  add_balls(s.triangles);
  s.seen_from = {{0.6F, 2.5F, 7.2F}, {0, 0.9F, 0}, 0.72F};
  finish(s, true);
  return s;
}

}  // namespace gpubench::rendering
