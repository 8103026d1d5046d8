#include "bench/clock.hpp"
#include "bench/host/stream_arrays.hpp"
#include "bench/host/stream_kernels.hpp"
#include "bench/registry.hpp"

#include <omp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>

namespace gpubench::bench {

namespace {

class memory_write_case : public prepared_case {
 public:
  memory_write_case(const results::parameters& params, const machine& where)
      : arrays_(stream_arrays::acquire(params)),
        warnings_(array_size_warnings(where, arrays_->elements() * sizeof(double))) {
    arrays_->clear_destination(untouched);
  }

  std::chrono::duration<double, std::nano> sample() override {
    const auto& arrays = *arrays_;
    const std::size_t slice = next_slice_;
    const double value = 1.0 + static_cast<double>(samples_++ % 7);  // changes, so that a stale result shows
    next_slice_ = (next_slice_ + 1) % slices_per_array;
    slice_values_[slice] = value;
    const auto start = steady_now();
#pragma omp parallel num_threads(arrays.threads())
    {
      const auto part = slice_of(arrays.elements(), omp_get_thread_num(), arrays.threads(), slice);
      fill_range(arrays.destination() + part.first, value, part.count);
    }
    return arrays.scaled_to_first_slice(steady_now() - start, slice);
  }

  results::verification verify() override {
    const auto& arrays = *arrays_;
    double largest = 0;
#pragma omp parallel num_threads(arrays.threads()) reduction(max : largest)
    for (std::size_t slice = 0; slice < slices_per_array; ++slice) {
      const auto part = slice_of(arrays.elements(), omp_get_thread_num(), arrays.threads(), slice);
      const double expected = slice_values_[slice].value_or(untouched);
      for (std::size_t i = part.first; i < part.first + part.count; ++i) {
        largest = std::max(largest, std::abs(arrays.destination()[i] - expected));
      }
    }
    return {"every element against the value last written, absolute", largest, 0};
  }

  std::vector<std::string> warnings() override {
    return warnings_;
  }

 private:
  static constexpr double untouched = -1;

  std::shared_ptr<stream_arrays> arrays_;
  std::vector<std::string> warnings_;
  std::size_t next_slice_ = 0;
  std::size_t samples_ = 0;
  std::array<std::optional<double>, slices_per_array> slice_values_;
};

benchmark_definition memory_write_definition() {
  benchmark_definition definition;
  definition.name = "memory_write";
  definition.description =
      "Memory bandwidth of writing an array too large for the caches with ordinary stores; a store's own fetch is not "
      "counted";
  definition.backend = "host";
  definition.cases = bandwidth_cases;
  definition.work = [](const results::parameters& params) {
    results::work_done work;
    work.bytes = 8 * elements_of_sample(params);
    return work;
  };
  definition.unavailable = [](const results::parameters& params, const machine&) {
    return memory_shortage(3 * array_bytes(params));
  };
  definition.prepare = [](const results::parameters& params, const machine& where) {
    return std::make_unique<memory_write_case>(params, where);
  };
  definition.overhead = [](const results::parameters& params, const machine&) {
    return std::chrono::duration<double>(array_bytes(params) / 1e9);
  };
  definition.memory_group = stream_arrays::memory_group;
  definition.release = stream_arrays::release;
  definition.peak = benchmark_definition::peak_kind::memory_bandwidth;
  return definition;
}

const registration unused{memory_write_definition()};

}  // namespace

}  // namespace gpubench::bench
