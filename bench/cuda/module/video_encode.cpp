#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/memory_fit.hpp"
#include "bench/cuda/module/nvenc.hpp"
#include "bench/cuda/module/owners.hpp"
#include "bench/video/coded_video.hpp"
#include "bench/video/moving_picture.hpp"

#include <dlfcn.h>

#include <chrono>
#include <cstdio>
#include <vector>

namespace gpubench::cuda {

namespace {

using video::moving_picture;
using video::video_codec;

/// A second of video, so that the key picture at its beginning has its usual weight.
constexpr std::uint32_t pictures_per_second = 60;
constexpr std::size_t pictures_per_sample = pictures_per_second;

std::optional<video_codec> codec_of(const parameters& values) {
  const auto name = text_parameter(values, "codec").value_or("");
  if (name == "h264") return video_codec::h264;
  if (name == "hevc") return video_codec::hevc;
  return std::nullopt;
}

/// A tenth of a bit a pixel: 12.4 Mbit/s for 1080p at 60 pictures a second.
encoder_settings settings_of(const parameters& values) {
  encoder_settings result;
  result.codec = codec_of(values).value();
  result.size.width = static_cast<std::uint32_t>(positive_parameter(values, "width"));
  result.size.height = static_cast<std::uint32_t>(positive_parameter(values, "height"));
  result.pictures_per_second = pictures_per_second;
  result.bits_per_second = result.size.width * result.size.height / 10 * pictures_per_second;
  return result;
}

/// CUcontext of the current device. The driver's library is there, since there is a device.
void* current_context() {
  GPUBENCH_CUDA(cudaFree(nullptr));  // makes it, where nothing has done so
  void* const driver = dlopen("libcuda.so.1", RTLD_NOW);
  using function = int(void**);
  auto* const get = driver == nullptr ? nullptr : reinterpret_cast<function*>(dlsym(driver, "cuCtxGetCurrent"));
  void* context = nullptr;
  if (get == nullptr || get(&context) != 0 || context == nullptr) {
    throw failure(GPUBENCH_MODULE_DEVICE_ERROR, "cuCtxGetCurrent: the driver names no context of this device");
  }
  return context;
}

class video_encode_case final : public prepared_case {
 public:
  explicit video_encode_case(const parameters& values)
      : settings_(settings_of(values)), encoder_(nvenc(), current_context(), settings_, uploaded_pictures()) {}

  sample_times sample() override {
    const auto before = std::chrono::steady_clock::now();
    stream_ = &encoder_.encode(pictures_per_sample);
    const std::chrono::duration<double, std::nano> passed = std::chrono::steady_clock::now() - before;
    sample_times times;
    times.device_ns = passed.count();
    return times;
  }

  verification verify() override {
    const std::vector<std::uint8_t> nothing;
    const auto& stream = stream_ == nullptr ? nothing : *stream_;
    const double bits = static_cast<double>(settings_.bits_per_second) / pictures_per_second * pictures_per_sample;
    return {
        "the stream's pictures, the size it states and its length with what was asked for; no decoder looks at pixels",
        static_cast<double>(video::faults_of(settings_.codec, stream, {pictures_per_sample, settings_.size, bits})), 0};
  }

  method_notes notes() const override {
    method_notes result;
    result.emplace_back("preset", "P4");
    result.emplace_back("tuning", "low latency, no B pictures");
    result.emplace_back("rate_control", "constant bit rate");
    result.emplace_back("bits_per_second", std::to_string(settings_.bits_per_second) +
                                               " at 60 pictures a second, a tenth of a bit a pixel");
    if (stream_ != nullptr) {
      result.emplace_back("stream_bytes", std::to_string(stream_->size()) + " in the last sample");
    }
    result.emplace_back("input",
                        std::to_string(moving_picture::pictures) +
                            " moving pictures in NV12, forth and back, in device memory before the timed work");
    result.emplace_back("sessions", "1, which uses one encoder");
    result.emplace_back("pictures_in_flight", std::to_string(video_encoder::in_flight));
    result.emplace_back("timing", "by the host, from the first picture to the last byte in host memory");
    if (const auto version = nvenc_version(nvenc())) result.emplace_back("driver_nvenc_version", *version);
    return result;
  }

 private:
  device_pictures uploaded_pictures() {
    const moving_picture made(settings_.size.width, settings_.size.height);
    device_pictures result;
    for (std::uint32_t number = 0; number < moving_picture::pictures; ++number) {
      const auto picture = made.nv12(number);
      result.push_back(memory_.emplace_back(picture.size()).data());
      GPUBENCH_CUDA(cudaMemcpy(result.back(), picture.data(), picture.size(), cudaMemcpyHostToDevice));
    }
    return result;
  }

  encoder_settings settings_;
  std::vector<device_buffer> memory_;  ///< outlives the encoder
  video_encoder encoder_;
  const std::vector<std::uint8_t>* stream_ = nullptr;
};

struct video_encode_description {
  const char* name;
  const char* text;
};

constexpr video_encode_description descriptions[] = {
    {"video_encode", "Encoding of moving pictures by the GPU's video encoder (NVENC), one session, H.264 or HEVC"}};

class video_encode_benchmark final : public benchmark {
 public:
  explicit video_encode_benchmark(const video_encode_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name, described_.text, no_precision, GPUBENCH_MODULE_PEAK_NONE, GPUBENCH_MODULE_ONE_DEVICE, 2.0};
  }

  bool is_application() const override { return true; }

  gpubench_module_work work(const parameters&) const override {
    gpubench_module_work result{};
    result.has_items = 1;
    result.items = pictures_per_sample;
    result.item = "frame";
    return result;
  }

  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties&) const override {
    std::vector<parameters> result;
    const auto add = [&](std::int64_t width, std::int64_t height) {
      for (const char* codec : {"h264", "hevc"}) {
        parameters values = make_parameters({});
        add_text_parameter(values, "codec", codec);
        add_integer_parameter(values, "width", width);
        add_integer_parameter(values, "height", height);
        result.push_back(values);
      }
    };
    if (suite == GPUBENCH_MODULE_QUICK) return result;
    add(1920, 1080);
    if (suite == GPUBENCH_MODULE_FULL) add(3840, 2160);
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    if (!codec_of(values)) return "codec must be h264 or hevc";
    const auto width = positive_parameter(values, "width"), height = positive_parameter(values, "height");
    constexpr std::int64_t most = 8192;
    if (width % 4 != 0 || height % 2 != 0 || width > most || height > most) {
      return "width must be a multiple of 4, height of 2, and both at most 8192";
    }
    const auto picture = video::nv12_bytes(static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height));
    // Besides its input an encoder keeps what it predicts from, some pictures more.
    if (!fits_device(2.0 * static_cast<double>(moving_picture::pictures * picture), device)) {
      return "the pictures do not fit the device's memory";
    }
    return nvenc_unavailable(nvenc());
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties&) const override {
    return std::make_unique<video_encode_case>(values);
  }

 private:
  video_encode_description described_;
};

const registration<video_encode_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
