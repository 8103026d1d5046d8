#pragma once

#include "bench/rendering/scene.hpp"
#include "kernels/path_tracer.hpp"

#include <cstdint>
#include <vector>

namespace gpubench::rendering {

/// Radiance of pixels, row after row from the top.
struct picture {
  std::uint32_t width = 0, height = 0;
  std::vector<kernels::vector3> pixels;
};

/// The whole picture, on `threads` threads. `into` gets its size; a later call with the same one allocates nothing.
void render(const scene& of, const kernels::image_settings& image, int threads, picture& into);

/// Some pixels alone, by their numbers (y * width + x), and what the searches for them did.
std::vector<kernels::vector3> render_pixels(const scene& of, const kernels::image_settings& image,
                                            const std::vector<std::uint32_t>& pixels, int threads,
                                            kernels::search_count& count);

/// The same by testing every triangle for every ray.
std::vector<kernels::vector3> render_pixels_exhaustively(const scene& of, const kernels::image_settings& image,
                                                         const std::vector<std::uint32_t>& pixels, int threads);

/// Red, green and blue of each pixel, 8 bits each, encoded as sRGB (IEC 61966-2-1); radiance above 1 is white.
std::vector<std::uint8_t> srgb_bytes(const picture& of);

}  // namespace gpubench::rendering
