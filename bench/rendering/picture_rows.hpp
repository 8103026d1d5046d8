#pragma once

#include "kernels/path_tracer.hpp"

#include <cstddef>
#include <cstdint>

namespace gpubench::rendering {

// The loops themselves, compiled for several kinds of vector instructions.

/// Pixels [x_begin, x_end) of a row.
void render_row(const kernels::scene_view& scene, const kernels::image_settings& image, std::uint32_t y,
                std::uint32_t x_begin, std::uint32_t x_end, kernels::vector3* row);

kernels::vector3 render_pixel_counted(const kernels::scene_view& scene, const kernels::image_settings& image,
                                      std::uint32_t pixel, kernels::search_count& count);

kernels::vector3 render_pixel_exhaustively(const kernels::scene_view& scene, const kernels::image_settings& image,
                                           std::uint32_t pixel);

}  // namespace gpubench::rendering
