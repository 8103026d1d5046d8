#include "kernels/stream.cuh"

#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/timer.hpp"

#include <algorithm>
#include <limits>
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
    {stream_operation::read, "memory_read", "Device memory bandwidth of reading one array, summed in double precision"},
    {stream_operation::write, "memory_write", "Device memory bandwidth of writing one array of doubles"},
};

/// Launches worth trying on any device: whether few large blocks or many small ones, and whether one pass or as many
/// blocks as fit, is best differs between generations by some percent.
std::vector<launch_shape> candidates(stream_operation operation, std::uint64_t elements,
                                     const device_properties& device) {
  std::vector<launch_shape> result;
  for (const int threads : {256, 512, 1024}) {
    for (const int vectors : {1, 4}) {
      const std::uint64_t tiles = kernels::tiles_of(elements, threads, vectors);
      constexpr std::uint64_t most_blocks = std::numeric_limits<std::int32_t>::max();
      if (tiles <= most_blocks) result.push_back({threads, vectors, static_cast<std::uint32_t>(tiles)});
      int resident = 0;
      GPUBENCH_CUDA(kernels::stream_blocks_per_multiprocessor(operation, threads, vectors, &resident));
      const auto blocks = static_cast<std::uint64_t>(resident) * static_cast<std::uint64_t>(device.multiprocessors);
      if (blocks > 0 && blocks < tiles) result.push_back({threads, vectors, static_cast<std::uint32_t>(blocks)});
    }
  }
  return result;
}

class stream_case final : public prepared_case {
 public:
  stream_case(stream_operation operation, std::uint64_t elements, const device_properties& device)
      : operation_(operation), timer_(device, "a streaming kernel") {
    arrays_.elements = elements;
    const std::size_t bytes = elements * sizeof(double);
    const auto shapes = candidates(operation, elements, device);
    for (int i = 0; i < kernels::stream_arrays_read(operation); ++i) {
      inputs_.emplace_back(bytes);
      kernels::launch_stream_fill(inputs_.back().as<double>(), elements, static_cast<unsigned>(i), timer_.stream());
    }
    GPUBENCH_CUDA(cudaGetLastError());
    if (!inputs_.empty()) arrays_.first = inputs_.front().as<double>();
    if (inputs_.size() > 1) arrays_.second = inputs_[1].as<double>();
    output_ = device_buffer(operation == stream_operation::read ? partial_sum_bytes(shapes) : bytes);
    arrays_.output = output_.as<double>();
    choose_shape(shapes);
    GPUBENCH_CUDA(cudaMemsetAsync(output_.data(), poison_byte, output_.bytes(), timer_.stream()));
  }

  sample_times sample() override {
    return timer_.cold([this] { kernels::launch_stream(operation_, arrays_, shape_, timer_.stream()); });
  }

  verification verify() override { return operation_ == stream_operation::read ? verify_sum() : verify_elements(); }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    result.emplace_back("launch", launch_text());
    return result;
  }

 private:
  static std::size_t partial_sum_bytes(const std::vector<launch_shape>& shapes) {
    std::size_t most = 1;
    for (const auto& shape : shapes) most = std::max<std::size_t>(most, shape.blocks);
    return most * sizeof(double);
  }

  /// The fastest of two samples decides: here noise only ever adds time.
  void choose_shape(const std::vector<launch_shape>& shapes) {
    double best_ns = std::numeric_limits<double>::infinity();
    for (const auto& shape : shapes) {
      const auto work = [&] { kernels::launch_stream(operation_, arrays_, shape, timer_.stream()); };
      const double first_ns = timer_.cold(work).device_ns;
      const double time_ns = std::min(first_ns, timer_.cold(work).device_ns);
      if (time_ns < best_ns) {
        best_ns = time_ns;
        shape_ = shape;
      }
    }
  }

  std::string launch_text() const {
    return std::to_string(shape_.blocks) + " blocks of " + std::to_string(shape_.threads) + " threads with " +
           std::to_string(shape_.vectors) + " vectors of 16 bytes each, the fastest shape tried";
  }

  verification verify_elements() const {
    const device_buffer wrong(sizeof(unsigned long long));
    GPUBENCH_CUDA(cudaMemsetAsync(wrong.data(), 0, wrong.bytes(), timer_.stream()));
    kernels::launch_stream_check(operation_, arrays_.output, arrays_.elements, wrong.as<unsigned long long>(),
                                 timer_.stream());
    GPUBENCH_CUDA(cudaGetLastError());
    GPUBENCH_CUDA(cudaStreamSynchronize(timer_.stream()));
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
    const double expected = kernels::stream_expected_sum(arrays_.elements);
    return {"sum of all elements against the closed form, relative to it", std::abs(sum - expected) / expected, 0};
  }

  stream_operation operation_;
  timer timer_;
  std::vector<device_buffer> inputs_;
  device_buffer output_;
  kernels::stream_arrays arrays_;
  launch_shape shape_;
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

  /// 1 GiB an array and at least 8 times the L2 cache, so that what stays in the cache between arrays does not count;
  /// halved until it fits a small device or a slice of one.
  std::vector<parameters> cases(gpubench_module_suite, const device_properties& device) const override {
    constexpr std::int64_t gib = std::int64_t{1} << 30;
    const auto cached = static_cast<std::int64_t>(8 * device.l2_bytes);
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
    return array_bytes * arrays() + 2 * device.l2_bytes <= usable_memory_fraction * device.memory_bytes;
  }

  stream_description described_;
};

const registration<stream_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
