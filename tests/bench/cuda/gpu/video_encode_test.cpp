#include "on_device.hpp"

namespace gpubench::bench {
namespace {

class video_encode_on_device : public on_device {};

TEST_F(video_encode_on_device, streams_of_both_codecs_are_what_was_asked_for) {
  for (const char* codec : {"h264", "hevc"}) {
    for (const auto& [width, height] : {std::pair<std::int64_t, std::int64_t>{1920, 1080}, {640, 362}}) {
      expect_right("video_encode", {{"codec", std::string(codec)}, {"width", width}, {"height", height}});
    }
  }
}

}  // namespace
}  // namespace gpubench::bench
