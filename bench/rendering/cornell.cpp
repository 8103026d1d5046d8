#include "bench/rendering/scene.hpp"
#include "bench/rendering/shapes.hpp"

namespace gpubench::rendering {

using kernels::surface;

/// A room of 2 x 2 x 2 around the origin, open towards the camera.
scene make_cornell() {
  enum : std::uint32_t { white, red, green, lamp, metal, glass };
  scene s;
  s.materials = {{surface::diffuse, {0.73F, 0.73F, 0.73F}, 0, {}},   {surface::diffuse, {0.63F, 0.06F, 0.05F}, 0, {}},
                 {surface::diffuse, {0.14F, 0.45F, 0.09F}, 0, {}},   {surface::diffuse, {}, 0, {17, 12, 6}},
                 {surface::metal, {0.85F, 0.85F, 0.88F}, 0.05F, {}}, {surface::glass, {1, 1, 1}, 1.5F, {}}};
  auto& t = s.triangles;
  add_parallelogram(t, {-1, -1, -1}, {0, 0, 2}, {2, 0, 0}, white);  // floor
  add_parallelogram(t, {-1, 1, -1}, {2, 0, 0}, {0, 0, 2}, white);   // ceiling
  add_parallelogram(t, {-1, -1, -1}, {2, 0, 0}, {0, 2, 0}, white);  // back
  add_parallelogram(t, {-1, -1, -1}, {0, 2, 0}, {0, 0, 2}, red);    // left
  add_parallelogram(t, {1, -1, -1}, {0, 0, 2}, {0, 2, 0}, green);   // right
  add_parallelogram(t, {-0.25F, 0.998F, -0.25F}, {0.5F, 0, 0}, {0, 0, 0.5F}, lamp);
  add_block(t, {-0.75F, -1, -0.45F}, {0.57F, 0, 0.18F}, {0, 1.2F, 0}, {-0.18F, 0, 0.57F}, metal);
  add_block(t, {0.05F, -1, 0.25F}, {0.58F, 0, -0.16F}, {0, 0.35F, 0}, {0.16F, 0, 0.58F}, white);
  add_ball(t, {0.42F, -0.35F, 0.46F}, 0.3F, 5, glass);
  s.seen_from = {{0, 0, 3.9F}, {0, 0, 0}, 0.75F};
  finish(s, true);
  return s;
}

}  // namespace gpubench::rendering
