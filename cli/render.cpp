#include "bench/machine.hpp"
#include "bench/rendering/picture.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/values.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "report/png.hpp"

#include <fmt/format.h>

#include <chrono>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace gpubench::cli {
namespace {

struct render_options {
  std::string scene = "cornell";
  int width = 512, height = 512, samples = 64;
};

std::vector<std::string> scene_names() {
  return {std::begin(rendering::scene_names), std::end(rendering::scene_names)};
}

std::string parse_scene(const std::string& text) {
  const auto known = scene_names();
  for (const auto& name : known) {
    if (name == text) return text;
  }
  throw error(error_kind::usage, "no scene '" + text + "'", "known are " + join(known, ", "));
}

exit_status render(const global_options& global, const render_options& options) {
  if (global.output.empty())
    throw error(error_kind::usage, "gpubench render: no file to write to", "--output picture.png");
  if (global.format_given)
    throw error(error_kind::usage, "gpubench render takes no --format", "it writes PNG; leave the option out");
  require_output(global);
  kernels::image_settings image;
  image.width = static_cast<std::uint32_t>(options.width);
  image.height = static_cast<std::uint32_t>(options.height);
  image.samples_per_pixel = static_cast<std::uint32_t>(options.samples);

  const auto environment = bench::discover_machine();
  const auto scene = rendering::make_scene(options.scene);
  rendering::picture picture;
  const auto start = std::chrono::steady_clock::now();
  rendering::render(scene, image, bench::describe_machine(environment).threads, picture);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  const auto file = report::png_of(image.width, image.height, rendering::srgb_bytes(picture));
  deliver(global, [&](std::ostream& out) { out << file; });
  say(global,
      fmt::format("{}: {} triangles, {} x {} pixels, {} in {:.1f} s, in {}", options.scene, scene.triangles.size(),
                  image.width, image.height, count_of(image.samples_per_pixel, "sample") + " a pixel", taken.count(),
                  global.output.string()));
  return exit_status::done;
}

}  // namespace

void declare_render(CLI::App& app, program& chosen) {
  auto* command = app.add_subcommand("render", "Make a picture of a scene of the path_tracer benchmark, on the CPU");
  const auto options = std::make_shared<render_options>();
  const auto pixels = [](const std::string& text) { return parse_count(text, 1, 16384); };
  add_value(*command, "--scene", options->scene, parse_scene, "NAME", join(scene_names(), " or ") + " (cornell)");
  add_value(*command, "--width", options->width, pixels, "PIXELS", "of the picture (512)");
  add_value(*command, "--height", options->height, pixels, "PIXELS", "of the picture (512)");
  add_value(
      *command, "--samples", options->samples, [](const std::string& text) { return parse_count(text, 1, 65536); }, "N",
      "paths a pixel (64): four times as many halve the noise");
  command->callback(
      [&chosen, options] { chosen.action = [&chosen, options] { return render(chosen.global, *options); }; });
}

}  // namespace gpubench::cli
