#include "kernels/path_tracer.cuh"

namespace gpubench::kernels {

namespace {

constexpr std::uint32_t warp = 32, tile_width = 8, tile_height = 4;

__host__ __device__ constexpr std::uint32_t parts_of(std::uint32_t size, std::uint32_t part) {
  return (size + part - 1) / part;
}

template <int threads>
__global__ void __launch_bounds__(threads)
    path_tracer_kernel(scene_view scene, image_settings image, vector3* __restrict__ pixels) {
  const std::uint32_t tile = blockIdx.x * (threads / warp) + threadIdx.x / warp, lane = threadIdx.x % warp;
  const std::uint32_t across = parts_of(image.width, tile_width);
  const std::uint32_t x = tile % across * tile_width + lane % tile_width;
  const std::uint32_t y = tile / across * tile_height + lane / tile_width;
  if (x >= image.width || y >= image.height) return;
  no_count count;
  pixels[static_cast<std::uint64_t>(y) * image.width + x] = pixel_radiance(tree_search{scene}, image, x, y, count);
}

template <int threads>
void launch(const scene_view& scene, const image_settings& image, vector3* pixels, cudaStream_t stream) {
  const std::uint32_t tiles = parts_of(image.width, tile_width) * parts_of(image.height, tile_height);
  path_tracer_kernel<threads><<<parts_of(tiles, threads / warp), threads, 0, stream>>>(scene, image, pixels);
}

}  // namespace

void launch_path_tracer(const scene_view& scene, const image_settings& image, vector3* pixels, int threads,
                        cudaStream_t stream) {
  switch (threads) {
    case 64:
      return launch<64>(scene, image, pixels, stream);
    case 256:
      return launch<256>(scene, image, pixels, stream);
    default:
      return launch<128>(scene, image, pixels, stream);
  }
}

}  // namespace gpubench::kernels
