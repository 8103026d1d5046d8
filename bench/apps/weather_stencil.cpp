#include "bench/apps/transport_step.hpp"
#include "bench/apps/worst.hpp"
#include "bench/host/operands.hpp"
#include "bench/host/stream_arrays.hpp"
#include "kernels/weather_stencil_check.hpp"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <utility>
#include <vector>

namespace gpubench::bench::apps {
namespace {

constexpr std::int64_t smallest_grid = 2 * kernels::transport_radius + 1;
constexpr std::int64_t usual_grid = 512;
/// Of the 8 orders; roundings of fp32 cost half of one on the fine grid of the check.
constexpr double missing_orders_allowed = 0.75;

double points_of(const results::parameters& values) {
  const auto n = static_cast<double>(host::size_of(values, "n"));
  return n * n * n;
}

template <class T>
class weather_case : public prepared_case {
 public:
  weather_case(std::int64_t n, int threads)
      : n_(n),
        threads_(threads),
        coefficients_(kernels::coefficients_of<T>(numbers_)),
        first_(bytes()),
        second_(bytes()) {
    // A row and those around it lie in 19 planes, each of many pages.
    huge_pages_ = first_.advise_huge_pages() && second_.advise_huge_pages();
    const kernels::transport_solution initial(numbers_, n, 0);
    for_planes(n, threads, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t z = first; z < last; ++z) {
        for (std::int64_t y = 0; y < n; ++y) {
          const auto row = initial.along_row(y, z);
          for (std::int64_t x = 0; x < n; ++x) {
            values_[place(x, y, z)] = static_cast<T>(row.at(x));
            next_[place(x, y, z)] = 0;
          }
        }
      }
    });
    choose_tile();
  }

  std::chrono::duration<double, std::nano> sample() override {
    const auto time =
        host::time_of([this] { transport_step(coefficients_, n_, values_, next_, tile_rows_, threads_); });
    std::swap(values_, next_);
    ++steps_;
    return time;
  }

  results::verification verify() override {
    const double order = kernels::convergence_order<T>(
        [this](const kernels::transport_numbers& numbers, std::int64_t n, const T* in, T* out) {
          transport_step(kernels::coefficients_of<T>(numbers), n, in, out, tile_rows_, threads_);
        });
    const double missing = (kernels::transport_order - order) / missing_orders_allowed;
    return {
        fmt::format("every point against the exact solution of the difference scheme after {} steps, in units of "
                    "what roundings explain; and the order of convergence to a manufactured solution, {:.2f}, which "
                    "may miss {} of 8",
                    steps_, order, missing_orders_allowed),
        worst(largest_deviation() / kernels::transport_bound(std::numeric_limits<T>::epsilon(), steps_), missing), 1};
  }

  std::map<std::string, std::string> method() override {
    return {{"tile", fmt::format("{} rows of a plane, the fastest of {}", tile_rows_, tiles.size())},
            {"pages", huge_pages_ ? "huge ones advised" : "the kernel refused huge ones"},
            {"grid_values", "a wave of three dimensions around 1"}};
  }

 private:
  /// Caches differ too much between machines for a tile that suits all.
  static constexpr std::array<std::int64_t, 4> tiles{16, 8, 32, 64};

  std::size_t bytes() const { return static_cast<std::size_t>(n_ * n_ * n_) * sizeof(T); }
  std::size_t place(std::int64_t x, std::int64_t y, std::int64_t z) const {
    return static_cast<std::size_t>((z * n_ + y) * n_ + x);
  }

  void choose_tile() {
    auto best = std::chrono::duration<double, std::nano>::max();
    auto fastest = tile_rows_;
    sample();  // finds the clocks low
    for (const auto rows : tiles) {
      tile_rows_ = rows;
      const auto time = sample();
      if (time < best) fastest = rows;
      best = std::min(best, time);
    }
    tile_rows_ = fastest;
  }

