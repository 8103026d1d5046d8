#include "bench/rendering/check.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace gpubench::rendering {

std::vector<std::uint32_t> spread_pixels(const kernels::image_settings& image, std::uint32_t most) {
  const std::uint64_t all = std::uint64_t{image.width} * image.height;
  const std::uint64_t count = std::min<std::uint64_t>(all, most);
  std::vector<std::uint32_t> pixels(count);
  for (std::uint64_t i = 0; i < count; ++i) pixels[i] = static_cast<std::uint32_t>((2 * i + 1) * all / (2 * count));
  return pixels;
}

std::vector<std::uint32_t> pixels_for_exhaustive_search(const kernels::image_settings& image) {
  return spread_pixels(image, std::max(4U, 200 / image.samples_per_pixel));
}

double mean_deviation(const std::vector<kernels::vector3>& found, const std::vector<kernels::vector3>& expected) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  if (found.size() != expected.size()) return infinite;
  double difference = 0, sum = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto apart = found[i] - expected[i];
    difference += std::abs(double{apart.x}) + std::abs(double{apart.y}) + std::abs(double{apart.z});
    sum += double{expected[i].x} + double{expected[i].y} + double{expected[i].z};
  }
  return std::isfinite(difference) && sum > 0 ? difference / sum : infinite;
}

}  // namespace gpubench::rendering
