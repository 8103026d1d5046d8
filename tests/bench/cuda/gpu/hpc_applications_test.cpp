#include "bench/cuda/module/liquid_on_device.hpp"
#include "bench/cuda/module/owners.hpp"
#include "kernels/weather_stencil.cuh"
#include "kernels/weather_stencil_check.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "on_device.hpp"

namespace gpubench::bench {
namespace {

class hpc_applications_on_device : public on_device {};

TEST_F(hpc_applications_on_device, liquids_pass_their_checks) {
  for (const char* name : {"md_lennard_jones_fp32", "md_lennard_jones_fp64"}) {
    // Melting is itself a run, so that the answer stands there before the first sample.
    for (const std::int64_t atoms : {864, 4000, 32'000}) expect_right(named(name), {{"atoms", atoms}}, true);
  }
}

TEST_F(hpc_applications_on_device, grids_that_no_tile_divides_pass_their_checks) {
  for (const char* name : {"weather_stencil_fp32", "weather_stencil_fp64"}) {
    for (const std::int64_t n : {9, 21, 64, 101}) expect_right(named(name), {{"n", n}}, true);
  }
}

TEST_F(hpc_applications_on_device, a_liquid_conserves_energy_and_a_corrupted_force_is_found) {
  const auto stream = cuda::make_stream();
  cuda::liquid_on_device<float> liquid(kernels::watched_atoms, stream.get());
  const auto before = liquid.state();
  for (int part = 0; part < 20; ++part) {
    liquid.enqueue(kernels::watched_steps / 20);
    GPUBENCH_CUDA(cudaStreamSynchronize(stream.get()));
  }
  auto after = liquid.state();
  EXPECT_LT(kernels::energy_drift(before, after), kernels::energy_drift_allowed);
  EXPECT_LT(kernels::worst_force_error(after, kernels::watched_atoms), 1);
  after.forces[5].x += 0.01F;
  EXPECT_GT(kernels::worst_force_error(after, kernels::watched_atoms), 1);
}

TEST_F(hpc_applications_on_device, every_tile_steps_alike_and_a_shifted_coefficient_has_no_order) {
  const auto stream = cuda::make_stream();
  const auto order = [&](const kernels::transport_shape& shape, double change) {
    return kernels::convergence_order<double>(
        [&](const kernels::transport_numbers& numbers, std::int64_t n, const double* in, double* out) {
          const std::size_t bytes = static_cast<std::size_t>(n * n * n) * sizeof(double);
          const cuda::device_buffer from(bytes), to(bytes);
          auto a = kernels::coefficients_of<double>(numbers);
          a.x.above[1] += change;
          a.x.below[1] -= change;
          GPUBENCH_CUDA(cudaMemcpy(from.data(), in, bytes, cudaMemcpyHostToDevice));
          kernels::launch_transport(a, static_cast<int>(n), from.as<double>(), to.as<double>(), shape, stream.get());
          GPUBENCH_CUDA(cudaGetLastError());
          GPUBENCH_CUDA(cudaStreamSynchronize(stream.get()));
          GPUBENCH_CUDA(cudaMemcpy(out, to.data(), bytes, cudaMemcpyDeviceToHost));
        });
  };
  for (const auto& tile : kernels::transport_tiles) {
    for (const int planes : {5, 100}) {
      const kernels::transport_shape shape{tile.x, tile.y, planes, tile.packs};
      if (!kernels::takes_transport_shape(true, 16, shape)) continue;
      EXPECT_NEAR(order(shape, 0), 7.84, 0.05) << tile.x << " x " << tile.y << " / " << planes;
      EXPECT_LT(order(shape, 1e-5), 7);
    }
  }
}

TEST_F(hpc_applications_on_device, every_tile_gives_single_precision_the_same_step) {
  constexpr int n = 140;  // divides into packs, and into tiles of no size
  constexpr std::size_t points = std::size_t{n} * n * n;
  const auto stream = cuda::make_stream();
  const cuda::device_buffer from(points * sizeof(float)), to(points * sizeof(float));
  std::vector<float> values(points), expected, found(points);
  for (std::size_t i = 0; i < points; ++i) values[i] = static_cast<float>(kernels::mix_bits(i) >> 40) / (1 << 24);
  GPUBENCH_CUDA(cudaMemcpy(from.data(), values.data(), from.bytes(), cudaMemcpyHostToDevice));
  const auto a = kernels::coefficients_of<float>(kernels::transport_numbers{});
  for (const auto& tile : kernels::transport_tiles) {
    for (const int planes : {7, n}) {
      const kernels::transport_shape shape{tile.x, tile.y, planes, tile.packs};
      if (!kernels::takes_transport_shape(false, n, shape)) continue;
      GPUBENCH_CUDA(cudaMemset(to.data(), 0xff, to.bytes()));
      GPUBENCH_CUDA(cudaDeviceSynchronize());
      kernels::launch_transport(a, n, from.as<float>(), to.as<float>(), shape, stream.get());
      GPUBENCH_CUDA(cudaGetLastError());
      GPUBENCH_CUDA(cudaStreamSynchronize(stream.get()));
      GPUBENCH_CUDA(cudaMemcpy(found.data(), to.data(), to.bytes(), cudaMemcpyDeviceToHost));
      if (expected.empty()) expected = found;
      float worst = 0;
      for (std::size_t i = 0; i < points; ++i) {
        const float off = std::abs(found[i] - expected[i]);
        if (!(off <= worst)) worst = off;  // so that a NaN stays
      }
      EXPECT_LT(worst, 1e-5F) << tile.x << " x " << tile.y << " / " << planes;
    }
  }
}

}  // namespace
}  // namespace gpubench::bench