  double largest_deviation() const {
    const kernels::transport_solution expected(numbers_, n_, steps_);
    double largest = 0;
#pragma omp parallel for num_threads(threads_) reduction(max : largest)
    for (std::int64_t z = 0; z < n_; ++z) {
      for (std::int64_t y = 0; y < n_; ++y) {
        const auto row = expected.along_row(y, z);
        for (std::int64_t x = 0; x < n_; ++x) {
          const double deviation = std::abs(static_cast<double>(values_[place(x, y, z)]) - row.at(x));
          // A NaN compares as false.
          if (!(deviation <= largest)) largest = deviation == deviation ? deviation : 1e300;
        }
      }
    }
    return largest;
  }

  std::int64_t n_;
  int threads_;
  kernels::transport_numbers numbers_;
  kernels::transport_coefficients<T> coefficients_;
  mapped_memory first_, second_;
  bool huge_pages_ = false;
  T* values_ = static_cast<T*>(first_.data());
  T* next_ = static_cast<T*>(second_.data());
  std::int64_t tile_rows_ = tiles.front();
  std::int64_t steps_ = 0;
};

benchmark_definition definition_of(bool fp64) {
  const double value_bytes = fp64 ? 8 : 4;
  const auto bytes_needed = [value_bytes](const results::parameters& values) {
    return 2 * points_of(values) * value_bytes;
  };
  benchmark_definition definition;
  definition.name = fp64 ? "weather_stencil_fp64" : "weather_stencil_fp32";
  definition.description = fmt::format(
      "One time step of advection and diffusion on a periodic grid of n^3 points, 8th order, in {} precision",
      fp64 ? "double" : "single");
  definition.backend = "host";
  definition.application = true;
  // The usual size first; halved where the machine is small.
  definition.cases = [bytes_needed](suite s, const machine& where) {
    const auto grid = [](std::int64_t n) { return results::parameters{{"n", n}}; };
    std::int64_t usual = usual_grid;
    while (usual > 64 && host::lacks_memory(where, bytes_needed(grid(usual)))) usual /= 2;
    std::vector<results::parameters> cases{grid(usual)};
    if (s == suite::full) {
      for (const std::int64_t n : {256, 1024}) {
        if (n != usual) cases.push_back(grid(n));
      }
    }
    return cases;
  };
  // Sources stand at the functions.
  definition.work = [value_bytes](const results::parameters& values) {
    const double points = points_of(values);
    return results::work_done{kernels::transport_flop(points), kernels::transport_bytes(points, value_bytes), points,
                              "grid-point update"};
  };
  definition.unavailable = [bytes_needed](const results::parameters& values,
                                          const machine& where) -> std::optional<std::string> {
    if (host::size_of(values, "n") < smallest_grid) {
      return fmt::format("n is {}, but a star of 8th order needs a grid of at least {} points along each axis",
                         host::size_of(values, "n"), smallest_grid);
    }
    return host::lacks_memory(where, bytes_needed(values));
  };
  definition.prepare = [fp64](const results::parameters& values,
                              const machine& where) -> std::unique_ptr<prepared_case> {
    const std::int64_t n = host::size_of(values, "n");
    if (fp64) return std::make_unique<weather_case<double>>(n, where.threads);
    return std::make_unique<weather_case<float>>(n, where.threads);
  };
  definition.overhead = [](const results::parameters& values, const machine& where) {
    // First touch, the choice of a tile and the check.
    return std::chrono::duration<double>(40e-9 * points_of(values) / std::max(1, where.threads));
  };
  definition.peak = benchmark_definition::peak_kind::memory_bandwidth;
  definition.precision = fp64 ? models::precision::fp64 : models::precision::fp32;
  return definition;
}

const registration fp32_registered{definition_of(false)};
const registration fp64_registered{definition_of(true)};

}  // namespace
}  // namespace gpubench::bench::apps
