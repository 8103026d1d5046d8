#include "bench/apps/byte_pairs.hpp"
#include "bench/apps/image_preparation.hpp"
#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "host_case.hpp"

namespace gpubench::bench {
namespace {

using namespace apps;

std::vector<float> prepared_of(const rgb_image& image) {
  std::vector<float> values(prepared_values);
  image_preparation(image.width, image.height).prepare(image, values.data());
  return values;
}

TEST(apps_images, a_jpeg_decodes_to_nearly_what_was_encoded) {
  const auto source = photograph_like(120, 90, 3);
  rgb_image decoded;
  decode_jpeg(encoded_jpeg(source, 95), decoded);
  ASSERT_EQ(decoded.width, 120);
  ASSERT_EQ(decoded.height, 90);
  double squares = 0;
  for (std::size_t i = 0; i < source.pixels.size(); ++i) squares += std::pow(source.pixels[i] - decoded.pixels[i], 2);
  // The tolerance is that of colour at half resolution; another picture is 60 off.
  EXPECT_LT(std::sqrt(squares / static_cast<double>(source.pixels.size())), 20);
}

TEST(apps_images, a_broken_jpeg_is_an_error_and_does_not_end_the_program) {
  auto file = encoded_jpeg(photograph_like(64, 64, 1), 90);
  rgb_image decoded;
  EXPECT_THROW(decode_jpeg({}, decoded), error);
  EXPECT_THROW(decode_jpeg(std::span(file).first(20), decoded), error);
  file[0] = 0;
  EXPECT_THROW(decode_jpeg(file, decoded), error);
}

// 500 x 375: a resized pixel is 375 / 256 = 1.46 pixels, and reaches 1.46 to both sides.
TEST(apps_images, weights_sum_to_one_and_stay_within_the_image) {
  for (const int pixels : {256, 375, 500, 2000}) {
    const auto axis = weights_of(pixels, std::min(pixels, 375));
    ASSERT_EQ(axis.first.size(), 224U);
    for (std::size_t i = 0; i < axis.first.size(); ++i) {
      const auto* const weights = axis.weights.data() + i * static_cast<std::size_t>(axis.taps);
      EXPECT_NEAR(std::accumulate(weights, weights + axis.taps, 0.0), 1, 1e-6);
      EXPECT_GE(axis.first[i], 0);
      EXPECT_LE(axis.first[i] + axis.taps, pixels);
    }
  }
  // Of 256 pixels nothing is resized: pixel 16 is the first of the middle 224.
  const auto same = weights_of(256, 256);
  EXPECT_EQ(same.weights[static_cast<std::size_t>(16 - same.first[0])], 1);
}

TEST(apps_images, a_plain_image_comes_out_normalised) {
  const rgb_image grey{500, 375, std::vector<std::uint8_t>(500 * 375 * 3, 128)};
  const auto values = prepared_of(grey);
  EXPECT_NEAR(values.front(), (128 / 255.0 - 0.485) / 0.229, 1e-5);
  EXPECT_NEAR(values.back(), (128 / 255.0 - 0.406) / 0.225, 1e-5);
}

TEST(apps_images, the_fast_preparation_is_the_plain_one_for_wide_high_and_small_images) {
  for (const auto& [width, height] : {std::pair{500, 375}, {375, 500}, {256, 256}, {240, 300}}) {
    const auto image = photograph_like(width, height, 5);
    EXPECT_LT(preparation_error(image, prepared_of(image).data()), 1e-3) << width;
  }
}

TEST(apps_images, a_shifted_another_or_a_missing_image_is_found) {
  const auto image = photograph_like(500, 375, 5);
  auto shifted = image;
  for (int y = 0; y < image.height; ++y) std::copy(image.row(y) + 3, image.row(y) + image.stride(), shifted.row(y));
  EXPECT_GT(preparation_error(image, prepared_of(shifted).data()), 5);
  EXPECT_GT(preparation_error(image, prepared_of(photograph_like(500, 375, 6)).data()), 20);
  auto values = prepared_of(image);
  values[1000] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(preparation_error(image, values.data()), std::numeric_limits<double>::infinity());
}

TEST(apps_text, merges_are_learned_most_frequent_first) {
  const byte_pairs pairs("low low low lower lower", 3);
  // Words: "low", " low" x 2, " lower" x 2. Pairs: lo 5, ow 5, " l" 4, we 2, er 2; "lo" is the smaller of the two.
  EXPECT_EQ(pairs.merge(0), (std::pair<std::uint16_t, std::uint16_t>{'l', 'o'}));
  EXPECT_EQ(pairs.merge(1), (std::pair<std::uint16_t, std::uint16_t>{256, 'w'}));
  EXPECT_EQ(pairs.merge(2), (std::pair<std::uint16_t, std::uint16_t>{' ', 257}));
  std::vector<std::uint16_t> tokens;
  pairs.encode("low slow lower", tokens);
  EXPECT_THAT(tokens, testing::ElementsAre(257, ' ', 's', 257, 258, 'e', 'r'));
  EXPECT_EQ(pairs.decode(tokens), "low slow lower");
}

TEST(apps_text, any_bytes_come_back) {
  const byte_pairs pairs(text_like(1 << 14, 1), 200);
  std::string text;
  for (int i = 0; i < 1024; ++i) text.push_back(static_cast<char>(i * 37));
  text += text_like(5000, 9) + "  two spaces ";
  std::vector<std::uint16_t> tokens;
  pairs.encode(text, tokens);
  EXPECT_LT(tokens.size(), text.size());
  EXPECT_EQ(pairs.decode(tokens), text);
  EXPECT_EQ(encoding_errors(pairs, text, tokens, 100), 0U);
}

TEST(apps_text, wrong_tokens_are_found) {
  const byte_pairs pairs(text_like(1 << 14, 1), 200);
  const std::string text = text_like(4000, 2);
  std::vector<std::uint16_t> tokens, bytes(text.begin(), text.end());
  pairs.encode(text, tokens);
  auto changed = tokens;
  changed.back() ^= 1;
  EXPECT_GT(encoding_errors(pairs, text, changed, 10), 0U);
  changed = tokens;
  changed.pop_back();
  EXPECT_GT(encoding_errors(pairs, text, changed, 10), 0U);
  // Bytes that nobody merged decode to the text, and are not its encoding.
  EXPECT_EQ(pairs.decode(bytes), text);
  EXPECT_GT(encoding_errors(pairs, text, bytes, 10), 0U);
  EXPECT_GT(encoding_errors(pairs, text, {}, 10), 0U);
}

TEST(apps_text, text_is_the_same_each_time_and_another_for_another_seed) {
  EXPECT_EQ(text_like(1000, 3), text_like(1000, 3));
  EXPECT_NE(text_like(1000, 3), text_like(1000, 4));
  EXPECT_EQ(text_like(1234, 3).size(), 1234U);
}

struct preparation_benchmark {
  const char* name;
  const char* size;
  std::int64_t value;
  const char* item;
};
class data_preparation : public testing::TestWithParam<preparation_benchmark> {};

TEST_P(data_preparation, counts_its_items_and_passes_its_check_only_when_it_has_run) {
  const auto& tested = GetParam();
  const auto definition = testing_support::definition_of(tested.name);
  const auto machine = testing_support::machine_with({});
  const results::parameters params{{tested.size, tested.value}, {"threads", std::int64_t{2}}};
  EXPECT_EQ(definition.work(params).items, static_cast<double>(tested.value));
  EXPECT_EQ(definition.work(params).item, tested.item);
  const auto ready = definition.prepare(params, machine.view());
  EXPECT_FALSE(ready->verify().passed());
  EXPECT_GT(ready->sample().count(), 0);
  const auto checked = ready->verify();
  EXPECT_TRUE(checked.passed()) << checked.error;
  EXPECT_FALSE(ready->method().empty());
  EXPECT_NE(definition.unavailable({{tested.size, std::int64_t{0}}, {"threads", std::int64_t{2}}}, machine.view()),
            std::nullopt);
  EXPECT_EQ(cases_of(definition, suite::apps, machine.view()).size(), 2U);
  EXPECT_TRUE(cases_of(definition, suite::quick, machine.view()).empty());
}

INSTANTIATE_TEST_SUITE_P(both, data_preparation,
                         testing::Values(preparation_benchmark{"data_preparation_images", "images", 6, "image"},
                                         preparation_benchmark{"data_preparation_text", "bytes", 200'001, "text byte"}),
                         [](const auto& tested) { return std::string(tested.param.item).substr(0, 4); });

}  // namespace
}  // namespace gpubench::bench
