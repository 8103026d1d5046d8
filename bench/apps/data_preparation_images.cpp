#include "bench/apps/image_preparation.hpp"
#include "bench/apps/jpeg.hpp"
#include "bench/clock.hpp"
#include "bench/host/operands.hpp"
#include "bench/registry.hpp"

#include <fmt/format.h>

#include <omp.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace gpubench::bench::apps {
namespace {

/// The mean of ImageNet's training images: 500 x 375 pixels, 110 kB (Russakovsky et al., IJCV 2015: 1,281,167 images in
/// 138 GB). Quality 95 makes files of that size of the images here.
constexpr int width = 500, height = 375, quality = 95;
constexpr std::size_t different_images = 16;

class images_case : public prepared_case {
 public:
  explicit images_case(const results::parameters& params)
      : threads_(static_cast<int>(host::size_of(params, "threads"))),
        files_(different_images),
        prepared_(static_cast<std::size_t>(host::size_of(params, "images")) * prepared_values),
        decoded_(static_cast<std::size_t>(threads_)),
        preparations_(static_cast<std::size_t>(threads_), image_preparation(width, height)) {
#pragma omp parallel for num_threads(threads_)
    for (std::size_t i = 0; i < different_images; ++i)
      files_[i] = encoded_jpeg(photograph_like(width, height, i), quality);
  }

  std::chrono::duration<double, std::nano> sample() override {
    // NaN, so that an image that was left out is found.
    std::fill(prepared_.begin(), prepared_.end(), std::numeric_limits<float>::quiet_NaN());
    const std::size_t images = prepared_.size() / prepared_values;
    const auto start = steady_now();
#pragma omp parallel for num_threads(threads_) schedule(dynamic)
    for (std::size_t i = 0; i < images; ++i) {
      const auto thread = static_cast<std::size_t>(omp_get_thread_num());
      decode_jpeg(files_[i % different_images], decoded_[thread]);
      preparations_[thread].prepare(decoded_[thread], prepared_.data() + i * prepared_values);
    }
    return steady_now() - start;
  }

  results::verification verify() override {
    double worst = 0;
    // One more than a quarter, so that they are of different pictures.
    const std::size_t images = prepared_.size() / prepared_values, step = images / 4 + 1;
    for (std::size_t i = 0; i < images; i += step) {
      const auto source = photograph_like(width, height, i % different_images);
      worst = std::max(worst, preparation_error(source, prepared_.data() + i * prepared_values));
    }
    return {
        "4 prepared images against plain arithmetic on the pictures before they were JPEG, root mean square in steps "
        "of "
        "an 8-bit channel",
        worst, tolerance};
  }

  std::map<std::string, std::string> method() override {
    std::size_t bytes = 0;
    for (const auto& file : files_) bytes += file.size();
    return {{"images", fmt::format("{} of {} x {} pixels, {:.0f} kB of JPEG on average", different_images, width,
                                   height, static_cast<double>(bytes) / different_images / 1e3)},
            {"prepared", fmt::format("{0} x {0} x 3 values in fp32", prepared_side)}};
  }

 private:
  /// Loss of quality leaves 1.7; an image shifted by one pixel is 7 off.
  static constexpr double tolerance = 3;

  int threads_;
  std::vector<std::vector<std::uint8_t>> files_;
  std::vector<float> prepared_;
  std::vector<rgb_image> decoded_;
  std::vector<image_preparation> preparations_;
};

benchmark_definition images_definition() {
  benchmark_definition definition;
  definition.name = "data_preparation_images";
  definition.description =
      "Rate of decoding JPEG files of 500 x 375 pixels, resizing, cutting out 224 x 224 and normalising them, as "
      "before "
      "training on ImageNet";
  definition.backend = "host";
  definition.application = true;
  definition.cases = [](suite, const machine& where) {
    std::vector<results::parameters> cases;
    for (const std::int64_t threads : {std::int64_t{where.threads}, std::int64_t{1}}) {
      cases.push_back({{"images", 64 * threads}, {"threads", threads}});
      if (where.threads == 1) break;
    }
    return cases;
  };
  definition.work = [](const results::parameters& params) {
    results::work_done work;
    work.items = static_cast<double>(host::size_of(params, "images"));
    work.item = "image";
    return work;
  };
  definition.unavailable = [](const results::parameters& params, const machine& where) -> std::optional<std::string> {
    if (host::size_of(params, "images") < 1 || host::size_of(params, "threads") < 1)
      return "images and threads must be at least 1";
    const double bytes = static_cast<double>(host::size_of(params, "images")) * prepared_values * sizeof(float);
    if (where.usable_memory_bytes > 0 && bytes > where.usable_memory_bytes / 2) {
      return "the prepared images do not fit half of the memory";
    }
    return std::nullopt;
  };
  definition.prepare = [](const results::parameters& params, const machine&) {
    return std::make_unique<images_case>(params);
  };
  definition.overhead = [](const results::parameters&, const machine&) { return std::chrono::duration<double>(2.5); };
  return definition;
}

const registration unused{images_definition()};

}  // namespace
}  // namespace gpubench::bench::apps
