#pragma once

#include <cstdint>
#include <vector>

namespace gpubench::cuda {

/// Images have three channels; with a fourth of zeros a pixel is a whole power of two bytes, which tensor cores' loads
/// need. It is not counted as work.
inline constexpr std::int64_t stored_image_channels = 4;

/// Channels of a convolution's input as they are stored.
constexpr std::int64_t stored_channels(std::int64_t c_in) {
  return c_in == 3 ? stored_image_channels : c_in;
}

/// From outer, channel, place (n-c-h-w, or out-in-h-w) to outer, place, channel (NHWC, KRSC), with `stored` >=
/// `channels` channels, those on top zero.
std::vector<float> channels_to_the_end(const float* values, std::int64_t outer, std::int64_t channels,
                                       std::int64_t places, std::int64_t stored);

/// The way back, without the channels on top.
std::vector<float> channels_to_the_front(const std::vector<float>& values, std::int64_t outer, std::int64_t channels,
                                         std::int64_t places, std::int64_t stored);

}  // namespace gpubench::cuda
