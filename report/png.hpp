#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gpubench::report {

/// A picture as a PNG file: 8-bit sRGB.
/// @param rgb  red, green, blue of each pixel, rows from the top; width x height x 3 bytes
/// @throws error: internal when the sizes do not fit each other, or libpng refuses them.
std::string png_of(std::uint32_t width, std::uint32_t height, const std::vector<std::uint8_t>& rgb);

}  // namespace gpubench::report
