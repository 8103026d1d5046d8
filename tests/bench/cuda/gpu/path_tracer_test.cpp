#include "kernels/path_tracer.cuh"

#include "bench/cuda/module/owners.hpp"
#include "bench/rendering/check.hpp"
#include "bench/rendering/picture.hpp"

#include <vector>

#include "on_device.hpp"

namespace gpubench::bench {
namespace {

class path_tracer_on_device : public on_device {};

results::parameters picture(const char* scene, std::int64_t width, std::int64_t height, std::int64_t samples) {
  return {{"scene", std::string(scene)}, {"width", width}, {"height", height}, {"samples_per_pixel", samples}};
}

TEST_F(path_tracer_on_device, pictures_that_no_tile_divides_agree_with_the_cpu) {
  for (const char* scene : {"cornell", "meadow"}) {
    const auto method = expect_right("path_tracer", picture(scene, 131, 77, 8));
    EXPECT_EQ(method.count("rays_per_second"), method.empty() ? 0U : 1U);
  }
  expect_right("path_tracer", picture("cornell", 1, 1, 64));
}

template <class List>
cuda::device_buffer uploaded(const List& values) {
  cuda::device_buffer result(values.size() * sizeof(typename List::value_type));
  EXPECT_EQ(cudaMemcpy(result.data(), values.data(), result.bytes(), cudaMemcpyHostToDevice), cudaSuccess);
  return result;
}

TEST_F(path_tracer_on_device, a_shifted_picture_is_found_wrong_and_every_block_size_makes_the_same) {
  const auto scene = rendering::make_scene("cornell");
  const auto nodes = uploaded(scene.nodes), triangles = uploaded(scene.triangles);
  const auto materials = uploaded(scene.materials), lights = uploaded(scene.lights);
  const kernels::image_settings image{96, 54, 8, 4};
  auto view = scene.view(image.width, image.height);
  view.nodes = nodes.as<kernels::wide_node>();
  view.triangles = triangles.as<kernels::triangle>();
  view.materials = materials.as<kernels::material>();
  view.lights = lights.as<std::uint32_t>();
  const std::size_t count = std::size_t{image.width} * image.height;
  const auto all = rendering::spread_pixels(image, 1U << 30);
  kernels::search_count searched;
  const auto expected = rendering::render_pixels(scene, image, all, 2, searched);
  for (const int threads : kernels::path_tracer_block_threads) {
    const cuda::device_buffer pixels(count * sizeof(kernels::vector3));
    ASSERT_EQ(cudaMemset(pixels.data(), 0xff, pixels.bytes()), cudaSuccess);
    kernels::launch_path_tracer(view, image, pixels.as<kernels::vector3>(), threads, nullptr);
    ASSERT_EQ(cudaGetLastError(), cudaSuccess);
    std::vector<kernels::vector3> found(count);
    ASSERT_EQ(cudaMemcpy(found.data(), pixels.data(), pixels.bytes(), cudaMemcpyDeviceToHost), cudaSuccess);
    EXPECT_LE(rendering::mean_deviation(found, expected), rendering::other_device_tolerance) << threads;
    std::vector<kernels::vector3> shifted(found.begin() + 1, found.end());
    shifted.push_back(found.front());
    EXPECT_GT(rendering::mean_deviation(shifted, expected), rendering::other_device_tolerance) << threads;
  }
}

}  // namespace
}  // namespace gpubench::bench
