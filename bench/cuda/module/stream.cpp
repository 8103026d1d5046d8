#include "kernels/stream.cuh"

#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/memory_clock.hpp"
#include "bench/cuda/module/memory_fit.hpp"
#include "bench/cuda/module/stream_shapes.hpp"
#include "bench/cuda/module/timer.hpp"
#include "bench/cuda/module/tuning.hpp"
#include "bench/cuda/module/watchdog.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

namespace gpubench::cuda {

namespace {

using kernels::launch_shape;
using kernels::stream_operation;

/// Never a result: 0xff bytes are a NaN, so an element that was not written fails the check.
constexpr int poison_byte = 0xff;

struct stream_description {
  stream_operation operation;
  const char* name;
  const char* text;
};

constexpr stream_description descriptions[] = {
    {stream_operation::copy, "stream_copy", "Device memory bandwidth of STREAM copy, c = a, in double precision"},
    {stream_operation::scale, "stream_scale", "Device memory bandwidth of STREAM scale, b = s c, in double precision"},
    {stream_operation::add, "stream_add", "Device memory bandwidth of STREAM add, c = a + b, in double precision"},
    {stream_operation::triad, "stream_triad",
     "Device memory bandwidth of STREAM triad, a = b + s c, in double precision"},
    {stream_operation::dot, "stream_dot", "Device memory bandwidth of the dot product of two arrays of doubles"},
    {stream_operation::read, "memory_read", "Device memory bandwidth of reading one array, summed in double precision"},
    {stream_operation::write, "memory_write", "Device memory bandwidth of writing one array of doubles"},
};

constexpr std::int64_t gib = std::int64_t{1} << 30;

class stream_case final : public prepared_case {
 public:
  stream_case(stream_operation operation, std::uint64_t elements, const device_properties& device)
      : operation_(operation), device_(device), timer_(device, "a streaming kernel") {
    arrays_.elements = elements;
    const std::size_t bytes = elements * sizeof(double);
    for (int i = 0; i < kernels::stream_arrays_read(operation); ++i) {
      inputs_.emplace_back(bytes);
      kernels::launch_stream_fill(inputs_.back().as<double>(), elements, static_cast<unsigned>(i), timer_.stream());
    }
    GPUBENCH_CUDA(cudaGetLastError());
    if (!inputs_.empty()) arrays_.first = inputs_.front().as<double>();
    if (inputs_.size() > 1) arrays_.second = inputs_[1].as<double>();
    const auto shapes = candidates();
    output_ = device_buffer(kernels::leaves_a_sum(operation) ? partial_sum_bytes(shapes) : bytes);
    arrays_.output = output_.as<double>();
    choose_shape(shapes);
    GPUBENCH_CUDA(cudaMemsetAsync(output_.data(), poison_byte, output_.bytes(), timer_.stream()));
    wait_for(timer_.stream(), "clearing an array");
  }

  sample_times sample() override { return timer_.cold(launch_of(arrays_, shape_)); }

  verification verify() override { return kernels::leaves_a_sum(operation_) ? verify_sum() : verify_elements(); }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    result.emplace_back("launch", shape_text(shape_));
    result.emplace_back("launch_choice", "the fastest of " + std::to_string(choice_.measured) + " shapes; the best " +
                                             std::to_string(choice_.finalists) + " were measured five times");
    result.emplace_back("operands", "integers from 1 to 1021 as doubles");
    if (kernels::stream_arrays_written(operation_) > 0) result.emplace_back("left_in_cache", left_in_cache());
    if (const auto text = bandwidth_text(memory_clock_of(device_.index))) {
      result.emplace_back("theoretical_bandwidth", *text);
    }
    return result;
  }

 private:
  std::function<void()> launch_of(const kernels::stream_arrays& arrays, const launch_shape& shape) const {
    return [this, arrays, shape] { kernels::launch_stream(operation_, arrays, shape, timer_.stream()); };
  }

  std::vector<launch_shape> candidates() const {
    return stream_shapes(operation_, arrays_.elements, has_bulk_copies(), [this](const launch_shape& shape) {
      int blocks = 0;
      GPUBENCH_CUDA(kernels::stream_blocks_per_multiprocessor(operation_, shape, &blocks));
      return static_cast<std::uint64_t>(blocks) * static_cast<std::uint64_t>(device_.multiprocessors);
    });
  }

  /// Of the device and of the code that runs on it.
  bool has_bulk_copies() const {
    if (!device_.at_least(9, 0)) return false;
    const device_buffer found(sizeof(int));
    kernels::launch_architecture(found.as<int>(), timer_.stream());
    GPUBENCH_CUDA(cudaGetLastError());
    wait_for(timer_.stream(), "asking the architecture");
    int architecture = 0;
    GPUBENCH_CUDA(cudaMemcpy(&architecture, found.data(), sizeof architecture, cudaMemcpyDeviceToHost));
    return architecture >= 900;
  }

  static std::size_t partial_sum_bytes(const std::vector<launch_shape>& shapes) {
    std::size_t most = 1;
    for (const auto& shape : shapes) most = std::max<std::size_t>(most, shape.blocks);
    return most * sizeof(double);
  }

  void choose_shape(const std::vector<launch_shape>& shapes) {
    load_kernels(shapes);
    // The first sample of all finds the clocks low and pays for what is set up once.
    timer_.cold(launch_of(arrays_, shapes.front()));
    choice_ =
        fastest_of(shapes.size(), [&](std::size_t i) { return timer_.cold(launch_of(arrays_, shapes[i])).device_ns; });
    shape_ = shapes[choice_.best];
  }

