#include "bench/rendering/picture.hpp"

#include "bench/rendering/picture_rows.hpp"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace gpubench::rendering {

using kernels::vector3;

namespace {

// Small enough to share out evenly what costs so unevenly, wide enough that neighbours find their nodes in the cache.
constexpr std::uint32_t tile = 16;

std::uint32_t tiles_over(std::uint32_t size) {
  return (size + tile - 1) / tile;
}

std::uint8_t srgb_byte(float linear) {
  const float x = std::clamp(linear, 0.0F, 1.0F);
  const float encoded = x <= 0.0031308F ? 12.92F * x : 1.055F * std::pow(x, 1 / 2.4F) - 0.055F;
  return static_cast<std::uint8_t>(encoded * 255 + 0.5F);
}

}  // namespace

void render(const scene& of, const kernels::image_settings& image, int threads, picture& into) {
  into.width = image.width;
  into.height = image.height;
  into.pixels.resize(std::size_t{image.width} * image.height);
  const auto view = of.view(image.width, image.height);
  const std::uint32_t across = tiles_over(image.width), all = across * tiles_over(image.height);
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (std::uint32_t n = 0; n < all; ++n) {
    const std::uint32_t x = n % across * tile, y = n / across * tile;
    for (std::uint32_t row = y; row < std::min(y + tile, image.height); ++row) {
      render_row(view, image, row, x, std::min(x + tile, image.width),
                 into.pixels.data() + std::size_t{row} * image.width);
    }
  }
}

std::vector<vector3> render_pixels(const scene& of, const kernels::image_settings& image,
                                   const std::vector<std::uint32_t>& pixels, int threads,
                                   kernels::search_count& count) {
  std::vector<vector3> result(pixels.size());
  const auto view = of.view(image.width, image.height);
  std::uint64_t rays = 0, box_tests = 0, triangle_tests = 0;
#pragma omp parallel for num_threads(threads) schedule(dynamic) reduction(+ : rays, box_tests, triangle_tests)
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    kernels::search_count mine;
    result[i] = render_pixel_counted(view, image, pixels[i], mine);
    rays += mine.rays;
    box_tests += mine.box_tests;
    triangle_tests += mine.triangle_tests;
  }
  count = {rays, box_tests, triangle_tests};
  return result;
}

std::vector<vector3> render_pixels_exhaustively(const scene& of, const kernels::image_settings& image,
                                                const std::vector<std::uint32_t>& pixels, int threads) {
  std::vector<vector3> result(pixels.size());
  const auto view = of.view(image.width, image.height);
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (std::size_t i = 0; i < pixels.size(); ++i) result[i] = render_pixel_exhaustively(view, image, pixels[i]);
  return result;
}

std::vector<std::uint8_t> srgb_bytes(const picture& of) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(of.pixels.size() * 3);
  for (const auto& pixel : of.pixels) {
    for (const float value : {pixel.x, pixel.y, pixel.z}) bytes.push_back(srgb_byte(value));
  }
  return bytes;
}

}  // namespace gpubench::rendering
