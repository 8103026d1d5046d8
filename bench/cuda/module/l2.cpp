#include "kernels/l2.cuh"

#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/timer.hpp"
#include "bench/cuda/module/tuning.hpp"
#include "bench/cuda/module/watchdog.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace gpubench::cuda {

namespace {

using kernels::l2_operation;
using kernels::launch_shape;

constexpr int poison_byte = 0xff;
constexpr std::int64_t vector_bytes = 16;

struct l2_description {
  l2_operation operation;
  const char* name;
  const char* text;
};

constexpr l2_description descriptions[] = {
    {l2_operation::read, "l2_read", "Bandwidth of all multiprocessors reading, past their L1, what the L2 cache holds"},
    {l2_operation::write, "l2_write", "Bandwidth of all multiprocessors writing over and over what the L2 cache holds"},
};

class l2_case final : public prepared_case {
 public:
  l2_case(l2_operation operation, std::uint64_t working_set_bytes, const device_properties& device)
      : operation_(operation), timer_(device, "reading or writing the L2 cache"), memory_(working_set_bytes) {
    const auto shapes = candidates(device);
    std::size_t most_blocks = 1;
    for (const auto& shape : shapes) most_blocks = std::max<std::size_t>(most_blocks, shape.blocks);
    sums_ = device_buffer(most_blocks * sizeof(std::uint32_t));
    arrays_ = {memory_.data(), sums_.as<std::uint32_t>(), working_set_bytes / vector_bytes,
               kernels::l2_passes(working_set_bytes)};
    kernels::launch_l2_fill(memory_.data(), arrays_.vectors, timer_.stream());
    GPUBENCH_CUDA(cudaGetLastError());
    choose_shape(shapes);
    const auto& written = operation == l2_operation::read ? sums_ : memory_;
    GPUBENCH_CUDA(cudaMemsetAsync(written.data(), poison_byte, written.bytes(), timer_.stream()));
    wait_for(timer_.stream(), "clearing a working set");
  }

  sample_times sample() override { return timer_.hot(launch_of(arrays_, shape_), 1); }

  verification verify() override { return operation_ == l2_operation::read ? verify_sum() : verify_words(); }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    result.emplace_back("passes_per_launch", std::to_string(arrays_.passes));
    result.emplace_back("access", operation_ == l2_operation::read ? "ld.global.cg" : "st.global.cg");
    result.emplace_back("launch", std::to_string(shape_.blocks) + " blocks of " + std::to_string(shape_.threads) +
                                      " threads with " + std::to_string(shape_.vectors) +
                                      " vectors of 16 bytes each, the fastest of " + std::to_string(choice_.measured));
    return result;
  }

 private:
  std::function<void()> launch_of(const kernels::l2_arrays& arrays, const launch_shape& shape) const {
    return [this, arrays, shape] { kernels::launch_l2(operation_, arrays, shape, timer_.stream()); };
  }

  /// As many blocks as fit: a launch makes many passes, and all multiprocessors are to be busy to the end.
  std::vector<launch_shape> candidates(const device_properties& device) const {
    std::vector<launch_shape> result;
    for (const int vectors : kernels::l2_vectors) {
      for (const int threads : {1024, 512, 256}) {
        launch_shape shape{threads, vectors, 1, kernels::memory_access::cached};
        int blocks = 0;
        GPUBENCH_CUDA(kernels::l2_blocks_per_multiprocessor(operation_, shape, &blocks));
        shape.blocks = static_cast<std::uint32_t>(std::max(1, blocks * device.multiprocessors));
        result.push_back(shape);
      }
    }
    return result;
  }

