#pragma once

#include "bench/rendering/scene_arrays.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gpubench::rendering {

/// From where and where to a picture looks, y up.
struct viewpoint {
  kernels::vector3 eye, target;
  float vertical_field = 1;  ///< twice the tangent of half the vertical angle of view
};

/// A scene ready for rays. Lengths are in units of the scene.
struct scene {
  triangle_list triangles;  ///< in the order of the hierarchy's leaves
  std::vector<kernels::material> materials;
  node_list nodes;
  std::vector<std::uint32_t> lights;  ///< triangles that get shadow rays
  viewpoint seen_from;
  kernels::sky background;

  /// For pictures of that width and height. Valid while the scene lives and does not change.
  kernels::scene_view view(std::uint32_t width, std::uint32_t height) const;
};

/// Known scenes: "cornell", a box with a lamp, a metal block and a glass ball after the Cornell box (Goral et al.,
/// "Modeling the interaction of light between diffuse surfaces", 1984); "meadow", hilly ground with grass and balls of
/// all materials under an open sky, more than half a million triangles. Always the same.
inline constexpr std::string_view scene_names[] = {"cornell", "meadow"};

/// @throws error: usage for an unknown name, with the known ones.
scene make_scene(std::string_view name);

scene make_cornell();
scene make_meadow();

/// Builds the hierarchy and lists the lights: the triangles whose material shines, where `shadow_rays` says so.
void finish(scene& made, bool shadow_rays);

}  // namespace gpubench::rendering
