#pragma once

#include "kernels/path_random.hpp"
#include "kernels/ray_intersection.hpp"
#include "kernels/surface_scattering.hpp"

namespace gpubench::kernels {

/// A picture to make. A path is its first ray and one more for each bounce, as the planner counts it (op=path_tracing).
struct image_settings {
  std::uint32_t width = 1, height = 1, samples_per_pixel = 1;
  std::uint32_t bounces = 4;
};

/// A point moved off its surface to the side of `normal`, so that a ray from it does not find the surface again.
GPUBENCH_HOST_DEVICE inline vector3 off_surface(vector3 point, vector3 normal) {
  const float scale = larger(1.0F, larger(fabsf(point.x), larger(fabsf(point.y), fabsf(point.z))));
  return point + normal * (5e-5F * scale);
}

GPUBENCH_HOST_DEVICE inline vector3 sky_radiance(const sky& s, vector3 direction) {
  const float height = 0.5F * (direction.y + 1.0F);
  float glow = larger(0.0F, dot(direction, s.sun_direction));
  for (int i = 0; i < 6; ++i) glow *= glow;  // to the power of 64
  return s.horizon * (1.0F - height) + s.zenith * height + s.glow * glow;
}

/// Light that a diffuse surface of unit albedo reflects of one point of one light, drawn uniformly by number and area,
/// so that its mean over the draws is that of all lights.
template <class Search, class Count>
GPUBENCH_HOST_DEVICE vector3 light_reflected(const Search& search, vector3 point, vector3 normal,
                                             const uniform4& random, Count& count) {
  const scene_view& scene = search.scene;
  const auto drawn = static_cast<std::uint32_t>(random.a * static_cast<float>(scene.light_count));
  const triangle& light = scene.triangles[scene.lights[drawn < scene.light_count ? drawn : scene.light_count - 1]];
  // Uniform on a triangle by folding the unit square along its diagonal.
  const bool fold = random.b + random.c > 1.0F;
  const float u = fold ? 1.0F - random.b : random.b, v = fold ? 1.0F - random.c : random.c;
  const vector3 to_light = light.corner + light.first_edge * u + light.second_edge * v - point;
  const vector3 doubled_area = cross(light.first_edge, light.second_edge);
  const float distance2 = dot(to_light, to_light);
  const float cosines = dot(to_light, normal) * fabsf(dot(to_light, doubled_area));
  if (!(cosines > 0)) return {};
  constexpr float before_light = 0.9995F;
  if (search.is_blocked({point, to_light}, before_light, count)) return {};
  const float share = 0.5F * cosines * static_cast<float>(scene.light_count) / (pi * distance2 * distance2);
  return scene.materials[light.material].emission * share;
}

/// Radiance along one path from the eye. Shadow rays go from diffuse surfaces to the scene's lights where it lists
/// some; else, and from other surfaces, light is found by chance alone. Both have the same mean (Kajiya, "The rendering
/// equation", 1986; shadow rays: Shirley, Wang and Zimmerman, "Monte Carlo techniques for direct lighting
/// calculations", 1996).
/// @param count  counts rays and tests: search_count, or no_count
template <class Search, class Count>
GPUBENCH_HOST_DEVICE vector3 path_radiance(const Search& search, ray along, std::uint32_t pixel, std::uint32_t sample,
                                           std::uint32_t bounces, Count& count) {
  const scene_view& scene = search.scene;
  vector3 radiance, weight{1, 1, 1};
  bool lights_count = true;  // nothing has sent a shadow ray for the light that this ray may find
  for (std::uint32_t bounce = 0;; ++bounce) {
    const hit found = search.nearest(along, count);
    if (found.triangle == no_triangle) return radiance + weight * sky_radiance(scene.background, along.direction);
    const triangle& on = scene.triangles[found.triangle];
    const material& of = scene.materials[on.material];
    if (lights_count) radiance = radiance + weight * of.emission;
    if (bounce == bounces || !(largest(of.color) > 0)) return radiance;
    const vector3 outside = normalised(cross(on.first_edge, on.second_edge));
    const vector3 facing = dot(along.direction, outside) < 0 ? outside : -outside;
    const vector3 point = along.origin + along.direction * found.distance;
    lights_count = of.kind != surface::diffuse || scene.light_count == 0;
    if (!lights_count) {
      const uniform4 random = random4(pixel, sample, 2 * bounce + 1);
      radiance =
          radiance + weight * of.color * light_reflected(search, off_surface(point, facing), facing, random, count);
    }
    const scattered next = scatter(of, along.direction, outside, facing, random4(pixel, sample, 2 * bounce + 2));
    weight = weight * next.weight;
    if (!(largest(weight) > 0)) return radiance;
    const bool passes = dot(next.direction, facing) < 0;
    along = {off_surface(point, passes ? -facing : facing), next.direction};
  }
}

/// Mean radiance of one sample's path after the other through a pixel; a sample's place in the pixel is random.
template <class Search, class Count>
GPUBENCH_HOST_DEVICE vector3 pixel_radiance(const Search& search, const image_settings& image, std::uint32_t x,
                                            std::uint32_t y, Count& count) {
  const camera& eye = search.scene.eye;
  const std::uint32_t pixel = y * image.width + x;
  vector3 sum;
  for (std::uint32_t sample = 0; sample < image.samples_per_pixel; ++sample) {
    const uniform4 place = random4(pixel, sample, 0);
    const float u = (static_cast<float>(x) + place.a) / static_cast<float>(image.width);
    const float v = (static_cast<float>(y) + place.b) / static_cast<float>(image.height);
    const vector3 direction = normalised(eye.corner + eye.across * u + eye.down * v);
    sum = sum + path_radiance(search, {eye.eye, direction}, pixel, sample, image.bounces, count);
  }
  return sum * (1.0F / static_cast<float>(image.samples_per_pixel));
}

}  // namespace gpubench::kernels
