#include "kernels/weather_stencil.cuh"

#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/memory_fit.hpp"
#include "bench/cuda/module/timer.hpp"
#include "bench/cuda/module/tuning.hpp"
#include "bench/cuda/module/watchdog.hpp"
#include "bench/cuda/module/worst_error.hpp"
#include "kernels/weather_stencil_check.hpp"

#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>
#include <vector>

namespace gpubench::cuda {

namespace {

using kernels::transport_shape;

constexpr std::int64_t smallest_grid = 2 * kernels::transport_radius + 1;
/// As on the host.
constexpr double missing_orders_allowed = 0.75;

struct weather_description {
  bool fp64;
  const char* name;
  const char* text;
};

constexpr weather_description descriptions[] = {
    {false, "weather_stencil_fp32",
     "One time step of advection and diffusion on a periodic grid of n^3 points, 8th order, in single precision"},
    {true, "weather_stencil_fp64",
     "One time step of advection and diffusion on a periodic grid of n^3 points, 8th order, in double precision"},
};

template <class T>
class weather_case final : public prepared_case {
 public:
  weather_case(int n, const device_properties& device)
      : n_(n),
        timer_(device, "a step of the weather stencil"),
        coefficients_(kernels::coefficients_of<T>(numbers_)),
        values_(points() * sizeof(T)),
        next_(points() * sizeof(T)) {
    const kernels::transport_solution initial(numbers_, n, 0);
    std::vector<T> plane(plane_size());
    for (int z = 0; z < n; ++z) {
      for (int y = 0; y < n; ++y) {
        const auto row = initial.along_row(y, z);
        for (int x = 0; x < n; ++x)
          plane[static_cast<std::size_t>(y) * un() + static_cast<std::size_t>(x)] = T(row.at(x));
      }
      GPUBENCH_CUDA(cudaMemcpy(values_.as<T>() + plane_size() * static_cast<std::size_t>(z), plane.data(),
                               plane.size() * sizeof(T), cudaMemcpyHostToDevice));
    }
    choose_shape();
  }

  sample_times sample() override {
    return timer_.cold([this] { step(); });
  }

  verification verify() override {
    wait_for(timer_.stream(), "a step of the weather stencil");
    worst_error error;
    error.add(largest_deviation() / kernels::transport_bound(std::numeric_limits<T>::epsilon(), steps_));
    const double order = convergence();
    error.add((kernels::transport_order - order) / missing_orders_allowed);
    char text[320];
    std::snprintf(
        text, sizeof text,
        "every point against the exact solution of the difference scheme after %lld steps, in units of what "
        "roundings explain; and the order of convergence to a manufactured solution, %.2f, which may miss %.2f "
        "of 8",
        static_cast<long long>(steps_), order, missing_orders_allowed);
    return {text, error.get(), 1};
  }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    const int tile_x = shape_.packs && sizeof(T) == 8 ? shape_.tile_x / 2 : shape_.tile_x;
    result.emplace_back("launch", "tiles of " + std::to_string(tile_x) + " x " + std::to_string(shape_.tile_y) +
                                      " points" + (shape_.packs ? ", in packs of 16 bytes," : "") +
                                      " marching through " + std::to_string(shape_.planes) +
                                      " planes, the fastest of " + std::to_string(choice_.measured));
    result.emplace_back("grid_values", "a wave of three dimensions around 1");
    return result;
  }

 private:
  std::size_t un() const { return static_cast<std::size_t>(n_); }
  std::size_t plane_size() const { return un() * un(); }
  std::size_t points() const { return plane_size() * un(); }

  /// Called once for each launch that the timer makes, so that steps are counted as they are enqueued.
  void step() {
    kernels::launch_transport(coefficients_, n_, values_.as<T>(), next_.as<T>(), shape_, timer_.stream());
    std::swap(values_, next_);
    ++steps_;
  }

  void choose_shape() {
    std::vector<transport_shape> shapes;
    for (const auto& tile : kernels::transport_tiles) {
      // Long marches load few planes twice, many parts leave no multiprocessor idle at the end.
      for (const int parts : {1, 2, 3, 4, 6, 8, 16}) {
        const transport_shape shape{tile.x, tile.y, std::max(1, (n_ + parts - 1) / parts), tile.packs};
        if (kernels::takes_transport_shape(sizeof(T) == 8, n_, shape)) shapes.push_back(shape);
      }
    }
    // Kernels are loaded at their first launch, which must not be behind a blocking kernel.
    for (const auto& shape : shapes) {
      shape_ = shape;
      step();
    }
    GPUBENCH_CUDA(cudaGetLastError());
    wait_for(timer_.stream(), "loading the kernels of the weather stencil");
    choice_ = fastest_of(shapes.size(), [&](std::size_t i) {
      shape_ = shapes[i];
      return timer_.cold([this] { step(); }).device_ns;
    });
    shape_ = shapes[choice_.best];
  }

