#include "bench/clock.hpp"
#include "bench/host/stream_arrays.hpp"
#include "bench/host/stream_kernels.hpp"
#include "bench/registry.hpp"

#include <fmt/format.h>

#include <omp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>

namespace gpubench::bench {

namespace {

/// STREAM's four, and filling an array.
enum class stream_kernel { copy, scale, add, triad, write };

/// Arrays read and written per element. What a store first fetches (write-allocate) is not counted, as in STREAM.
constexpr double arrays_moved(stream_kernel kernel) {
  switch (kernel) {
    case stream_kernel::write:
      return 1;
    case stream_kernel::add:
    case stream_kernel::triad:
      return 3;
    default:
      return 2;
  }
}

constexpr double flop_per_element(stream_kernel kernel) {
  switch (kernel) {
    case stream_kernel::copy:
    case stream_kernel::write:
      return 0;
    case stream_kernel::triad:
      return 2;
    default:
      return 1;
  }
}

/// STREAM's closed form for one element.
double expected_value(stream_kernel kernel, std::size_t i, double scalar) {
  const double a = stream_arrays::first_value(i);
  const double b = stream_arrays::second_value(i);
  switch (kernel) {
    case stream_kernel::copy:
      return a;
    case stream_kernel::scale:
      return scalar * a;
    case stream_kernel::add:
      return a + b;
    case stream_kernel::triad:
      return a + scalar * b;
    case stream_kernel::write:
      return scalar;
  }
  return 0;
}

class stream_case : public prepared_case {
 public:
  stream_case(stream_kernel kernel, const results::parameters& params, const machine& where)
      : kernel_(kernel),
        arrays_(stream_arrays::acquire(params)),
        warnings_(array_size_warnings(where, arrays_->elements() * sizeof(double))) {
    arrays_->clear_destination(untouched);  // what an earlier case left must not pass for this one's result
  }

  std::chrono::duration<double, std::nano> sample() override {
    const auto& arrays = *arrays_;
    const std::size_t slice = next_slice_;
    const double scalar = 3.0 + static_cast<double>(samples_++ % 5);  // changes, so that a stale result shows
    next_slice_ = (next_slice_ + 1) % slices_per_array;
    slice_scalars_[slice] = scalar;

    const auto start = steady_now();
#pragma omp parallel num_threads(arrays.threads())
    {
      const auto part = slice_of(arrays.elements(), omp_get_thread_num(), arrays.threads(), slice);
      const double* const a = arrays.first_source() + part.first;
      const double* const b = arrays.second_source() + part.first;
      double* const c = arrays.destination() + part.first;
      switch (kernel_) {
        case stream_kernel::copy:
          stream_copy_range(c, a, part.count);
          break;
        case stream_kernel::scale:
          stream_scale_range(c, a, scalar, part.count);
          break;
        case stream_kernel::add:
          stream_add_range(c, a, b, part.count);
          break;
        case stream_kernel::triad:
          stream_triad_range(c, a, b, scalar, part.count);
          break;
        case stream_kernel::write:
          fill_range(c, scalar, part.count);
          break;
      }
    }
    return arrays.scaled_to_first_slice(steady_now() - start, slice);
  }

  results::verification verify() override {
    const auto& arrays = *arrays_;
    double largest = 0;
#pragma omp parallel num_threads(arrays.threads()) reduction(max : largest)
    for (std::size_t slice = 0; slice < slices_per_array; ++slice) {
      const auto part = slice_of(arrays.elements(), omp_get_thread_num(), arrays.threads(), slice);
      for (std::size_t i = part.first; i < part.first + part.count; ++i) {
        const double expected = slice_scalars_[slice] ? expected_value(kernel_, i, *slice_scalars_[slice]) : untouched;
        const double error = std::abs(arrays.destination()[i] - expected) / std::abs(expected);
        if (!(error <= largest)) largest = std::isnan(error) ? INFINITY : error;  // the reduction would lose a NaN
      }
    }
    return {"every element against the closed form, relative", largest, 0};
  }

  std::vector<std::string> warnings() override {
    return warnings_;
  }

 private:
  static constexpr double untouched = -1;

  stream_kernel kernel_;
  std::shared_ptr<stream_arrays> arrays_;
  std::vector<std::string> warnings_;
  std::size_t next_slice_ = 0;
  std::size_t samples_ = 0;
  std::array<std::optional<double>, slices_per_array> slice_scalars_;
};

benchmark_definition stream_definition(stream_kernel kernel, std::string name, const std::string& what) {
  auto definition = bandwidth_definition(
      std::move(name),
      fmt::format(
          "Memory bandwidth of {} too large for the caches, with ordinary stores; a store's own fetch is not counted",
          what),
      arrays_moved(kernel) * sizeof(double));
  if (flop_per_element(kernel) > 0) {
    definition.work = [kernel, bytes = definition.work](const results::parameters& params) {
      results::work_done work = bytes(params);
      work.flop = flop_per_element(kernel) * elements_of_sample(params);
      return work;
    };
  }
  definition.prepare = [kernel](const results::parameters& params, const machine& where) {
    return std::make_unique<stream_case>(kernel, params, where);
  };
  return definition;
}

const registration copy{stream_definition(stream_kernel::copy, "stream_copy", "c = a over arrays of doubles")};
const registration scale{stream_definition(stream_kernel::scale, "stream_scale", "b = q c over arrays of doubles")};
const registration add{stream_definition(stream_kernel::add, "stream_add", "c = a + b over arrays of doubles")};
const registration triad{stream_definition(stream_kernel::triad, "stream_triad", "a = b + q c over arrays of doubles")};
const registration write{stream_definition(stream_kernel::write, "memory_write", "filling an array of doubles")};

}  // namespace

}  // namespace gpubench::bench
