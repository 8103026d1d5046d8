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

enum class stream_kernel { copy, scale, add, triad };

/// Arrays read and written per element. What a store first fetches (write-allocate) is not counted, as in STREAM.
constexpr double arrays_moved(stream_kernel kernel) {
  return kernel == stream_kernel::add || kernel == stream_kernel::triad ? 3 : 2;
}

constexpr double flop_per_element(stream_kernel kernel) {
  switch (kernel) {
    case stream_kernel::copy:
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
        largest = std::max(largest, std::abs(arrays.destination()[i] - expected) / std::abs(expected));
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

benchmark_definition stream_definition(stream_kernel kernel, std::string name, std::string formula) {
  benchmark_definition definition;
  definition.name = std::move(name);
  definition.description = fmt::format(
      "Memory bandwidth of {} over double-precision arrays too large for the caches, with ordinary stores; a store's "
      "own fetch is not counted",
      formula);
  definition.backend = "host";
  definition.cases = bandwidth_cases;
  definition.work = [kernel](const results::parameters& params) {
    const double count = elements_of_sample(params);
    results::work_done work;
    if (kernel != stream_kernel::copy) work.flop = flop_per_element(kernel) * count;
    work.bytes = arrays_moved(kernel) * 8 * count;
    return work;
  };
  definition.unavailable = [](const results::parameters& params, const machine&) {
    return memory_shortage(3 * array_bytes(params));
  };
  definition.prepare = [kernel](const results::parameters& params, const machine& where) {
    return std::make_unique<stream_case>(kernel, params, where);
  };
  definition.overhead = [](const results::parameters& params, const machine&) {
    // Mostly filling and checking one array; the first case touches three. 1 GB/s is what a slow virtual machine does.
    return std::chrono::duration<double>(array_bytes(params) / 1e9);
  };
  definition.memory_group = stream_arrays::memory_group;
  definition.release = stream_arrays::release;
  definition.peak = benchmark_definition::peak_kind::memory_bandwidth;
  return definition;
}

const registration copy{stream_definition(stream_kernel::copy, "stream_copy", "c = a")};
const registration scale{stream_definition(stream_kernel::scale, "stream_scale", "b = q c")};
const registration add{stream_definition(stream_kernel::add, "stream_add", "c = a + b")};
const registration triad{stream_definition(stream_kernel::triad, "stream_triad", "a = b + q c")};

}  // namespace

}  // namespace gpubench::bench
