#include "kernels/path_tracer.cuh"

#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/median.hpp"
#include "bench/cuda/module/memory_fit.hpp"
#include "bench/cuda/module/timer.hpp"
#include "bench/cuda/module/tuning.hpp"
#include "bench/cuda/module/watchdog.hpp"
#include "bench/rendering/check.hpp"
#include "bench/rendering/picture.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

namespace gpubench::cuda {

namespace {

using kernels::image_settings;
using kernels::vector3;

/// NaN in every float: a pixel that was not written fails the check.
constexpr int poison_byte = 0xff;

std::string scene_of(const parameters& values) {
  return std::string(text_parameter(values, "scene").value_or(""));
}

double paths_of(const parameters& values) {
  return static_cast<double>(positive_parameter(values, "width")) *
         static_cast<double>(positive_parameter(values, "height")) *
         static_cast<double>(positive_parameter(values, "samples_per_pixel"));
}

image_settings image_of(const parameters& values) {
  image_settings image;
  image.width = static_cast<std::uint32_t>(positive_parameter(values, "width"));
  image.height = static_cast<std::uint32_t>(positive_parameter(values, "height"));
  image.samples_per_pixel = static_cast<std::uint32_t>(positive_parameter(values, "samples_per_pixel"));
  return image;
}

std::string text_of(double value, const char* format) {
  char text[32];
  static_cast<void>(std::snprintf(text, sizeof(text), format, value));
  return text;
}

/// A vector's copy on the device.
template <class List>
device_buffer uploaded(const List& values, cudaStream_t stream) {
  const std::size_t bytes = values.size() * sizeof(typename List::value_type);
  device_buffer result(std::max<std::size_t>(1, bytes));
  GPUBENCH_CUDA(cudaMemcpyAsync(result.data(), values.data(), bytes, cudaMemcpyHostToDevice, stream));
  return result;
}

class path_tracer_case final : public prepared_case {
 public:
  path_tracer_case(const parameters& values, const device_properties& device)
      : scene_(rendering::make_scene(scene_of(values))),
        image_(image_of(values)),
        paths_(paths_of(values)),
        timer_(device, "path tracing of " + scene_of(values)),
        nodes_(uploaded(scene_.nodes, timer_.stream())),
        triangles_(uploaded(scene_.triangles, timer_.stream())),
        materials_(uploaded(scene_.materials, timer_.stream())),
        lights_(uploaded(scene_.lights, timer_.stream())),
        pixels_(std::size_t{image_.width} * image_.height * sizeof(vector3)),
        view_(scene_.view(image_.width, image_.height)) {
    view_.nodes = nodes_.as<kernels::wide_node>();
    view_.triangles = triangles_.as<kernels::triangle>();
    view_.materials = materials_.as<kernels::material>();
    view_.lights = lights_.as<std::uint32_t>();
    choose_block();
    GPUBENCH_CUDA(cudaMemsetAsync(pixels_.data(), poison_byte, pixels_.bytes(), timer_.stream()));
    wait_for(timer_.stream(), "clearing a picture");
  }

  sample_times sample() override {
    const auto times = timer_.cold([this] { enqueue(image_, threads_); });
    times_ns_.push_back(times.device_ns);
    return times;
  }

  /// Some pixels again on the CPU, by the same functions: the same paths, but other machine code.
  verification verify() override {
    constexpr std::uint32_t most_pixels = 1024;
    const auto checked = rendering::spread_pixels(image_, most_pixels);
    std::vector<vector3> all(std::size_t{image_.width} * image_.height), found;
    wait_for(timer_.stream(), "path tracing");
    GPUBENCH_CUDA(cudaMemcpy(all.data(), pixels_.data(), pixels_.bytes(), cudaMemcpyDeviceToHost));
    for (const std::uint32_t pixel : checked) found.push_back(all[pixel]);
    const int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    const auto expected = rendering::render_pixels(scene_, image_, checked, threads, count_);
    counted_paths_ = static_cast<double>(checked.size()) * image_.samples_per_pixel;
    return {std::to_string(checked.size()) + " pixels against the CPU's, mean deviation over their mean",
            rendering::mean_deviation(found, expected), rendering::other_device_tolerance};
  }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    result.emplace_back("triangles", std::to_string(scene_.triangles.size()));
    result.emplace_back("bounces", std::to_string(image_.bounces));
    result.emplace_back("launch", "a pixel a thread, a warp 8 x 4 of them, blocks of " + std::to_string(threads_) +
                                      " threads, the fastest of " + std::to_string(choice_.measured));
    if (count_.rays == 0 || times_ns_.empty()) return result;
    const auto rays = static_cast<double>(count_.rays);
    const double rays_per_path = rays / counted_paths_, paths_per_second = paths_ / median(times_ns_) * 1e9;
    constexpr double full_hd = 1920.0 * 1080.0;
    result.emplace_back("rays_per_path", text_of(rays_per_path, "%.3f") + ", shadow rays among them");
    result.emplace_back("box_tests_per_ray", text_of(static_cast<double>(count_.box_tests) / rays, "%.1f"));
    result.emplace_back("triangle_tests_per_ray", text_of(static_cast<double>(count_.triangle_tests) / rays, "%.1f"));
    result.emplace_back("rays_per_second", text_of(paths_per_second * rays_per_path, "%.4g") + " at the median");
    result.emplace_back("frames_per_hour",
                        text_of(paths_per_second * 3600 / (full_hd * image_.samples_per_pixel), "%.4g") +
                            " of 1920 x 1080 at " + std::to_string(image_.samples_per_pixel) +
                            " samples a pixel, at the median");
    return result;
  }

