#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gpubench::bench::apps {

/// 8 bits a channel, red, green and blue side by side, row by row.
struct rgb_image {
  int width = 0, height = 0;
  std::vector<std::uint8_t> pixels;

  const std::uint8_t* row(int y) const { return pixels.data() + static_cast<std::size_t>(y) * stride(); }
  std::uint8_t* row(int y) { return pixels.data() + static_cast<std::size_t>(y) * stride(); }
  std::size_t stride() const { return static_cast<std::size_t>(width) * 3; }
};

/// A baseline JPEG file, colour at half resolution.
/// @param quality  1 to 100, libjpeg's scale
/// @throws error: internal
std::vector<std::uint8_t> encoded_jpeg(const rgb_image& image, int quality);

/// Decodes into `image`, whose memory is used again where it is large enough.
/// @throws error: internal when libjpeg cannot
void decode_jpeg(std::span<const std::uint8_t> file, rgb_image& image);

}  // namespace gpubench::bench::apps
