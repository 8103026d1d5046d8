#include "bench/rendering/scene.hpp"

#include "bench/rendering/hierarchy.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

namespace gpubench::rendering {

using kernels::vector3;

namespace {

kernels::camera camera_at(const viewpoint& from, float aspect) {
  const vector3 forward = normalised(from.target - from.eye);
  const vector3 right = normalised(cross(forward, {0, 1, 0}));
  const vector3 up = cross(right, forward);
  const vector3 across = right * (from.vertical_field * aspect), down = up * -from.vertical_field;
  return {from.eye, forward - across * 0.5F - down * 0.5F, across, down};
}

}  // namespace

kernels::scene_view scene::view(std::uint32_t width, std::uint32_t height) const {
  kernels::scene_view result;
  result.nodes = nodes.data();
  result.triangles = triangles.data();
  result.materials = materials.data();
  result.lights = lights.data();
  result.light_count = static_cast<std::uint32_t>(lights.size());
  result.triangle_count = static_cast<std::uint32_t>(triangles.size());
  result.eye = camera_at(seen_from, static_cast<float>(width) / static_cast<float>(height));
  result.background = background;
  return result;
}

scene make_scene(std::string_view name) {
  if (name == "cornell") return make_cornell();
  if (name == "meadow") return make_meadow();
  throw error(error_kind::usage, "no scene '" + std::string(name) + "'", "known are cornell, meadow");
}

void finish(scene& made, bool shadow_rays) {
  made.nodes = build_hierarchy(made.triangles);
  made.lights.clear();
  if (!shadow_rays) return;
  for (std::uint32_t i = 0; i < made.triangles.size(); ++i) {
    if (largest(made.materials[made.triangles[i].material].emission) > 0) made.lights.push_back(i);
  }
}

}  // namespace gpubench::rendering