  /// A kernel is loaded at its first launch, which may wait for the device: all of them run once, on next to nothing,
  /// before any is launched behind a blocking kernel.
  void load_kernels(const std::vector<launch_shape>& shapes) {
    kernels::stream_arrays smallest = arrays_;
    smallest.elements = 2;
    for (launch_shape shape : shapes) {
      GPUBENCH_CUDA(kernels::prepare_stream_kernel(operation_, shape));
      shape.blocks = 1;
      kernels::launch_stream(operation_, smallest, shape, timer_.stream());
      GPUBENCH_CUDA(cudaGetLastError());
    }
    wait_for(timer_.stream(), "loading the streaming kernels");
  }

  /// What was written last may not have left the cache when the clock stops.
  std::string left_in_cache() const {
    const double counted = static_cast<double>(arrays_.elements * sizeof(double)) *
                           (kernels::stream_arrays_read(operation_) + kernels::stream_arrays_written(operation_));
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "at most %.1f %% of the bytes counted",
                  100 * std::min(1.0, device_.l2_bytes / counted));
    return text.data();
  }

  verification verify_elements() const {
    const device_buffer wrong(sizeof(unsigned long long));
    GPUBENCH_CUDA(cudaMemsetAsync(wrong.data(), 0, wrong.bytes(), timer_.stream()));
    kernels::launch_stream_check(operation_, arrays_.output, arrays_.elements, wrong.as<unsigned long long>(),
                                 timer_.stream());
    GPUBENCH_CUDA(cudaGetLastError());
    wait_for(timer_.stream(), "checking an array");
    unsigned long long found = 0;
    GPUBENCH_CUDA(cudaMemcpy(&found, wrong.data(), sizeof found, cudaMemcpyDeviceToHost));
    found += wrong_on_host();
    return {
        "wrong elements: every one checked on the device, the first and last 512 on the host, against the closed "
        "form",
        static_cast<double>(found), 0};
  }

  /// A check of the check: the device's own answer about its own work is not enough.
  unsigned long long wrong_on_host() const {
    const std::uint64_t count = std::min<std::uint64_t>(512, arrays_.elements);
    std::vector<double> values(count);
    unsigned long long wrong = 0;
    for (const std::uint64_t start : {std::uint64_t{0}, arrays_.elements - count}) {
      GPUBENCH_CUDA(cudaMemcpy(values.data(), arrays_.output + start, count * sizeof(double), cudaMemcpyDeviceToHost));
      for (std::uint64_t i = 0; i < count; ++i) {
        if (!(values[i] == kernels::stream_expected(operation_, start + i))) ++wrong;
      }
    }
    return wrong;
  }

  verification verify_sum() const {
    std::vector<double> partial(shape_.blocks);
    GPUBENCH_CUDA(cudaMemcpy(partial.data(), arrays_.output, partial.size() * sizeof(double), cudaMemcpyDeviceToHost));
    double sum = 0;
    for (const double value : partial) sum += value;
    const double expected = kernels::stream_expected_sum(operation_, arrays_.elements);
    return {"sum over all elements against the closed form, relative to it", std::abs(sum - expected) / expected, 0};
  }

  stream_operation operation_;
  device_properties device_;
  timer timer_;
  std::vector<device_buffer> inputs_;
  device_buffer output_;
  kernels::stream_arrays arrays_;
  launch_shape shape_;
  tuning_result choice_;
};

class stream_benchmark final : public benchmark {
 public:
  explicit stream_benchmark(const stream_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name,
            described_.text,
            "fp64",
            GPUBENCH_MODULE_PEAK_MEMORY_BANDWIDTH,
            GPUBENCH_MODULE_ONE_DEVICE,
            1.0};
  }

  /// As STREAM counts: each array that is read or written, once.
  gpubench_module_work work(const parameters& values) const override {
    const auto array_bytes = static_cast<double>(positive_parameter(values, "array_bytes"));
    const int flop = kernels::stream_flop_per_element(described_.operation);
    gpubench_module_work result{};
    result.has_bytes = 1;
    result.bytes = array_bytes * arrays();
    result.has_flop = flop > 0 ? 1 : 0;
    result.flop = flop * array_bytes / static_cast<double>(sizeof(double));
    return result;
  }

  /// 1 GiB an array and at least 32 times the L2 cache, so that what is written at the end and stays there is at most
  /// 3 % of the bytes counted; halved until it fits a small device or a slice of one.
  std::vector<parameters> cases(gpubench_module_suite, const device_properties& device) const override {
    const auto cached = static_cast<std::int64_t>(32 * device.l2_bytes);
    std::int64_t bytes = std::max(gib, cached / 4096 * 4096);
    while (bytes > 4096 && !fits(static_cast<double>(bytes), device)) bytes = bytes / 2 / 4096 * 4096;
    return {make_parameters({{"array_bytes", bytes}})};
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const std::int64_t bytes = positive_parameter(values, "array_bytes");
    if (bytes % 16 != 0) return "array_bytes must be a multiple of 16";
    if (!fits(static_cast<double>(bytes), device)) return "the arrays do not fit the device's memory";
    return no_code_for(device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    const auto bytes = static_cast<std::uint64_t>(positive_parameter(values, "array_bytes"));
    return std::make_unique<stream_case>(described_.operation, bytes / 16 * 2, device);
  }

 private:
  int arrays() const {
    return kernels::stream_arrays_read(described_.operation) + kernels::stream_arrays_written(described_.operation);
  }
  bool fits(double array_bytes, const device_properties& device) const {
    return fits_device(array_bytes * arrays(), device);
  }

  stream_description described_;
};

const registration<stream_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
