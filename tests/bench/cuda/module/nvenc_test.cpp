// The session against a stand-in for the driver's library; its pictures are addresses that nobody looks at.
#include "bench/cuda/module/nvenc.hpp"

#include "bench/cuda/module/failure.hpp"
#ifdef FAKE_NVENC_FILE
#include "bench/cuda/module/nvenc_library.hpp"
#endif

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <dlfcn.h>

#include <cstdlib>
#include <string>

#include "described.hpp"

namespace gpubench::cuda {
namespace {

using ::testing::HasSubstr;
using video::video_codec;

parameters video_of(const char* codec, std::int64_t width, std::int64_t height) {
  parameters values = make_parameters({{"width", width}, {"height", height}});
  add_text_parameter(values, "codec", codec);
  return values;
}

#ifdef FAKE_NVENC_FILE

class nvenc_session : public ::testing::Test {
 protected:
  void SetUp() override { script(""); }
  void TearDown() override {
    script("");
    EXPECT_EQ(open_sessions(), 0) << "a session was left open, or closed with something left in it";
  }

  static void script(const char* fault) { setenv("FAKE_NVENC", fault, 1); }

  int open_sessions() const {
    void* const handle = dlopen(FAKE_NVENC_FILE, RTLD_NOW);
    return reinterpret_cast<int (*)()>(dlsym(handle, "fake_nvenc_open_sessions"))();
  }

  static encoder_settings asked(video_codec codec) { return {codec, {1920, 1080}, 60, 12'441'600}; }

  std::size_t faults(video_codec codec, std::size_t count) {
    video_encoder encoder(library, &places, asked(codec), pictures);
    return video::faults_of(codec, encoder.encode(count),
                            {count, {1920, 1080}, 12'441'600.0 / 60 * static_cast<double>(count)});
  }

  /// What opening an encoder for HEVC says.
  failure refusal() {
    try {
      const video_encoder encoder(library, &places, asked(video_codec::hevc), pictures);
    } catch (const failure& refused) {
      return refused;
    }
    throw std::runtime_error("nothing was refused");
  }

