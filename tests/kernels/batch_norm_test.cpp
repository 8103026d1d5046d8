#include "kernels/batch_norm.hpp"

#include "kernels/channel_tiles.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace gpubench::kernels {
namespace {

TEST(channel_tiles, threads_cover_every_pack_of_every_pixel_once) {
  for (const std::int64_t channels : {8, 16, 64, 256, 512, 2048}) {
    for (const std::int64_t pixels : {1, 49, 1000}) {
      for (const std::int64_t blocks : {1, 7, 400}) {
        const auto tiles = tiles_for(pixels, channels, 8, blocks);
        std::vector<int> seen(static_cast<std::size_t>(pixels * tiles.packs));
        for (unsigned group = 0; group < tiles.groups; ++group) {
          for (unsigned part = 0; part < tiles.parts; ++part) {
            for (unsigned thread = 0; thread < channel_threads; ++thread) {
              const auto place = place_of(tiles, group, part, thread);
              for (std::int64_t p = place.first_pixel; p < pixels; p += place.pixel_step) {
                const std::int64_t at = element_of(tiles, p, place.pack, 8);
                ASSERT_EQ(at % 8, 0);
                ++seen.at(static_cast<std::size_t>(at / 8));
              }
            }
          }
        }
        for (const int times : seen) ASSERT_EQ(times, 1);
      }
    }
  }
}

TEST(channel_tiles, threads_that_share_channels_lie_lanes_apart) {
  const auto tiles = tiles_for(1000, 64, 8, 10);
  EXPECT_EQ(tiles.lanes, 8);
  for (unsigned thread = 0; thread < channel_threads; ++thread) {
    EXPECT_EQ(place_of(tiles, 0, 0, thread).pack, place_of(tiles, 0, 0, thread % 8).pack);
  }
  EXPECT_EQ(tiles_for(1000, 2048, 8, 64).groups, 8u);
}

TEST(channel_tiles, every_width_of_the_network_fits) {
  for (const std::int64_t channels : {16, 32, 64, 128, 256, 512, 1024, 2048}) {
    EXPECT_TRUE(channels_fit(channels, 8));
    EXPECT_TRUE(channels_fit(channels, 4));
  }
  EXPECT_FALSE(channels_fit(12, 8));
  EXPECT_FALSE(channels_fit(24, 8));  // three packs
}

TEST(batch_norm, statistics_by_hand_whatever_the_pivot) {
  // 1, 2, 3, 6: mean 3, variance 3.5.
  for (const float pivot : {0.0F, 1.0F, -2.0F}) {
    double sum = 0, squares = 0;
    for (const double x : {1.0, 2.0, 3.0, 6.0}) {
      const double shifted = x - static_cast<double>(pivot);
      sum += shifted;
      squares += shifted * shifted;
    }
    const auto found = statistics_of(sum, squares, 4, pivot, 0);
    EXPECT_FLOAT_EQ(found.mean, 3);
    EXPECT_FLOAT_EQ(found.inverse_deviation, static_cast<float>(1 / std::sqrt(3.5)));
  }
}

TEST(batch_norm, the_line_scales_and_shifts_what_was_normalised) {
  const auto line = normalizing_line({3, 0.5F}, 4, 1);
  EXPECT_FLOAT_EQ(line.factor * 3 + line.offset, 1);
  EXPECT_FLOAT_EQ(line.factor * 5 + line.offset, 5);
}

/// Sum over y * weight, with y normalised over the batch: its derivative by each x, by differences.
double weighted_output(const std::vector<double>& x, const std::vector<double>& g, double scale, double epsilon) {
  double mean = 0, variance = 0, result = 0;
  for (const double v : x) mean += v / static_cast<double>(x.size());
  for (const double v : x) variance += (v - mean) * (v - mean) / static_cast<double>(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) result += g[i] * scale * (x[i] - mean) / std::sqrt(variance + epsilon);
  return result;
}

TEST(batch_norm, the_backward_line_is_the_derivative) {
  const std::vector<double> x{0.5, -1, 2, 0.25, 3}, g{1, -2, 0.5, 3, -0.25};
  constexpr double scale = 1.5, epsilon = 1e-5;
  double sum = 0, squares = 0, gradient_sum = 0, weighted = 0;
  for (const double v : x) {
    sum += v;
    squares += v * v;
  }
  const auto statistics = statistics_of(sum, squares, 5, 0, static_cast<float>(epsilon));
  for (std::size_t i = 0; i < x.size(); ++i) {
    gradient_sum += g[i];
    weighted += g[i] * (x[i] - static_cast<double>(statistics.mean));
  }
  const auto line = backward_line_of(statistics, static_cast<float>(scale), gradient_sum, weighted, 5);
  for (std::size_t i = 0; i < x.size(); ++i) {
    auto above = x, below = x;
    above[i] += 1e-5;
    below[i] -= 1e-5;
    const double expected =
        (weighted_output(above, g, scale, epsilon) - weighted_output(below, g, scale, epsilon)) / 2e-5;
    const double found = static_cast<double>(line.gradient) * g[i] + static_cast<double>(line.input) * x[i] +
                         static_cast<double>(line.offset);
    EXPECT_NEAR(found, expected, 1e-5) << i;
  }
}

}  // namespace
}  // namespace gpubench::kernels
