#pragma once

#include "bench/apps/jpeg.hpp"

#include <cstdint>
#include <vector>

namespace gpubench::bench::apps {

/// What a network for ImageNet gets of an image, as torchvision's evaluation transforms define it: the shorter side
/// resized to 256, the middle 224 x 224 cut out, each channel less its mean and divided by its deviation.
inline constexpr int resized_side = 256, prepared_side = 224;
inline constexpr float channel_mean[3] = {0.485F, 0.456F, 0.406F}, channel_deviation[3] = {0.229F, 0.224F, 0.225F};
inline constexpr std::size_t prepared_values = std::size_t{3} * prepared_side * prepared_side;

/// The weights with which pixels of one axis make those of the middle of the resized one: a triangle as wide as a
/// resized pixel to both sides (Pillow's and torchvision's antialiased BILINEAR).
struct axis_weights {
  std::vector<int> first;      ///< of each of prepared_side
  int taps = 0;                ///< of each; weights beyond the triangle are 0
  std::vector<float> weights;  ///< taps of the first, then of the second, ...; their sum is 1
};

/// @param pixels  of the axis, at least `shorter`, which is that of the shorter axis and at least 1
axis_weights weights_of(int pixels, int shorter);

/// Resizes, cuts and normalises images of one size. Not for use by two threads at once.
class image_preparation {
 public:
  image_preparation(int width, int height);

  /// @param image     of the size above
  /// @param prepared  prepared_values: all of red, then green, then blue
  void prepare(const rgb_image& image, float* prepared);

 private:
  int width_;
  axis_weights across_, down_;
  std::vector<float> row_;
};

/// An image like a photograph in what it asks of a decoder: noise of all scales, the coarser the stronger.
rgb_image photograph_like(int width, int height, std::uint64_t seed);

/// Root of the mean square of what `prepared` deviates from what plain arithmetic in double precision makes of
/// `source`, in steps of an 8-bit channel. NaN counts as infinite.
double preparation_error(const rgb_image& source, const float* prepared);

}  // namespace gpubench::bench::apps
