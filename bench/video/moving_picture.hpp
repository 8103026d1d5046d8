#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gpubench::video {

/// What an encoder is given to do: ground of noise of four scales under a camera that moves sideways, and discs that
/// move across it by themselves. The same for the same size, always.
class moving_picture {
 public:
  static constexpr std::uint32_t pictures = 16;

  /// @param width, height  even
  moving_picture(std::uint32_t width, std::uint32_t height);

  /// Picture `number`, below `pictures`, as NV12: a plane of luma, width x height, then rows of pairs of chroma, half
  /// as many; 8 bits in the limited range of ITU-R BT.709 (16 to 235 and to 240).
  std::vector<std::uint8_t> nv12(std::uint32_t number) const;

 private:
  std::uint32_t width_, height_, ground_width_;
  std::vector<std::uint8_t> ground_;  ///< luma of all that the camera sees
};

/// Bytes of a picture as NV12.
constexpr std::size_t nv12_bytes(std::uint32_t width, std::uint32_t height) {
  return std::size_t{width} * height * 3 / 2;
}

}  // namespace gpubench::video
