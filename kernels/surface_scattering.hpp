#pragma once

#include "kernels/path_random.hpp"
#include "kernels/scene.hpp"

namespace gpubench::kernels {

inline constexpr float pi = 3.14159265358979F;

/// Uniform on the unit sphere. Archimedes: its height is uniform.
GPUBENCH_HOST_DEVICE inline vector3 on_sphere(float u, float v) {
  const float z = 1.0F - 2.0F * u;
  const float r = sqrtf(larger(0.0F, 1.0F - z * z));
  const float angle = 2.0F * pi * v;
  return {r * cosf(angle), r * sinf(angle), z};
}

/// Around a normal with a density of cosine / pi: a point of the unit sphere that touches the plane, seen from where it
/// touches.
GPUBENCH_HOST_DEVICE inline vector3 cosine_direction(vector3 normal, float u, float v) {
  const vector3 direction = normal + on_sphere(u, v);
  const float size = length(direction);
  return size > 1e-6F ? direction * (1.0F / size) : normal;
}

GPUBENCH_HOST_DEVICE inline vector3 mirrored(vector3 direction, vector3 normal) {
  return direction - normal * (2.0F * dot(direction, normal));
}

/// Share of unpolarised light that a boundary reflects (Fresnel's equations).
/// @param ratio  of the refractive index before the boundary to that behind it; total reflection is 1
GPUBENCH_HOST_DEVICE inline float fresnel_reflectance(float cosine, float ratio) {
  const float sine2_behind = ratio * ratio * (1.0F - cosine * cosine);
  if (sine2_behind >= 1.0F) return 1.0F;
  const float cosine_behind = sqrtf(1.0F - sine2_behind);
  const float across = (ratio * cosine - cosine_behind) / (ratio * cosine + cosine_behind);
  const float along = (cosine - ratio * cosine_behind) / (cosine + ratio * cosine_behind);
  return 0.5F * (across * across + along * along);
}

/// Behind the boundary, by Snell's law; not to be asked under total reflection.
GPUBENCH_HOST_DEVICE inline vector3 refracted(vector3 direction, vector3 normal, float cosine, float ratio) {
  const float cosine_behind = sqrtf(larger(0.0F, 1.0F - ratio * ratio * (1.0F - cosine * cosine)));
  return direction * ratio + normal * (ratio * cosine - cosine_behind);
}

/// Where a path goes on from a surface, and what it keeps of the light. A weight of zero ends it.
struct scattered {
  vector3 direction, weight;
};

/// @param direction  of the path, of unit length
/// @param outside    the surface's own normal; the one against the path is `facing`
GPUBENCH_HOST_DEVICE inline scattered scatter(const material& of, vector3 direction, vector3 outside, vector3 facing,
                                              const uniform4& random) {
  switch (of.kind) {
    case surface::diffuse:
      // The cosine and 1/pi of Lambert's law cancel against the density of the direction.
      return {cosine_direction(facing, random.a, random.b), of.color};
    case surface::metal: {
      vector3 mirror = mirrored(direction, facing);
      if (of.parameter > 0) mirror = normalised(mirror + on_sphere(random.a, random.b) * (of.parameter * random.c));
      // What would leave through the surface is mirrored by it once more, so that no light is lost but by the colour.
      const float out = dot(mirror, facing);
      return {out < 0 ? mirror - facing * (2 * out) : mirror, of.color};
    }
    case surface::glass: {
      const bool entering = dot(direction, outside) < 0;
      const float ratio = entering ? 1.0F / of.parameter : of.parameter;
      const float cosine = smaller(1.0F, -dot(direction, facing));
      if (random.a < fresnel_reflectance(cosine, ratio)) return {mirrored(direction, facing), of.color};
      return {normalised(refracted(direction, facing, cosine, ratio)), of.color};
    }
    default:
      return {direction, {}};
  }
}

}  // namespace gpubench::kernels
