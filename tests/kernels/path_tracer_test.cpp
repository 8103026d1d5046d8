#include "kernels/path_tracer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace gpubench::kernels {
namespace {

constexpr triangle lower_right{{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, 0, {}};

TEST(triangles, are_hit_from_both_sides_and_missed_beside_and_behind) {
  EXPECT_FLOAT_EQ(distance_to(lower_right, {{0.25F, 0.25F, 2}, {0, 0, -1}}), 2);
  EXPECT_FLOAT_EQ(distance_to(lower_right, {{0.25F, 0.25F, -3}, {0, 0, 1}}), 3);
  EXPECT_FLOAT_EQ(distance_to(lower_right, {{0.25F, 0.25F, 2}, {0, 0, -0.5F}}), 4) << "in lengths of the direction";
  EXPECT_EQ(distance_to(lower_right, {{0.75F, 0.75F, 2}, {0, 0, -1}}), no_limit) << "beyond the long side";
  EXPECT_EQ(distance_to(lower_right, {{-0.1F, 0.5F, 2}, {0, 0, -1}}), no_limit);
  EXPECT_EQ(distance_to(lower_right, {{0.25F, 0.25F, 2}, {0, 0, 1}}), no_limit) << "behind the origin";
  EXPECT_EQ(distance_to(lower_right, {{0.25F, 0.25F, 2}, {1, 0, 0}}), no_limit) << "parallel";
}

TEST(triangles, of_two_equally_far_ones_the_first_is_kept_in_either_order) {
  hit best;
  keep_nearest(best, 2, 7);
  keep_nearest(best, 2, 3);
  EXPECT_EQ(best.triangle, 3U);
  keep_nearest(best, 2, 5);
  EXPECT_EQ(best.triangle, 3U);
  keep_nearest(best, no_limit, 1);
  EXPECT_EQ(best.triangle, 3U);
}

wide_node node_of_empty_lanes() {
  wide_node node;
  for (int axis = 0; axis < 3; ++axis) {
    for (int lane = 0; lane < node_width; ++lane) {
      node.bounds[0][axis][lane] = std::numeric_limits<float>::infinity();
      node.bounds[1][axis][lane] = -std::numeric_limits<float>::infinity();
    }
  }
  return node;
}

TEST(boxes, are_met_in_their_own_lane_where_the_ray_enters_them) {
  wide_node node = node_of_empty_lanes();
  for (const int lane : {1, 6}) {
    for (int axis = 0; axis < 3; ++axis) {
      node.bounds[0][axis][lane] = axis == 0 ? static_cast<float>(lane) : 0;
      node.bounds[1][axis][lane] = axis == 0 ? static_cast<float>(lane) + 0.5F : 1;
    }
  }
  float entry[node_width];
  EXPECT_EQ(boxes_met(node, slabs_of({{-1, 0.5F, 0.5F}, {1, 0, 0}}), no_limit, entry), (1U << 1) | (1U << 6));
  EXPECT_FLOAT_EQ(entry[1], 2);
  EXPECT_FLOAT_EQ(entry[6], 7);
  EXPECT_EQ(boxes_met(node, slabs_of({{-1, 0.5F, 0.5F}, {1, 0, 0}}), 3, entry), 1U << 1) << "the other lies beyond";
  EXPECT_EQ(boxes_met(node, slabs_of({{9, 0.5F, 0.5F}, {-1, 0, 0}}), no_limit, entry), (1U << 1) | (1U << 6));
  EXPECT_FLOAT_EQ(entry[6], 2.5F) << "from the other side";
  EXPECT_EQ(boxes_met(node, slabs_of({{6.2F, 0.5F, 0.5F}, {1, 0, 0}}), no_limit, entry), 1U << 6);
  EXPECT_EQ(entry[6], 0) << "from inside";
  EXPECT_EQ(boxes_met(node, slabs_of({{-1, 1.5F, 0.5F}, {1, 0, 0}}), no_limit, entry), 0U) << "passes above";
}

TEST(random_numbers, are_the_same_for_the_same_use_and_uniform_over_uses) {
  const auto once = random4(17, 3, 2), again = random4(17, 3, 2), other = random4(17, 3, 3);
  EXPECT_EQ(once.a, again.a);
  EXPECT_EQ(once.d, again.d);
  EXPECT_NE(once.a, other.a);
  // The mean of n uniform numbers has a standard error of sqrt(1 / 12 n); four of them must do.
  constexpr int n = 40'000;
  double sum[4] = {}, product = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    const auto r = random4(i, 0, 0);
    sum[0] += r.a;
    sum[1] += r.b;
    sum[2] += r.c;
    sum[3] += r.d;
    product += (r.a - 0.5) * (random4(i, 1, 0).a - 0.5);
  }
  for (const double s : sum) EXPECT_NEAR(s / n, 0.5, 4 * std::sqrt(1.0 / 12 / n));
  EXPECT_NEAR(product / n, 0, 4.0 / 12 / std::sqrt(n)) << "samples of a pixel are independent";
}

TEST(fresnel, agrees_with_values_worked_by_hand) {
  // Glass of 1.5: ((1.5 - 1) / (1.5 + 1))^2; at 45 degrees (0.3033^2 + 0.0920^2) / 2.
  EXPECT_NEAR(fresnel_reflectance(1, 1 / 1.5F), 0.04, 1e-6);
  EXPECT_NEAR(fresnel_reflectance(1, 1.5F), 0.04, 1e-6) << "the same from inside";
  EXPECT_NEAR(fresnel_reflectance(std::sqrt(0.5F), 1 / 1.5F), 0.0502, 1e-4);
  EXPECT_NEAR(fresnel_reflectance(0, 1 / 1.5F), 1, 1e-6) << "grazing";
  EXPECT_EQ(fresnel_reflectance(std::sqrt(0.5F), 1.5F), 1) << "beyond the critical angle of 41.8 degrees";
}

TEST(refraction, obeys_snell) {
  const float cosine = std::cos(pi / 6);
  const vector3 inside = refracted({std::sin(pi / 6), -cosine, 0}, {0, 1, 0}, cosine, 1 / 1.5F);
  EXPECT_NEAR(inside.x, 0.5 / 1.5, 1e-6);
  EXPECT_NEAR(length(inside), 1, 1e-6);
  EXPECT_LT(inside.y, 0);
}

TEST(diffuse_directions, have_a_mean_cosine_of_two_thirds) {
  constexpr int n = 40'000;
  double sum = 0;
  for (std::uint32_t i = 0; i < n; ++i) {
    const auto r = random4(i, 0, 1);
    const vector3 direction = cosine_direction({0, 0, 1}, r.a, r.b);
    ASSERT_NEAR(length(direction), 1, 1e-5);
    ASSERT_GE(direction.z, 0);
    sum += direction.z;
  }
  // Variance 1/2 - 4/9.
  EXPECT_NEAR(sum / n, 2.0 / 3, 4 * std::sqrt(1.0 / 18 / n));
}

/// A closed cube of side 2 around the origin, of the given material, and a lamp in it as a second one if wanted.
struct room {
  std::vector<triangle> triangles;
  std::vector<material> materials;
  std::vector<std::uint32_t> lights;

