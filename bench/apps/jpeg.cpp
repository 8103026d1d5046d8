#include "bench/apps/jpeg.hpp"

#include "core/error.hpp"

// jpeglib.h needs size_t and FILE declared before it.
#include <jpeglib.h>

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace gpubench::bench::apps {
namespace {

/// libjpeg ends the program on an error unless its handler does not return.
struct error_handler {
  jpeg_error_mgr manager;
  std::jmp_buf caller;
  char message[JMSG_LENGTH_MAX] = {};
};

void leave(j_common_ptr codec) {
  auto* const handler = reinterpret_cast<error_handler*>(codec->err);
  handler->manager.format_message(codec, handler->message);
  std::longjmp(handler->caller, 1);
}

jpeg_error_mgr* install(error_handler& handler) {
  auto* const manager = jpeg_std_error(&handler.manager);
  manager->error_exit = leave;
  manager->output_message = [](j_common_ptr) {};
  return manager;
}

/// What lies between setjmp() and a longjmp() must need no destructor: so two functions of plain C.
bool decode_rows(jpeg_decompress_struct& decoder, error_handler& handler, std::span<const std::uint8_t> file,
                 rgb_image& image) {
  if (setjmp(handler.caller) != 0) return false;
  jpeg_create_decompress(&decoder);
  jpeg_mem_src(&decoder, file.data(), file.size());
  jpeg_read_header(&decoder, TRUE);
  decoder.out_color_space = JCS_RGB;
  jpeg_start_decompress(&decoder);
  image.width = static_cast<int>(decoder.output_width);
  image.height = static_cast<int>(decoder.output_height);
  image.pixels.resize(image.stride() * decoder.output_height);
  while (decoder.output_scanline < decoder.output_height) {
    JSAMPROW row = image.row(static_cast<int>(decoder.output_scanline));
    jpeg_read_scanlines(&decoder, &row, 1);
  }
  jpeg_finish_decompress(&decoder);
  return true;
}

bool encode_rows(jpeg_compress_struct& encoder, error_handler& handler, const rgb_image& image, int quality,
                 unsigned char*& file, unsigned long& bytes) {
  if (setjmp(handler.caller) != 0) return false;
  jpeg_create_compress(&encoder);
  jpeg_mem_dest(&encoder, &file, &bytes);
  encoder.image_width = static_cast<JDIMENSION>(image.width);
  encoder.image_height = static_cast<JDIMENSION>(image.height);
  encoder.input_components = 3;
  encoder.in_color_space = JCS_RGB;
  jpeg_set_defaults(&encoder);
  jpeg_set_quality(&encoder, quality, TRUE);
  jpeg_start_compress(&encoder, TRUE);
  while (encoder.next_scanline < encoder.image_height) {
    // libjpeg's interface has no const.
    JSAMPROW row = const_cast<JSAMPROW>(image.row(static_cast<int>(encoder.next_scanline)));
    jpeg_write_scanlines(&encoder, &row, 1);
  }
  jpeg_finish_compress(&encoder);
  return true;
}

}  // namespace

std::vector<std::uint8_t> encoded_jpeg(const rgb_image& image, int quality) {
  jpeg_compress_struct encoder{};
  error_handler handler;
  encoder.err = install(handler);
  unsigned char* file = nullptr;
  unsigned long bytes = 0;
  const bool done = encode_rows(encoder, handler, image, quality, file, bytes);
  jpeg_destroy_compress(&encoder);
  const std::vector<std::uint8_t> result(file, file + (done ? bytes : 0));
  std::free(file);  // libjpeg's malloc()
  if (!done) throw error(error_kind::internal, std::string("libjpeg cannot encode: ") + handler.message);
  return result;
}

void decode_jpeg(std::span<const std::uint8_t> file, rgb_image& image) {
  jpeg_decompress_struct decoder{};
  error_handler handler;
  decoder.err = install(handler);
  const bool done = decode_rows(decoder, handler, file, image);
  jpeg_destroy_decompress(&decoder);
  if (!done) throw error(error_kind::internal, std::string("libjpeg cannot decode: ") + handler.message);
}

}  // namespace gpubench::bench::apps
