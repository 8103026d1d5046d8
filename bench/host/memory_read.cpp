#include "bench/clock.hpp"
#include "bench/host/stream_arrays.hpp"
#include "bench/host/stream_kernels.hpp"
#include "bench/registry.hpp"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace gpubench::bench {

namespace {

/// Sum of the first source array's first n elements. All partial sums are whole numbers below 2^53, so that adding in
/// any order gives exactly this.
double sum_of_first(std::size_t n) {
  constexpr std::size_t period = 1021;  // of stream_arrays::first_value()
  constexpr double sum_of_period = period * (period + 1) / 2.0;
  const double rest = static_cast<double>(n % period);
  return static_cast<double>(n / period) * sum_of_period + rest * (rest + 1) / 2;
}

class memory_read_case : public prepared_case {
 public:
  memory_read_case(const results::parameters& params, const machine& where)
      : arrays_(stream_arrays::acquire(params)),
        warnings_(array_size_warnings(where, arrays_->elements() * sizeof(double))) {}

  std::chrono::duration<double, std::nano> sample() override {
    const auto& arrays = *arrays_;
    const std::size_t slice = next_slice_;
    next_slice_ = (next_slice_ + 1) % slices_per_array;
    double sum = 0;
    const auto start = steady_now();
#pragma omp parallel num_threads(arrays.threads()) reduction(+ : sum)
    {
      const auto part = slice_of(arrays.elements(), omp_get_thread_num(), arrays.threads(), slice);
      sum += sum_range(arrays.first_source() + part.first, part.count);
    }
    const auto took = arrays.scaled_to_first_slice(steady_now() - start, slice);

    double expected = 0;
    for (int thread = 0; thread < arrays.threads(); ++thread) {
      const auto part = slice_of(arrays.elements(), thread, arrays.threads(), slice);
      expected += sum_of_first(part.first + part.count) - sum_of_first(part.first);
    }
    const double error = std::abs(sum - expected) / expected;
    if (!(error <= largest_error_)) largest_error_ = error;  // written so that a NaN fails
    return took;
  }

  results::verification verify() override {
    return {"the sum of every sample against the closed form, relative", largest_error_, 0};
  }

  std::vector<std::string> warnings() override {
    return warnings_;
  }

 private:
  std::shared_ptr<stream_arrays> arrays_;
  std::vector<std::string> warnings_;
  std::size_t next_slice_ = 0;
  double largest_error_ = 0;
};

benchmark_definition memory_read_definition() {
  auto definition = bandwidth_definition(
      "memory_read", "Memory bandwidth of reading (and summing) an array too large for the caches", sizeof(double));
  definition.prepare = [](const results::parameters& params, const machine& where) {
    return std::make_unique<memory_read_case>(params, where);
  };
  definition.overhead = [](const results::parameters& params, const machine&) {
    // The first of its group in order of name, so it is the one that touches the three arrays.
    return std::chrono::duration<double>(3 * array_bytes(params) / 1e9);
  };
  return definition;
}

const registration unused{memory_read_definition()};

}  // namespace

}  // namespace gpubench::bench
