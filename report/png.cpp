#include "report/png.hpp"

#include "core/error.hpp"

#include <png.h>

#include <cstddef>

namespace gpubench::report {

std::string png_of(std::uint32_t width, std::uint32_t height, const std::vector<std::uint8_t>& rgb) {
  if (rgb.empty() || rgb.size() != std::size_t{width} * height * 3)
    throw error(error_kind::internal, "a picture's bytes are not those of its pixels");
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = PNG_FORMAT_RGB;
  const auto write = [&](void* to, png_alloc_size_t& bytes) {
    if (png_image_write_to_memory(&image, to, &bytes, 0, rgb.data(), 0, nullptr) == 0)
      throw error(error_kind::internal, std::string("libpng: ") + image.message);
  };
  png_alloc_size_t bytes = 0;
  write(nullptr, bytes);  // asks for the size
  std::string file(bytes, '\0');
  write(file.data(), bytes);
  file.resize(bytes);
  return file;
}

}  // namespace gpubench::report