  double largest_deviation() const {
    const kernels::transport_solution expected(numbers_, n_, steps_);
    std::vector<T> plane(plane_size());
    worst_error largest;
    for (int z = 0; z < n_; ++z) {
      GPUBENCH_CUDA(cudaMemcpy(plane.data(), values_.as<T>() + plane_size() * static_cast<std::size_t>(z),
                               plane.size() * sizeof(T), cudaMemcpyDeviceToHost));
      for (int y = 0; y < n_; ++y) {
        const auto row = expected.along_row(y, z);
        const T* const found = plane.data() + static_cast<std::size_t>(y) * un();
        for (int x = 0; x < n_; ++x) largest.add(std::abs(double(found[x]) - row.at(x)));
      }
    }
    return largest.get();
  }

  double convergence() const {
    return kernels::convergence_order<T>(
        [this](const kernels::transport_numbers& numbers, std::int64_t n, const T* in, T* out) {
          const std::size_t bytes = static_cast<std::size_t>(n * n * n) * sizeof(T);
          const device_buffer from(bytes), to(bytes);
          GPUBENCH_CUDA(cudaMemcpy(from.data(), in, bytes, cudaMemcpyHostToDevice));
          kernels::launch_transport(kernels::coefficients_of<T>(numbers), static_cast<int>(n), from.as<T>(), to.as<T>(),
                                    shape_, timer_.stream());
          GPUBENCH_CUDA(cudaGetLastError());
          wait_for(timer_.stream(), "checking the weather stencil");
          GPUBENCH_CUDA(cudaMemcpy(out, to.data(), bytes, cudaMemcpyDeviceToHost));
        });
  }

  int n_;
  timer timer_;
  kernels::transport_numbers numbers_;
  kernels::transport_coefficients<T> coefficients_;
  device_buffer values_, next_;
  transport_shape shape_;
  tuning_result choice_;
  std::int64_t steps_ = 0;
};

class weather_benchmark final : public benchmark {
 public:
  explicit weather_benchmark(const weather_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name,
            described_.text,
            described_.fp64 ? "fp64" : "fp32",
            GPUBENCH_MODULE_PEAK_MEMORY_BANDWIDTH,
            GPUBENCH_MODULE_ONE_DEVICE,
            2.5};
  }

  bool is_application() const override { return true; }

  gpubench_module_work work(const parameters& values) const override {
    const auto n = static_cast<double>(positive_parameter(values, "n"));
    gpubench_module_work result{};
    result.has_flop = result.has_bytes = result.has_items = 1;
    result.items = n * n * n;
    result.item = "grid-point update";
    result.flop = kernels::transport_flop(result.items);
    result.bytes = kernels::transport_bytes(result.items, value_bytes());
    return result;
  }

  /// The usual grid, halved until it fits a small device or a slice of one; others in the full suite.
  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    if (suite == GPUBENCH_MODULE_QUICK) return {};
    std::int64_t usual = 512;
    while (usual > 64 && !fits(usual, device)) usual /= 2;
    std::vector<parameters> result{make_parameters({{"n", usual}})};
    if (suite == GPUBENCH_MODULE_FULL) {
      for (const std::int64_t n : {256, 1024}) {
        if (n != usual) result.push_back(make_parameters({{"n", n}}));
      }
    }
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const std::int64_t n = positive_parameter(values, "n");
    if (n < smallest_grid) {
      return "n is " + std::to_string(n) +
             ", but a star of 8th order needs a grid of at least 9 points along each axis";
    }
    if (!fits(n, device)) return "the two grids do not fit the device's memory";
    return no_code_for(device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    const auto n = static_cast<int>(positive_parameter(values, "n"));
    if (described_.fp64) return std::make_unique<weather_case<double>>(n, device);
    return std::make_unique<weather_case<float>>(n, device);
  }

 private:
  double value_bytes() const { return described_.fp64 ? 8 : 4; }
  bool fits(std::int64_t n, const device_properties& device) const {
    const auto along = static_cast<double>(n);
    return n <= 8192 && fits_device(2 * along * along * along * value_bytes(), device);
  }

  weather_description described_;
};

const registration<weather_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