  char places[3] = {};
  device_pictures pictures{&places[0], &places[1], &places[2]};
  nvenc_library library = open_nvenc(FAKE_NVENC_FILE);
};

TEST_F(nvenc_session, makes_streams_of_any_length_again_and_again) {
  EXPECT_EQ(nvenc_unavailable(library), std::nullopt);
  for (const video_codec codec : {video_codec::h264, video_codec::hevc}) {
    for (const std::size_t count : {1, 2, 4, 5, 60, 200}) EXPECT_EQ(faults(codec, count), 0U) << count;
    video_encoder encoder(library, &places, asked(codec), pictures);
    const auto first = encoder.encode(60);
    EXPECT_EQ(encoder.encode(60), first);
  }
}

TEST_F(nvenc_session, streams_that_are_wrong_are_found) {
  for (const char* fault : {"loses_a_picture", "wrong_size", "starves"}) {
    script(fault);
    EXPECT_EQ(faults(video_codec::h264, 60), 1U) << fault;
    EXPECT_EQ(faults(video_codec::hevc, 60), 1U) << fault;
  }
}

TEST_F(nvenc_session, is_unsupported_where_the_gpu_cannot_do_it) {
  const struct {
    const char *fault, *sentence;
  } cases[] = {{"no_engine", "no NVENC encoder, or none that may be used here (NV_ENC_ERR_UNSUPPORTED_DEVICE)"},
               {"no_device", "(NV_ENC_ERR_NO_ENCODE_DEVICE)"},
               {"no_hevc", "makes no HEVC"},
               {"small", "makes HEVC of at most 1280 x 720 pixels"}};
  for (const auto& one : cases) {
    script(one.fault);
    const failure refused = refusal();
    EXPECT_EQ(refused.status(), GPUBENCH_MODULE_UNSUPPORTED) << one.fault;
    EXPECT_THAT(refused.what(), HasSubstr(one.sentence));
  }
}

TEST_F(nvenc_session, a_limit_of_sessions_is_told_from_want_of_memory) {
  script("session_limit");
  const failure refused = refusal();
  EXPECT_EQ(refused.status(), GPUBENCH_MODULE_DEVICE_ERROR);
  EXPECT_THAT(refused.what(), HasSubstr("no further encoding session is granted"));
  EXPECT_THAT(refused.hint(), HasSubstr("end other programs that encode"));
}

TEST_F(nvenc_session, an_error_on_the_way_ends_the_case_with_the_drivers_words) {
  for (const auto& [fault, sentence] :
       {std::pair{"encode_error", "nvEncEncodePicture: NV_ENC_ERR_GENERIC (the engine gave up)"},
        std::pair{"holds_back", "nvEncEncodePicture: NV_ENC_ERR_NEED_MORE_INPUT"}}) {
    script(fault);
    try {
      faults(video_codec::h264, 60);
      FAIL() << fault;
    } catch (const failure& error) {
      EXPECT_EQ(error.status(), GPUBENCH_MODULE_DEVICE_ERROR);
      EXPECT_THAT(error.what(), HasSubstr(sentence));
    }
  }
}

TEST_F(nvenc_session, a_library_says_what_is_the_matter_with_it) {
  script("too_old");
  const auto old = open_nvenc(FAKE_NVENC_FILE);
  EXPECT_THAT(nvenc_unavailable(old).value_or(""), HasSubstr("too old for NVENC: it knows version 10.0"));
  EXPECT_THAT(nvenc_unavailable(old).value_or(""), HasSubstr("update the driver"));
  EXPECT_EQ(nvenc_version(old), std::nullopt);
  EXPECT_THAT(nvenc_unavailable(open_nvenc("/absent/libnvidia-encode.so.1")).value_or(""),
              HasSubstr("no NVENC: /absent/libnvidia-encode.so.1 not found"));
  EXPECT_THAT(nvenc_unavailable(open_nvenc("libm.so.6")).value_or(""), HasSubstr("libm.so.6 is no NVENC"));
  EXPECT_THAT(nvenc_unavailable(open_nvenc(GPUBENCH_SOURCE_DIR "/README.md")).value_or(""),
              HasSubstr("cannot be loaded"));
}

#else

TEST(nvenc_session, says_that_it_was_left_out_of_this_build) {
  EXPECT_THAT(nvenc_unavailable(nvenc()).value_or(""), HasSubstr("built without NVENC"));
}

#endif

TEST(video_encode, is_an_application_that_counts_frames) {
  EXPECT_TRUE(named("video_encode").is_application());
  const auto work = named("video_encode").work(video_of("hevc", 1920, 1080));
  EXPECT_STREQ(work.item, "frame");
  EXPECT_EQ(work.items, 60);
  EXPECT_EQ(named("video_encode").cases(GPUBENCH_MODULE_STANDARD, described_device(8, 9, 24, 48, 58)).size(), 2U);
  EXPECT_EQ(named("video_encode").cases(GPUBENCH_MODULE_FULL, described_device(8, 9, 24, 48, 58)).size(), 4U);
}

TEST(video_encode, says_why_a_size_or_codec_cannot_be_encoded) {
  const auto l4 = described_device(8, 9, 22, 48, 58);
  const auto reason = [&](const parameters& values, const device_properties& device) {
    return named("video_encode").unavailable(values, device).value_or("");
  };
  EXPECT_THAT(reason(video_of("av2", 1920, 1080), l4), HasSubstr("h264 or hevc"));
  EXPECT_THAT(reason(video_of("hevc", 1918, 1080), l4), HasSubstr("multiple of 4"));
  EXPECT_THAT(reason(video_of("hevc", 1920, 1081), l4), HasSubstr("multiple of 4"));
  EXPECT_THAT(reason(video_of("hevc", 16384, 1080), l4), HasSubstr("at most 8192"));
  EXPECT_THAT(reason(video_of("hevc", 8192, 8192), described_device(8, 9, 1, 48, 58)), HasSubstr("do not fit"));
}

}  // namespace
}  // namespace gpubench::cuda
