#pragma once

#include "kernels/host_device.hpp"

#include <algorithm>
#include <cstdint>

namespace gpubench::kernels {

/// How a block walks over an image tensor stored pixel by pixel (NHWC): `lanes` threads side by side hold packs of
/// channels and keep them, the block's other threads take further pixels, and blocks share the pixels out.
struct channel_tiles {
  std::int64_t pixels = 0;  ///< n * h * w
  std::int64_t packs = 0;   ///< channels in units of a pack of 16 bytes
  int lanes = 1;            ///< divides packs and channel_threads
  unsigned groups = 1;      ///< packs / lanes: blocks along the channels
  unsigned parts = 1;       ///< blocks along the pixels
};
inline constexpr int channel_threads = 256;

/// @param pack_size  elements of a pack; `channels` is a multiple of it, and the number of packs a power of two or a
///                   multiple of 32
/// @param blocks     wanted altogether
inline channel_tiles tiles_for(std::int64_t pixels, std::int64_t channels, int pack_size, std::int64_t blocks) {
  channel_tiles tiles;
  tiles.pixels = pixels;
  tiles.packs = channels / pack_size;
  tiles.lanes = static_cast<int>(std::min<std::int64_t>(tiles.packs, 32));
  tiles.groups = static_cast<unsigned>(tiles.packs / tiles.lanes);
  const std::int64_t at_once = channel_threads / tiles.lanes;
  const std::int64_t most = (pixels + at_once - 1) / at_once;
  tiles.parts =
      static_cast<unsigned>(std::clamp<std::int64_t>(blocks / tiles.groups, 1, std::min<std::int64_t>(most, 65535)));
  return tiles;
}

/// Whether tiles_for() can cut the channels up.
inline bool channels_fit(std::int64_t channels, int pack_size) {
  if (channels < 1 || channels % pack_size != 0) return false;
  const std::int64_t packs = channels / pack_size;
  return packs % 32 == 0 || (packs < 32 && (packs & (packs - 1)) == 0);
}

/// What a thread has: its pack of channels, its first pixel, and the distance to its next.
struct channel_place {
  std::int64_t pack = 0, first_pixel = 0, pixel_step = 0;
};
GPUBENCH_HOST_DEVICE inline channel_place place_of(const channel_tiles& tiles, unsigned group, unsigned part,
                                                   unsigned thread) {
  const std::int64_t rows = channel_threads / tiles.lanes;
  return {static_cast<std::int64_t>(group) * tiles.lanes + thread % static_cast<unsigned>(tiles.lanes),
          static_cast<std::int64_t>(part) * rows + thread / static_cast<unsigned>(tiles.lanes),
          rows * static_cast<std::int64_t>(tiles.parts)};
}
/// Element of the tensor where a pixel's pack starts.
GPUBENCH_HOST_DEVICE inline std::int64_t element_of(const channel_tiles& tiles, std::int64_t pixel, std::int64_t pack,
                                                    int pack_size) {
  return (pixel * tiles.packs + pack) * pack_size;
}

}  // namespace gpubench::kernels
