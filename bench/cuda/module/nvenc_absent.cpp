// Takes the place of the other files of NVENC where there is no header of it: encoding is listed and says why it cannot
// run.
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/nvenc.hpp"

namespace gpubench::cuda {

struct nvenc_library {};
struct video_encoder::session {};

nvenc_library open_nvenc(const std::string&) {
  return {};
}

const nvenc_library& nvenc() {
  static const nvenc_library library;
  return library;
}

std::optional<std::string> nvenc_unavailable(const nvenc_library&) {
  return "built without NVENC: no nvEncodeAPI.h was found (package libffmpeg-nvenc-dev)";
}

std::optional<std::string> nvenc_version(const nvenc_library&) {
  return std::nullopt;
}

video_encoder::video_encoder(const nvenc_library& library, void*, const encoder_settings&, const device_pictures&) {
  throw failure(GPUBENCH_MODULE_UNSUPPORTED, *nvenc_unavailable(library));
}

video_encoder::~video_encoder() = default;

const std::vector<std::uint8_t>& video_encoder::encode(std::size_t) {
  throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, "no encoder");
}

}  // namespace gpubench::cuda
