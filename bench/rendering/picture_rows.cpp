#include "bench/rendering/picture_rows.hpp"

#include "reference/vector_clones.hpp"

namespace gpubench::rendering {

using kernels::vector3;

GPUBENCH_FLAT_VECTOR_CLONES void render_row(const kernels::scene_view& scene, const kernels::image_settings& image,
                                            std::uint32_t y, std::uint32_t x_begin, std::uint32_t x_end, vector3* row) {
  const kernels::tree_search search{scene};
  kernels::no_count count;
  for (std::uint32_t x = x_begin; x < x_end; ++x) row[x] = kernels::pixel_radiance(search, image, x, y, count);
}

GPUBENCH_FLAT_VECTOR_CLONES vector3 render_pixel_counted(const kernels::scene_view& scene,
                                                         const kernels::image_settings& image, std::uint32_t pixel,
                                                         kernels::search_count& count) {
  const kernels::tree_search search{scene};
  return kernels::pixel_radiance(search, image, pixel % image.width, pixel / image.width, count);
}

GPUBENCH_FLAT_VECTOR_CLONES vector3 render_pixel_exhaustively(const kernels::scene_view& scene,
                                                              const kernels::image_settings& image,
                                                              std::uint32_t pixel) {
  const kernels::exhaustive_search search{scene};
  kernels::no_count count;
  return kernels::pixel_radiance(search, image, pixel % image.width, pixel / image.width, count);
}

}  // namespace gpubench::rendering
