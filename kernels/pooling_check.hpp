#pragma once

#include "kernels/convolution_check.hpp"

#include <algorithm>
#include <cstdint>

namespace gpubench::kernels {

/// Largest value of each square window of n images, channels last; the images are operand 1.
struct pooling_shape {
  storage type = storage::fp32;
  std::int64_t n = 0, c = 0, height = 0, width = 0, window = 1, stride = 1, padding = 0;

  std::int64_t out_height() const { return (height + 2 * padding - window) / stride + 1; }
  std::int64_t out_width() const { return (width + 2 * padding - window) / stride + 1; }
};
inline constexpr std::uint64_t pooling_x = 1;

/// One output, exactly: the largest of values that stand in memory. What lies outside the image never wins.
inline double reference_maximum(const pooling_shape& s, std::uint64_t index) {
  const auto order = image_order::channels_last;
  const image_place out = place_of(order, {s.c, s.out_height(), s.out_width()}, index);
  double largest = -2;  // below every operand
  for (std::int64_t y = out.y * s.stride - s.padding; y < out.y * s.stride - s.padding + s.window; ++y) {
    for (std::int64_t x = out.x * s.stride - s.padding; x < out.x * s.stride - s.padding + s.window; ++x) {
      if (y < 0 || y >= s.height || x < 0 || x >= s.width) continue;
      const auto at = index_of(order, {s.c, s.height, s.width}, {out.n, out.c, y, x});
      largest = std::max(largest, stored_operand(s.type, pooling_x, at));
    }
  }
  return largest;
}

}  // namespace gpubench::kernels