  void choose_shape(const std::vector<launch_shape>& shapes) {
    // Kernels are loaded at their first launch, which must not be behind a blocking kernel.
    auto once = arrays_;
    once.passes = 1;
    for (const auto& shape : shapes) launch_of(once, shape)();
    GPUBENCH_CUDA(cudaGetLastError());
    wait_for(timer_.stream(), "loading the kernels of the L2 cache");
    choice_ = fastest_of(shapes.size(),
                         [&](std::size_t i) { return timer_.hot(launch_of(arrays_, shapes[i]), 1).device_ns; });
    shape_ = shapes[choice_.best];
  }

  verification verify_sum() const {
    std::vector<std::uint32_t> sums(shape_.blocks);
    GPUBENCH_CUDA(cudaMemcpy(sums.data(), sums_.data(), sums.size() * sizeof(sums[0]), cudaMemcpyDeviceToHost));
    std::uint32_t found = 0;
    for (const std::uint32_t sum : sums) found += sum;
    const std::uint32_t expected = kernels::l2_expected_sum(arrays_.vectors * 4, arrays_.passes);
    return {"difference of the sum of all words of all passes, modulo 2^32, from that of the host",
            static_cast<double>(found - expected), 0};
  }

  verification verify_words() const {
    std::vector<std::uint32_t> words(arrays_.vectors * 4);
    GPUBENCH_CUDA(cudaMemcpy(words.data(), memory_.data(), words.size() * sizeof(words[0]), cudaMemcpyDeviceToHost));
    std::uint64_t wrong = 0;
    for (std::uint64_t i = 0; i < words.size(); ++i) wrong += words[i] != kernels::l2_written_word(i) ? 1 : 0;
    return {"wrong words, of all in the working set", static_cast<double>(wrong), 0};
  }

  l2_operation operation_;
  timer timer_;
  device_buffer memory_, sums_;
  kernels::l2_arrays arrays_;
  launch_shape shape_;
  tuning_result choice_;
};

class l2_benchmark final : public benchmark {
 public:
  explicit l2_benchmark(const l2_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name, described_.text, no_precision, GPUBENCH_MODULE_PEAK_NONE, GPUBENCH_MODULE_ONE_DEVICE, 0.2};
  }

  /// Each byte of the working set once a pass.
  gpubench_module_work work(const parameters& values) const override {
    const auto bytes = static_cast<std::uint64_t>(positive_parameter(values, "working_set_bytes"));
    gpubench_module_work result{};
    result.has_bytes = 1;
    result.bytes = static_cast<double>(bytes) * kernels::l2_passes(bytes);
    return result;
  }

  /// A quarter of the cache first: where the L2 consists of two halves that each keep what their multiprocessors read,
  /// as on A100 and H100, a half is no longer sure to fit. Then a half, and a sweep to beyond the whole.
  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    std::vector<double> fractions = {0.25};
    if (suite != GPUBENCH_MODULE_QUICK) fractions.push_back(0.5);
    if (suite == GPUBENCH_MODULE_FULL) fractions.insert(fractions.end(), {0.125, 0.0625, 0.75, 1, 2});
    std::vector<parameters> result;
    for (const double fraction : fractions) {
      constexpr std::int64_t least = 64 << 10;
      const auto bytes = static_cast<std::int64_t>(fraction * device.l2_bytes) / 4096 * 4096;
      result.push_back(make_parameters({{"working_set_bytes", std::max(least, bytes)}}));
    }
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const std::int64_t bytes = positive_parameter(values, "working_set_bytes");
    if (bytes % vector_bytes != 0) return "working_set_bytes must be a multiple of 16";
    if (!(device.l2_bytes > 0)) return "the runtime does not say how large the L2 cache is";
    if (static_cast<double>(bytes) > 2 * device.l2_bytes) {
      return "the working set is larger than twice the L2 cache; memory_read and memory_write measure that";
    }
    return no_code_for(device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    const auto bytes = static_cast<std::uint64_t>(positive_parameter(values, "working_set_bytes"));
    return std::make_unique<l2_case>(described_.operation, bytes, device);
  }

 private:
  l2_description described_;
};

const registration<l2_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
