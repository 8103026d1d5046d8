#include "bench/rendering/check.hpp"
#include "bench/rendering/hierarchy.hpp"
#include "bench/rendering/picture.hpp"
#include "bench/rendering/shapes.hpp"
#include "core/error.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "host_case.hpp"

namespace gpubench::bench {
namespace {

using kernels::vector3;
using rendering::mean_deviation;
using testing::HasSubstr;
using testing_support::definition_of;

const rendering::scene& cornell() {
  static const auto made = rendering::make_scene("cornell");
  return made;
}
const rendering::scene& meadow() {
  static const auto made = rendering::make_scene("meadow");
  return made;
}

kernels::image_settings small_image(std::uint32_t samples) {
  return {96, 54, samples, 4};
}

TEST(scenes, of_both_names_are_made_and_others_refused_with_the_known_ones) {
  EXPECT_GE(meadow().triangles.size(), 500'000U);
  EXPECT_GT(cornell().triangles.size(), 10'000U);
  EXPECT_EQ(cornell().lights.size(), 2U);
  try {
    static_cast<void>(rendering::make_scene("teapot"));
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::usage);
    EXPECT_THAT(e.hint(), HasSubstr("cornell, meadow"));
  }
}

TEST(scenes, are_the_same_each_time) {
  const auto again = rendering::make_scene("cornell");
  ASSERT_EQ(again.triangles.size(), cornell().triangles.size());
  EXPECT_EQ(std::memcmp(again.triangles.data(), cornell().triangles.data(),
                        again.triangles.size() * sizeof(kernels::triangle)),
            0);
}

TEST(shapes, face_outwards) {
  rendering::triangle_list ball, block;
  rendering::add_ball(ball, {1, 2, 3}, 2, 2, 0);
  rendering::add_block(block, {0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}, 0);
  EXPECT_EQ(ball.size(), 320U);
  EXPECT_EQ(block.size(), 12U);
  const auto outwards = [](const kernels::triangle& t, vector3 centre) {
    return dot(cross(t.first_edge, t.second_edge), t.corner - centre) > 0;
  };
  for (const auto& t : ball) EXPECT_TRUE(outwards(t, {1, 2, 3}));
  for (const auto& t : block) EXPECT_TRUE(outwards(t, {0.5F, 0.5F, 0.5F}));
}

/// Counts how often each triangle stands in a leaf below a node.
void count_leaves(const rendering::scene& s, std::uint32_t child, std::vector<int>& found) {
  if (kernels::is_leaf(child)) {
    for (std::uint32_t i = 0; i < kernels::leaf_count(child); ++i) ++found.at(kernels::leaf_first(child) + i);
    return;
  }
  for (const std::uint32_t below : s.nodes.at(child).child) count_leaves(s, below, found);
}

TEST(hierarchy, holds_every_triangle_once) {
  for (const auto* s : {&cornell(), &meadow()}) {
    std::vector<int> found(s->triangles.size());
    count_leaves(*s, 0, found);
    EXPECT_THAT(found, testing::Each(1));
  }
}

TEST(hierarchy, takes_one_triangle_and_many_in_one_place) {
  for (const std::size_t count : {1, 3, 100}) {
    rendering::scene s;
    for (std::size_t i = 0; i < count; ++i) rendering::add_triangle(s.triangles, {0, 0, 0}, {1, 0, 0}, {0, 1, 0}, 0);
    s.materials.emplace_back();
    rendering::finish(s, false);
    std::vector<int> found(count);
    count_leaves(s, 0, found);
    EXPECT_THAT(found, testing::Each(1));
    kernels::no_count none;
    const kernels::tree_search search{s.view(1, 1)};
    EXPECT_EQ(search.nearest({{0.2F, 0.2F, 1}, {0, 0, -1}}, none).triangle, 0U);
    EXPECT_EQ(search.nearest({{2, 2, 1}, {0, 0, -1}}, none).triangle, kernels::no_triangle);
  }
  rendering::triangle_list none;
  EXPECT_THROW(static_cast<void>(rendering::build_hierarchy(none)), error);
}

/// Rays between random points of the box from -size to size, as many as asked.
std::vector<kernels::ray> random_rays(int count, float size) {
  std::vector<kernels::ray> rays;
  for (int i = 0; i < count; ++i) {
    const auto from = kernels::random4(static_cast<std::uint32_t>(i), 0, 7);
    const auto to = kernels::random4(static_cast<std::uint32_t>(i), 1, 7);
    const vector3 origin = vector3{from.a - 0.5F, from.b - 0.4F, from.c - 0.5F} * (2 * size);
    const vector3 target = vector3{to.a - 0.5F, to.b - 0.5F, to.c - 0.5F} * (2 * size);
    rays.push_back({origin, normalised(target - origin)});
  }
  return rays;
}

void expect_the_same_hits(const rendering::scene& s, const std::vector<kernels::ray>& rays) {
  const kernels::tree_search tree{s.view(16, 9)};
  const kernels::exhaustive_search all{s.view(16, 9)};
  kernels::no_count none;
  std::size_t hits = 0;
  for (const auto& ray : rays) {
    const auto found = tree.nearest(ray, none), expected = all.nearest(ray, none);
    EXPECT_EQ(found.triangle, expected.triangle);
    EXPECT_EQ(found.distance, expected.distance);
    EXPECT_EQ(tree.is_blocked(ray, 1, none), all.is_blocked(ray, 1, none));
    hits += found.triangle != kernels::no_triangle ? 1 : 0;
  }
  EXPECT_GT(hits, rays.size() / 10) << "too few to say anything";
}

TEST(search, through_the_hierarchy_finds_what_testing_every_triangle_finds) {
  expect_the_same_hits(cornell(), random_rays(4000, 1.2F));
  expect_the_same_hits(meadow(), random_rays(12, 6));
  // Along the axes, where a direction has zeros.
  expect_the_same_hits(cornell(), {{{0.1F, 0.2F, 0.3F}, {1, 0, 0}},
                                   {{0.1F, 0.2F, 0.3F}, {0, -1, 0}},
                                   {{0.1F, 0.2F, 0.3F}, {0, 0, -1}},
                                   {{-1, 0.2F, 0.3F}, {0, -1, 0}}});
}

// These tests are compiled without fused multiply-adds and vectors, the library with them: two devices, as it were.
std::vector<vector3> rendered_by_other_code(const rendering::scene& s, const kernels::image_settings& image,
                                            const std::vector<std::uint32_t>& pixels) {
  const kernels::tree_search search{s.view(image.width, image.height)};
  kernels::no_count none;
  std::vector<vector3> result;
  for (const auto p : pixels) result.push_back(pixel_radiance(search, image, p % image.width, p / image.width, none));
  return result;
}

std::vector<vector3> picked(const rendering::picture& from, const std::vector<std::uint32_t>& pixels, int shift = 0) {
  std::vector<vector3> result;
  for (const auto p : pixels) {
    const std::int64_t row = p / from.width, column = (p % from.width + shift) % from.width;
    result.push_back(from.pixels[static_cast<std::size_t>(row * from.width + column)]);
  }
  return result;
}

class pictures : public testing::TestWithParam<const char*> {
 protected:
  const rendering::scene& scene() const { return std::string(GetParam()) == "meadow" ? meadow() : cornell(); }
};

TEST_P(pictures, by_other_machine_code_agree_and_a_shifted_one_does_not) {
  const auto image = small_image(8);
  rendering::picture made;
  rendering::render(scene(), image, 2, made);
  const auto pixels = rendering::spread_pixels(image, 1024);
  const auto other = rendered_by_other_code(scene(), image, pixels);
  const double right = mean_deviation(picked(made, pixels), other);
  const double shifted = mean_deviation(picked(made, pixels, 1), other);
  RecordProperty("deviation", fmt::format("{:.3g}", right));
  RecordProperty("deviation_shifted", fmt::format("{:.3g}", shifted));
  EXPECT_LT(right, rendering::other_device_tolerance / 3);
  EXPECT_GT(shifted, 3 * rendering::other_device_tolerance);
}

TEST_P(pictures, do_not_depend_on_the_number_of_threads) {
  const auto image = small_image(2);
  rendering::picture one, three;
  rendering::render(scene(), image, 1, one);
  rendering::render(scene(), image, 3, three);
  EXPECT_EQ(mean_deviation(one.pixels, three.pixels), 0);
}

INSTANTIATE_TEST_SUITE_P(both, pictures, testing::Values("cornell", "meadow"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST(exhaustive_search, finds_a_picture_of_a_hierarchy_that_lost_a_part_wrong) {
  auto broken = cornell();
  for (auto& child : broken.nodes[0].child) {
    if (!kernels::is_leaf(child)) child = kernels::leaf_of(0, 0);
  }
  const auto image = small_image(4);
  const auto pixels = rendering::pixels_for_exhaustive_search(image);
  rendering::picture made;
  rendering::render(broken, image, 2, made);
  const auto expected = rendering::render_pixels_exhaustively(broken, image, pixels, 2);
  EXPECT_GT(mean_deviation(picked(made, pixels), expected), rendering::same_code_tolerance);
}

TEST(deviation, is_the_mean_difference_over_the_mean_and_infinite_for_what_is_no_picture) {
  const std::vector<vector3> two{{1, 1, 1}, {1, 1, 1}};
  EXPECT_EQ(mean_deviation(two, two), 0);
  EXPECT_NEAR(mean_deviation({{1, 1, 1}, {1, 1, 4}}, two), 0.5, 1e-9);
  EXPECT_EQ(mean_deviation({{1, 1, 1}, {1, NAN, 1}}, two), INFINITY);
  EXPECT_EQ(mean_deviation({{1, 1, 1}}, two), INFINITY);
  EXPECT_EQ(mean_deviation({{}, {}}, {{}, {}}), INFINITY) << "black against black says nothing";
}

TEST(checked_pixels, are_spread_over_the_whole_picture) {
  EXPECT_THAT(rendering::spread_pixels({2, 2, 1, 4}, 100), testing::ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(rendering::spread_pixels({10, 10, 1, 4}, 4), testing::ElementsAre(12, 37, 62, 87));
  EXPECT_EQ(rendering::pixels_for_exhaustive_search({100, 100, 8, 4}).size(), 25U);
  EXPECT_EQ(rendering::pixels_for_exhaustive_search({100, 100, 1000, 4}).size(), 4U);
}

TEST(srgb, encodes_black_grey_white_and_what_is_brighter) {
  // 1.055 * 0.5^(1/2.4) - 0.055 = 0.7354, of 255: 187.5.
  const rendering::picture p{2, 1, {{0, 0.5F, 1}, {7, -1, 0.001F}}};
  EXPECT_THAT(rendering::srgb_bytes(p), testing::ElementsAre(0, 188, 255, 255, 0, 3));
}

results::parameters case_of(const char* scene, std::int64_t width, std::int64_t height, std::int64_t samples) {
  return {{"scene", std::string(scene)}, {"width", width}, {"height", height}, {"samples_per_pixel", samples}};
}

TEST(path_tracer, is_right_after_a_sample_and_not_before) {
  const results::environment environment;
  const auto definition = definition_of("path_tracer");
  const auto ready = definition.prepare(case_of("cornell", 64, 64, 4), {environment, 2});
  EXPECT_FALSE(ready->verify().passed());
  EXPECT_GT(ready->sample().count(), 0);
  const auto checked = ready->verify();
  EXPECT_TRUE(checked.passed()) << checked.compared << ": " << checked.error;
  const auto method = ready->method();
  EXPECT_EQ(method.at("bounces"), "4");
  EXPECT_GT(std::stod(method.at("rays_per_path")), 2);
  EXPECT_LT(std::stod(method.at("rays_per_path")), 9) << "five rays and four shadow rays at most";
}

TEST(path_tracer, counts_paths) {
  const auto work = definition_of("path_tracer").work(case_of("meadow", 1920, 1080, 256));
  EXPECT_EQ(work.items, 530'841'600) << "as in profiles/data/workloads/render-frames.toml";
  EXPECT_EQ(work.item, "path");
}

TEST(path_tracer, is_an_application_and_says_why_it_cannot_run) {
  const results::environment environment;
  const machine where{environment, 2, 32e6, 8e9};
  const auto definition = definition_of("path_tracer");
  EXPECT_TRUE(cases_of(definition, suite::standard, where).empty());
  const auto apps = cases_of(definition, suite::apps, where), full = cases_of(definition, suite::full, where);
  ASSERT_EQ(apps.size(), 2U);
  ASSERT_GT(full.size(), apps.size());
  for (const auto& one : full) EXPECT_EQ(definition.unavailable(one, where), std::nullopt);
  const auto reason = [&](const results::parameters& values) {
    return definition.unavailable(values, where).value_or("");
  };
  EXPECT_THAT(reason(case_of("teapot", 1, 1, 1)), HasSubstr("cornell or meadow"));
  EXPECT_THAT(reason(case_of("cornell", 0, 1, 1)), HasSubstr("width must be 1 or more"));
  EXPECT_THAT(reason(case_of("cornell", 1, 1, -3)), HasSubstr("samples_per_pixel"));
  EXPECT_THAT(reason(case_of("cornell", 1 << 20, 1 << 20, 1)), HasSubstr("2^28"));
  EXPECT_THAT(reason(case_of("cornell", 1 << 14, 1 << 14, 1)), "");
  const machine tiny{environment, 2, 32e6, 1e8};
  EXPECT_THAT(definition.unavailable(case_of("cornell", 1, 1, 1), tiny).value_or(""), HasSubstr("memory"));
}

}  // namespace
}  // namespace gpubench::bench