 private:
  void enqueue(const image_settings& image, int threads) const {
    kernels::launch_path_tracer(view_, image, pixels_.as<vector3>(), threads, timer_.stream());
  }

  /// One path a pixel tells which block suits as well as all of them would.
  void choose_block() {
    auto once = image_;
    once.samples_per_pixel = 1;
    for (const int threads : kernels::path_tracer_block_threads) enqueue(once, threads);
    GPUBENCH_CUDA(cudaGetLastError());
    wait_for(timer_.stream(), "loading the kernels of path tracing");
    choice_ = fastest_of(std::size(kernels::path_tracer_block_threads), [&](std::size_t i) {
      return timer_.cold([&] { enqueue(once, kernels::path_tracer_block_threads[i]); }).device_ns;
    });
    threads_ = kernels::path_tracer_block_threads[choice_.best];
  }

  rendering::scene scene_;
  image_settings image_;
  double paths_;
  timer timer_;
  device_buffer nodes_, triangles_, materials_, lights_, pixels_;
  kernels::scene_view view_;
  tuning_result choice_;
  int threads_ = kernels::path_tracer_block_threads[0];
  kernels::search_count count_;
  double counted_paths_ = 0;
  std::vector<double> times_ns_;
};

struct path_tracer_description {
  const char* name;
  const char* text;
};

class path_tracer_benchmark final : public benchmark {
 public:
  explicit path_tracer_benchmark(const path_tracer_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name, described_.text, no_precision, GPUBENCH_MODULE_PEAK_NONE, GPUBENCH_MODULE_ONE_DEVICE, 4.0};
  }

  bool is_application() const override { return true; }

  /// A path from the eye, whatever number of rays it turns out to have: the planner's rays of op=path_tracing.
  gpubench_module_work work(const parameters& values) const override {
    gpubench_module_work result{};
    result.has_items = 1;
    result.items = paths_of(values);
    result.item = "path";
    return result;
  }

  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties&) const override {
    std::vector<parameters> result;
    if (suite == GPUBENCH_MODULE_QUICK) return result;
    const auto add = [&](const char* scene, std::int64_t width, std::int64_t height, std::int64_t samples) {
      parameters values = make_parameters({});
      add_text_parameter(values, "scene", scene);
      add_integer_parameter(values, "width", width);
      add_integer_parameter(values, "height", height);
      add_integer_parameter(values, "samples_per_pixel", samples);
      result.push_back(values);
    };
    add("meadow", 1920, 1080, 8);
    add("cornell", 1024, 1024, 16);
    if (suite != GPUBENCH_MODULE_FULL) return result;
    add("meadow", 1920, 1080, 64);
    // The CPU's.
    add("meadow", 320, 180, 8);
    add("cornell", 256, 256, 8);
    add("meadow", 1920, 1080, 2);
    add("cornell", 1024, 1024, 2);
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const std::string scene = scene_of(values);
    if (std::find(std::begin(rendering::scene_names), std::end(rendering::scene_names), scene) ==
        std::end(rendering::scene_names)) {
      return "scene must be cornell or meadow";
    }
    constexpr std::int64_t most_pixels = std::int64_t{1} << 28, most = std::int64_t{1} << 20;
    const auto width = positive_parameter(values, "width"), height = positive_parameter(values, "height");
    if (width > most || height > most || positive_parameter(values, "samples_per_pixel") > most) {
      return "width, height and samples_per_pixel must be at most 2^20";
    }
    if (width * height > most_pixels) return "more than 2^28 pixels";
    constexpr double scene_bytes = 64e6;  // the larger scene
    const double picture_bytes = static_cast<double>(width * height) * sizeof(vector3);
    if (!fits_device(scene_bytes + picture_bytes, device)) return "scene and picture do not fit the device's memory";
    return no_code_for(device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    return std::make_unique<path_tracer_case>(values, device);
  }

 private:
  path_tracer_description described_;
};

constexpr path_tracer_description descriptions[] = {
    {"path_tracer", "Path tracing of a procedural scene, four bounces, with shadow rays to its lamps"}};

const registration<path_tracer_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