  explicit room(const material& walls) : materials{walls} {
    for (int axis = 0; axis < 3; ++axis) {
      for (const float side : {-1.0F, 1.0F}) {
        const auto turned = [&](float a, float b, float c) {
          const float value[3] = {a, b, c};
          return vector3{value[(3 - axis) % 3], value[(4 - axis) % 3], value[(5 - axis) % 3]};
        };
        // Edges reach a little beyond the corners, so that rounding leaves no gap.
        const vector3 corner = turned(side, -1.001F, -1.001F), b = turned(0, 2.002F, 0), c = turned(0, 0, 2.002F);
        triangles.push_back({corner, b, b + c, 0, {}});
        triangles.push_back({corner, b + c, c, 0, {}});
      }
    }
  }
  void add_lamp(float half_width, float radiance, bool listed) {
    materials.push_back({surface::diffuse, {}, 0, {radiance, radiance, radiance}});
    const vector3 corner{-half_width, 0.99F, -half_width}, x{2 * half_width, 0, 0}, z{0, 0, 2 * half_width};
    triangles.push_back({corner, x, x + z, 1, {}});
    triangles.push_back({corner, x + z, z, 1, {}});
    if (listed) lights = {12, 13};
  }
  scene_view view() const {
    scene_view v;
    v.triangles = triangles.data();
    v.triangle_count = static_cast<std::uint32_t>(triangles.size());
    v.materials = materials.data();
    v.lights = lights.data();
    v.light_count = static_cast<std::uint32_t>(lights.size());
    return v;
  }
};

struct estimate {
  double mean = 0, standard_error = 0;
};

estimate mean_radiance(const scene_view& scene, vector3 eye, vector3 direction, std::uint32_t bounces, int paths) {
  double sum = 0, squares = 0;
  for (int i = 0; i < paths; ++i) {
    no_count count;
    const double found = path_radiance(exhaustive_search{scene}, {eye, normalised(direction)}, 5,
                                       static_cast<std::uint32_t>(i), bounces, count)
                             .y;
    sum += found;
    squares += found * found;
  }
  const double mean = sum / paths;
  return {mean, std::sqrt(std::max(0.0, squares / paths - mean * mean) / paths)};
}

TEST(furnace, a_closed_room_of_shining_walls_has_the_radiance_of_the_geometric_series) {
  // Each bounce adds the walls' radiance times the albedo once more: sum of 0.5^k for k = 0 ... 4, on every single
  // path.
  const room furnace({surface::diffuse, {0.5F, 0.5F, 0.5F}, 0, {1, 1, 1}});
  const auto found = mean_radiance(furnace.view(), {0.1F, 0.2F, -0.3F}, {0.3F, 0.5F, 0.8F}, 4, 200);
  EXPECT_NEAR(found.mean, 1.9375, 1e-5);
  EXPECT_NEAR(found.standard_error, 0, 1e-3);
}

TEST(furnace, mirrors_give_the_same_series) {
  const room furnace({surface::metal, {0.5F, 0.5F, 0.5F}, 0, {1, 1, 1}});
  EXPECT_NEAR(mean_radiance(furnace.view(), {0.1F, 0.2F, -0.3F}, {0.3F, 0.5F, 0.8F}, 4, 10).mean, 1.9375, 1e-5);
}

TEST(furnace, rough_mirrors_lose_no_light_either) {
  const room furnace({surface::metal, {0.5F, 0.5F, 0.5F}, 0.8F, {1, 1, 1}});
  EXPECT_NEAR(mean_radiance(furnace.view(), {0.1F, 0.2F, -0.3F}, {0.3F, 0.5F, 0.8F}, 4, 10).mean, 1.9375, 1e-5);
}

TEST(furnace, a_wrong_albedo_is_seen) {
  const room furnace({surface::diffuse, {0.51F, 0.5F, 0.5F}, 0, {1, 1, 1}});
  no_count count;
  const auto found = path_radiance(exhaustive_search{furnace.view()}, {{0, 0, 0}, {0, 0, 1}}, 0, 0, 4, count);
  EXPECT_GT(std::abs(found.x - 1.9375), 0.01);
  EXPECT_NEAR(found.y, 1.9375, 1e-5);
}

TEST(furnace, a_glass_block_under_an_even_sky_loses_no_light) {
  room glass({surface::glass, {1, 1, 1}, 1.5F, {}});
  scene_view view = glass.view();
  view.background = {{1, 1, 1}, {1, 1, 1}, {}, {0, 1, 0}};
  const auto found = mean_radiance(view, {3, 2.5F, 4}, {-3, -2.5F, -4}, 200, 500);
  EXPECT_NEAR(found.mean, 1, 1e-3);
}

TEST(light_sampling, agrees_with_the_form_factor_of_a_square_lamp) {
  // Straight below the middle of a square of half width a at height h, A = a / h: the form factor is
  // 4 / pi * s * atan(s) with s = A / sqrt(1 + A^2) (Howell, "A catalog of radiation heat transfer configuration
  // factors", B-4). For a = 0.5, h = 1.99: 0.074168. Radiance: albedo times the lamp's times the factor.
  room lit({surface::diffuse, {0.6F, 0.6F, 0.6F}, 0, {}});
  lit.add_lamp(0.5F, 10, true);
  const auto found = mean_radiance(lit.view(), {0, 0, 0}, {0, -1, 0}, 1, 20'000);
  EXPECT_NEAR(found.mean, 0.6 * 10 * 0.074168, 4 * found.standard_error);
  EXPECT_LT(found.standard_error / found.mean, 0.001);
}

TEST(light_sampling, finds_the_same_light_as_chance) {
  room by_chance({surface::diffuse, {0.6F, 0.6F, 0.6F}, 0, {}}), by_shadow_rays = by_chance;
  by_chance.add_lamp(0.5F, 10, false);
  by_shadow_rays.add_lamp(0.5F, 10, true);
  const auto chance = mean_radiance(by_chance.view(), {0.1F, 0.2F, -0.3F}, {0.3F, -0.5F, 0.8F}, 4, 60'000);
  const auto directed = mean_radiance(by_shadow_rays.view(), {0.1F, 0.2F, -0.3F}, {0.3F, -0.5F, 0.8F}, 4, 60'000);
  EXPECT_LT(directed.standard_error, chance.standard_error);
  EXPECT_NEAR(directed.mean, chance.mean, 4 * std::hypot(chance.standard_error, directed.standard_error));
  EXPECT_LT(chance.standard_error / chance.mean, 0.02);
}

TEST(rays, are_counted_shadow_rays_among_them) {
  room lit({surface::diffuse, {0.6F, 0.6F, 0.6F}, 0, {}});
  lit.add_lamp(0.3F, 10, true);
  search_count count;
  static_cast<void>(path_radiance(exhaustive_search{lit.view()}, {{0, 0, 0}, {0, -1, 0}}, 1, 1, 0, count));
  EXPECT_EQ(count.rays, 1U) << "without bounces the first ray alone";
  EXPECT_EQ(count.triangle_tests, 14U);
  static_cast<void>(path_radiance(exhaustive_search{lit.view()}, {{0, 0, 0}, {0, -1, 0}}, 1, 1, 1, count));
  EXPECT_EQ(count.rays, 1U + 3U) << "first ray, shadow ray, bounce";
}

}  // namespace
}  // namespace gpubench::kernels
