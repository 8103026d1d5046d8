#include "bench/clock.hpp"
#include "bench/host/operands.hpp"
#include "bench/registry.hpp"
#include "bench/rendering/check.hpp"
#include "bench/rendering/picture.hpp"
#include "core/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace gpubench::bench {

namespace {

// Numbers of pixels and of samples fit 32 bits.
constexpr std::int64_t most_pixels = std::int64_t{1} << 28, most_samples = std::int64_t{1} << 20;

std::string scene_of(const results::parameters& values) {
  for (const auto& [name, value] : values) {
    if (name == "scene" && std::holds_alternative<std::string>(value)) return std::get<std::string>(value);
  }
  return {};
}

kernels::image_settings image_of(const results::parameters& values) {
  kernels::image_settings image;
  image.width = static_cast<std::uint32_t>(host::size_of(values, "width"));
  image.height = static_cast<std::uint32_t>(host::size_of(values, "height"));
  image.samples_per_pixel = static_cast<std::uint32_t>(host::size_of(values, "samples_per_pixel"));
  return image;
}

double paths_of(const results::parameters& values) {
  return static_cast<double>(host::size_of(values, "width")) * static_cast<double>(host::size_of(values, "height")) *
         static_cast<double>(host::size_of(values, "samples_per_pixel"));
}

class path_tracer_case : public prepared_case {
 public:
  path_tracer_case(const results::parameters& values, const machine& where)
      : scene_(rendering::make_scene(scene_of(values))),
        image_(image_of(values)),
        threads_(where.threads),
        paths_(paths_of(values)) {
    constexpr std::uint32_t counted = 16384;
    const auto pixels = rendering::spread_pixels(image_, counted);
    static_cast<void>(rendering::render_pixels(scene_, image_, pixels, threads_, count_));
    counted_paths_ = static_cast<double>(pixels.size()) * image_.samples_per_pixel;
  }

  std::chrono::duration<double, std::nano> sample() override {
    constexpr float nothing = std::numeric_limits<float>::quiet_NaN();
    std::fill(picture_.pixels.begin(), picture_.pixels.end(), kernels::vector3{nothing, nothing, nothing});
    const auto start = steady_now();
    rendering::render(scene_, image_, threads_, picture_);
    const std::chrono::duration<double, std::nano> taken = steady_now() - start;
    times_ns_.push_back(taken.count());
    return taken;
  }

  /// The same random numbers and surfaces, but every triangle tested for every ray: what the hierarchy and the search
  /// through it may have lost shows.
  results::verification verify() override {
    const auto pixels = rendering::pixels_for_exhaustive_search(image_);
    std::vector<kernels::vector3> found;
    for (const std::uint32_t pixel : pixels)
      found.push_back(pixel < picture_.pixels.size() ? picture_.pixels[pixel] : kernels::vector3{});
    const auto expected = rendering::render_pixels_exhaustively(scene_, image_, pixels, threads_);
    return {fmt::format("{} pixels against tests of every triangle, mean deviation over their mean", pixels.size()),
            rendering::mean_deviation(found, expected), rendering::same_code_tolerance};
  }

  std::map<std::string, std::string> method() override {
    const auto rays = static_cast<double>(count_.rays);
    const double rays_per_path = rays / counted_paths_;
    const double paths_per_second = paths_ / summarize(times_ns_).median * 1e9;
    constexpr double full_hd = 1920.0 * 1080.0;
    return {{"triangles", std::to_string(scene_.triangles.size())},
            {"bounces", std::to_string(image_.bounces)},
            {"rays_per_path", fmt::format("{:.3f}, shadow rays among them", rays_per_path)},
            {"box_tests_per_ray", fmt::format("{:.1f}", static_cast<double>(count_.box_tests) / rays)},
            {"triangle_tests_per_ray", fmt::format("{:.1f}", static_cast<double>(count_.triangle_tests) / rays)},
            {"rays_per_second", fmt::format("{:.4g} at the median", paths_per_second * rays_per_path)},
            {"frames_per_hour",
             fmt::format("{:.4g} of 1920 x 1080 at {} samples a pixel, at the median",
                         paths_per_second * 3600 / (full_hd * image_.samples_per_pixel), image_.samples_per_pixel)},
            {"search", "bounding volume hierarchy, 8 boxes a node, nearest first"}};
  }

 private:
  rendering::scene scene_;
  kernels::image_settings image_;
  int threads_;
  double paths_;
  kernels::search_count count_;
  double counted_paths_ = 0;
  rendering::picture picture_;
  std::vector<double> times_ns_;
};

std::vector<results::parameters> cases(suite s, const machine&) {
  const auto one = [](const char* scene, std::int64_t width, std::int64_t height, std::int64_t samples) {
    return results::parameters{
        {"scene", std::string(scene)}, {"width", width}, {"height", height}, {"samples_per_pixel", samples}};
  };
  std::vector<results::parameters> result{one("meadow", 320, 180, 8), one("cornell", 256, 256, 8)};
  if (s == suite::full) {
    result.push_back(one("meadow", 1920, 1080, 2));
    result.push_back(one("cornell", 1024, 1024, 2));
  }
  return result;
}

std::optional<std::string> unavailable(const results::parameters& values, const machine& where) {
  const auto known = std::find(std::begin(rendering::scene_names), std::end(rendering::scene_names), scene_of(values));
  if (known == std::end(rendering::scene_names)) return "scene must be cornell or meadow";
  for (const char* name : {"width", "height", "samples_per_pixel"}) {
    if (host::size_of(values, name) < 1) return std::string(name) + " must be 1 or more";
    if (host::size_of(values, name) > most_samples) return std::string(name) + " must be at most 2^20";
  }
  if (host::size_of(values, "width") * host::size_of(values, "height") > most_pixels) return "more than 2^28 pixels";
  constexpr double scene_bytes = 500e6;  // the larger scene while its hierarchy is built
  const double bytes =
      scene_bytes + 12.0 * paths_of(values) / static_cast<double>(host::size_of(values, "samples_per_pixel"));
  if (where.usable_memory_bytes > 0 && bytes > where.usable_memory_bytes) return "scene and picture do not fit memory";
  return std::nullopt;
}

benchmark_definition path_tracer() {
  benchmark_definition definition;
  definition.name = "path_tracer";
  definition.description = "Path tracing of a procedural scene, four bounces, with shadow rays to its lamps";
  definition.backend = "host";
  definition.application = true;
  definition.cases = cases;
  // A path from the eye, whatever number of rays it turns out to have: the planner's rays of op=path_tracing.
  definition.work = [](const results::parameters& values) {
    return results::work_done{std::nullopt, std::nullopt, paths_of(values), "path"};
  };
  definition.unavailable = unavailable;
  definition.prepare = [](const results::parameters& values, const machine& where) {
    return std::make_unique<path_tracer_case>(values, where);
  };
  definition.overhead = [](const results::parameters& values, const machine&) {
    return std::chrono::duration<double>(scene_of(values) == "meadow" ? 4.0 : 0.5);
  };
  return definition;
}

const registration unused{path_tracer()};

}  // namespace

}  // namespace gpubench::bench
