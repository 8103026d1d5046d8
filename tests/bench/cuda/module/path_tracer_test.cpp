#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/failure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>

#include "described.hpp"

namespace gpubench::cuda {
namespace {

using ::testing::HasSubstr;

parameters picture(const char* scene, std::int64_t width, std::int64_t height, std::int64_t samples) {
  parameters values = make_parameters({});
  add_text_parameter(values, "scene", scene);
  add_integer_parameter(values, "width", width);
  add_integer_parameter(values, "height", height);
  add_integer_parameter(values, "samples_per_pixel", samples);
  return values;
}

TEST(path_tracer, is_an_application_that_counts_paths) {
  EXPECT_TRUE(named("path_tracer").is_application());
  const auto work = named("path_tracer").work(picture("meadow", 1920, 1080, 256));
  EXPECT_EQ(work.has_items, 1);
  EXPECT_EQ(work.items, 530'841'600) << "as in profiles/data/workloads/render-frames.toml";
  EXPECT_STREQ(work.item, "path");
}

TEST(path_tracer, has_no_quick_cases_and_repeats_none) {
  const auto h200 = described_device(9, 0, 141, 50, 132);
  const auto& tracer = named("path_tracer");
  EXPECT_TRUE(tracer.cases(GPUBENCH_MODULE_QUICK, h200).empty());
  const auto apps = tracer.cases(GPUBENCH_MODULE_STANDARD, h200), full = tracer.cases(GPUBENCH_MODULE_FULL, h200);
  ASSERT_EQ(apps.size(), 2U);
  std::set<std::tuple<std::string, std::int64_t, std::int64_t>> seen;
  for (const auto& one : full) {
    seen.emplace(*text_parameter(one, "scene"), *integer_parameter(one, "width"),
                 *integer_parameter(one, "samples_per_pixel"));
  }
  EXPECT_EQ(seen.size(), full.size());
  for (std::size_t i = 0; i < apps.size(); ++i) {
    EXPECT_EQ(*text_parameter(apps[i], "scene"), *text_parameter(full[i], "scene"));
    EXPECT_EQ(*integer_parameter(apps[i], "width"), *integer_parameter(full[i], "width"));
  }
}

TEST(path_tracer, says_why_a_picture_cannot_be_made) {
  const auto h200 = described_device(9, 0, 141, 50, 132), slice = described_device(8, 0, 0.05, 5, 14);
  const auto reason = [](const parameters& values, const device_properties& device) {
    return named("path_tracer").unavailable(values, device).value_or("");
  };
  EXPECT_THAT(reason(picture("teapot", 1, 1, 1), h200), HasSubstr("cornell or meadow"));
  EXPECT_THAT(reason(picture("cornell", 1 << 20, 1 << 20, 1), h200), HasSubstr("2^28"));
  EXPECT_THAT(reason(picture("cornell", 8, 8, 1 << 21), h200), HasSubstr("2^20"));
  EXPECT_THAT(reason(picture("cornell", 8, 8, 1), slice), HasSubstr("memory"));
  EXPECT_THROW(reason(picture("cornell", 0, 8, 1), h200), failure);
}

}  // namespace
}  // namespace gpubench::cuda
