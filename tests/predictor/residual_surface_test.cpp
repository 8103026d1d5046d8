#include "predictor/residual_surface.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace gpubench::predictor {
namespace {

/// A grid of octaves in the first two coordinates.
std::vector<residual_point> grid(int size) {
  std::vector<residual_point> points;
  for (int x = 0; x < size; ++x) {
    for (int y = 0; y < size; ++y)
      points.push_back({{static_cast<float>(x), static_cast<float>(y)}, 0.1F * static_cast<float>(x - y)});
  }
  return points;
}

/// The definition, over all points.
residual_lookup by_hand(const std::vector<residual_point>& points, const feature_vector& where) {
  std::vector<std::pair<double, double>> near;
  for (const residual_point& p : points) {
    double squared = 0;
    for (std::size_t i = 0; i < most_features; ++i) squared += std::pow(p.at[i] - where[i], 2);
    near.emplace_back(squared, p.log_residual);
  }
  std::sort(near.begin(), near.end());
  double weights = 0.25, sum = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(8, near.size()); ++i) {
    weights += 1 / (near[i].first + 0.05);
    sum += near[i].second / (near[i].first + 0.05);
  }
  const double distance = std::sqrt(near[0].first);
  return {sum / weights * std::exp2(-std::max(0.0, distance - 2)), distance};
}

TEST(residual_surface, without_points_says_nothing) {
  const residual_surface none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.at({}).log_residual, 0);
  EXPECT_GT(none.at({}).distance, 1e6);
  EXPECT_TRUE(residual_surface(std::vector<residual_point>{}).empty());
}

TEST(residual_surface, one_point_rules_where_it_lies_and_fades_with_distance) {
  const residual_surface one({{{3, 4, 5}, 0.5F}});
  EXPECT_EQ(one.at({3, 4, 5}).log_residual, 0.5);
  EXPECT_EQ(one.at({3, 4, 5}).distance, 0);
  // Two octaves away it and "fits exactly" weigh alike but for the 0.05.
  EXPECT_NEAR(one.at({5, 4, 5}).log_residual, 0.5 * (1 / 4.05) / (1 / 4.05 + 0.25), 1e-6);
  EXPECT_NEAR(one.at({5, 4, 5}).distance, 2, 1e-6);
  EXPECT_LT(std::abs(one.at({40, 4, 5}).log_residual), 0.002);
  // Eight that agree outweigh it, and are halved with each octave beyond two.
  const residual_surface eight(std::vector<residual_point>(8, {{3, 4, 5}, 0.5F}));
  EXPECT_NEAR(eight.at({9, 4, 5}).log_residual / (0.5 * 8 / 36.05 / (8 / 36.05 + 0.25)), 1.0 / 16, 1e-6);
}

TEST(residual_surface, agrees_with_its_definition_everywhere) {
  // At random places, so that no two points are equally near.
  std::mt19937 random(7);
  std::uniform_real_distribution<float> place(0, 20);
  std::vector<residual_point> points;
  for (int i = 0; i < 400; ++i)
    points.push_back({{place(random), place(random), place(random) / 8}, place(random) / 20});
  const residual_surface surface(points);
  for (double x = -3.1; x < 24; x += 1.37) {
    for (double y = -2.3; y < 24; y += 1.13) {
      const feature_vector at{static_cast<float>(x), static_cast<float>(y), 0.3F};
      const residual_lookup expected = by_hand(points, at), found = surface.at(at);
      ASSERT_NEAR(found.log_residual, expected.log_residual, 1e-5) << x << " " << y;
      ASSERT_NEAR(found.distance, expected.distance, 1e-4) << x << " " << y;
    }
  }
}

TEST(residual_surface, never_goes_beyond_what_it_averages) {
  const residual_surface surface(grid(10));
  for (float x = -5; x < 15; x += 0.7F) {
    const double residual = surface.at({x, 3.3F}).log_residual;
    EXPECT_LE(std::abs(residual), 0.9);
    EXPECT_TRUE(std::isfinite(residual));
  }
}

TEST(residual_surface, equal_points_share) {
  const residual_surface surface({{{1}, 0.2F}, {{1}, 0.4F}});
  EXPECT_NEAR(surface.at({1}).log_residual, 0.3, 1e-6);
}

}  // namespace
}  // namespace gpubench::predictor
