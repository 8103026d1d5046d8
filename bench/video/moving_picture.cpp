#include "bench/video/moving_picture.hpp"

#include "kernels/path_random.hpp"

#include <algorithm>

namespace gpubench::video {

namespace {

/// Pixels from one picture to the next.
constexpr std::uint32_t camera_step = 6;
/// Limited range of luma.
constexpr std::uint32_t darkest = 16, brightest = 235;

/// Of a point of a lattice, 0 to 255.
std::uint32_t noise_at(std::uint32_t column, std::uint32_t row, std::uint32_t scale) {
  return static_cast<std::uint32_t>(kernels::random4(column, row, scale).a * 256);
}

/// Noise that is smooth between lattice points `scale` pixels apart.
class smooth_noise {
 public:
  smooth_noise(std::uint32_t width, std::uint32_t height, std::uint32_t scale)
      : scale_(scale), columns_(width / scale + 2) {
    for (std::uint32_t row = 0; row < height / scale + 2; ++row) {
      for (std::uint32_t column = 0; column < columns_; ++column) points_.push_back(noise_at(column, row, scale));
    }
  }

  /// 0 to 255.
  std::uint32_t at(std::uint32_t x, std::uint32_t y) const {
    const std::uint32_t right = x % scale_, down = y % scale_;
    const std::uint32_t* above = &points_[std::size_t{y / scale_} * columns_ + x / scale_];
    const auto across = [&](const std::uint32_t* two) { return two[0] * (scale_ - right) + two[1] * right; };
    return (across(above) * (scale_ - down) + across(above + columns_) * down) / (scale_ * scale_);
  }

 private:
  std::uint32_t scale_, columns_;
  std::vector<std::uint32_t> points_;
};

struct disc {
  std::int64_t x = 0, y = 0, radius = 0;
  std::uint8_t luma = 0;
};

/// Twelve of different size, speed and brightness, all the time within the picture.
disc disc_at(std::uint32_t which, std::uint32_t number, std::uint32_t width, std::uint32_t height) {
  disc result;
  result.radius = std::max<std::int64_t>(1, height / (10 + 2 * which));
  const auto place = [&](std::uint32_t salt, std::uint32_t side, std::int64_t speed) {
    const std::int64_t room = std::max<std::int64_t>(1, std::int64_t{side} - 2 * result.radius);
    const std::int64_t start = noise_at(which, salt, 1) * room / 256;
    return result.radius + (start + speed * number) % room;
  };
  result.x = place(1, width, 3 + 2 * which);
  result.y = place(2, height, 1 + which);
  result.luma = static_cast<std::uint8_t>(40 + 15 * which);
  return result;
}

}  // namespace

moving_picture::moving_picture(std::uint32_t width, std::uint32_t height)
    : width_(width),
      height_(height),
      ground_width_(width + camera_step * (pictures - 1)),
      ground_(std::size_t{ground_width_} * height) {
  // Most of the contrast is in the coarse scales, as in photographs.
  const smooth_noise coarse(ground_width_, height, 128), middle(ground_width_, height, 32),
      fine(ground_width_, height, 8), grain(ground_width_, height, 2);
  auto next = ground_.begin();
  for (std::uint32_t y = 0; y < height_; ++y) {
    for (std::uint32_t x = 0; x < ground_width_; ++x) {
      const std::uint32_t sum = coarse.at(x, y) * 8 + middle.at(x, y) * 4 + fine.at(x, y) * 3 + grain.at(x, y);
      *next++ = static_cast<std::uint8_t>(darkest + sum * (brightest - darkest) / (16 * 255));
    }
  }
}

std::vector<std::uint8_t> moving_picture::nv12(std::uint32_t number) const {
  std::vector<std::uint8_t> result(nv12_bytes(width_, height_));
  const auto luma_row = [&](std::int64_t y) { return result.begin() + y * std::int64_t{width_}; };
  for (std::uint32_t y = 0; y < height_; ++y) {
    std::copy_n(ground_.begin() + static_cast<std::ptrdiff_t>(std::size_t{y} * ground_width_ + camera_step * number),
                width_, luma_row(y));
  }
  for (std::uint32_t which = 0; which < 12; ++which) {
    const disc one = disc_at(which, number, width_, height_);
    for (std::int64_t y = std::max<std::int64_t>(0, one.y - one.radius);
         y < std::min<std::int64_t>(height_, one.y + one.radius); ++y) {
      std::int64_t half = 0;
      while ((half + 1) * (half + 1) + (y - one.y) * (y - one.y) <= one.radius * one.radius) ++half;
      const auto left = std::max<std::int64_t>(0, one.x - half), right = std::min<std::int64_t>(width_, one.x + half);
      if (left < right) std::fill(luma_row(y) + left, luma_row(y) + right, one.luma);
    }
  }
  auto chroma = luma_row(height_);
  for (std::uint32_t y = 0; y < height_; y += 2) {
    for (std::uint32_t x = 0; x < width_; x += 2) {
      const int luma = luma_row(y)[x];
      *chroma++ = static_cast<std::uint8_t>(96 + luma / 4);
      *chroma++ = static_cast<std::uint8_t>(160 - luma / 4);
    }
  }
  return result;
}

}  // namespace gpubench::video
