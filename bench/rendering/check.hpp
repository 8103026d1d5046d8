#pragma once

#include "bench/rendering/picture.hpp"

#include <cstdint>
#include <vector>

namespace gpubench::rendering {

/// Pixels spread evenly over a picture, ascending: all of them, or `most`.
std::vector<std::uint32_t> spread_pixels(const kernels::image_settings& image, std::uint32_t most);

/// Pixels of which a search without a hierarchy takes some seconds a core in the largest scene: 200 paths, 4 pixels at
/// least.
std::vector<std::uint32_t> pixels_for_exhaustive_search(const kernels::image_settings& image);

/// Mean absolute difference of pixels over the mean of those expected, all colours together; infinite where a value is
/// not finite or nothing is expected. Pictures of the same paths differ only where rounding leads one of them
/// elsewhere; other paths, as those of a neighbouring pixel, differ by the noise of the picture.
double mean_deviation(const std::vector<kernels::vector3>& found, const std::vector<kernels::vector3>& expected);

/// How much a right picture may deviate in that sense: from one by the same machine code, and from one by another
/// device, which rounds otherwise. Two kinds of machine code of a CPU came to 1e-7; a path in a thousand that rounding
/// leads elsewhere adds about 0.001, and a picture shifted by a pixel deviates by 0.17 and more at 8 samples a pixel.
inline constexpr double same_code_tolerance = 0.001, other_device_tolerance = 0.03;

}  // namespace gpubench::rendering
