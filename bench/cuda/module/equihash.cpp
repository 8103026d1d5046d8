#include "kernels/equihash.cuh"

#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/median.hpp"
#include "bench/cuda/module/memory_fit.hpp"
#include "bench/cuda/module/timer.hpp"
#include "bench/cuda/module/watchdog.hpp"
#include "kernels/equihash_check.hpp"
#include "kernels/equihash_layout.hpp"
#include "kernels/equihash_solution.hpp"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace gpubench::cuda {

namespace {

struct equihash_description {
  const char* name;
  const char* text;
};

constexpr equihash_description descriptions[] = {
    {"equihash",
     "Runs of a solver of Equihash with parameters n and k, a proof of work bound by memory, one nonce a run"},
};

/// What each sample leaves is fetched after it, outside the timed work: some kilobytes.
template <class Shape>
class equihash_case final : public prepared_case {
 public:
  explicit equihash_case(const device_properties& device) : timer_(device, "equihash"), memory_(layout::bytes) {
    GPUBENCH_CUDA(cudaMemsetAsync(memory_.data(), 0, layout::candidates, timer_.stream()));
    wait_for(timer_.stream(), "clearing counters");
  }

  sample_times sample() override {
    const std::uint64_t nonce = next_nonce_++;
    const auto input = kernels::equihash_input_of<Shape>(kernels::zcash_input(nonce));
    const auto times = timer_.hot([&] { kernels::launch_equihash<Shape>(input, memory_.data(), timer_.stream()); }, 1);
    take_solutions(nonce);
    times_ns_.push_back(times.device_ns);
    return times;
  }

  /// Where no sample had a solution goes on until there is one.
  verification verify() override {
    constexpr int most_further_runs = 16;
    for (int i = 0; runs_ > 0 && i < most_further_runs && solutions_.empty(); ++i) static_cast<void>(sample());
    const double entries =
        static_cast<double>(Shape::strings) * Shape::k * static_cast<double>(std::max(runs_, std::uint64_t{1}));
    return {
        "invalid ones of the last 32 solutions, by a verifier of its own; 1 more where none, or improbably few, were "
        "found, and 1 where more than a thousandth of the entries was dropped",
        kernels::equihash_errors(kernels::wrong_solutions(Shape::n, Shape::k, solutions_), runs_, found_,
                                 static_cast<double>(dropped_) / entries),
        0};
  }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    char text[96];
    std::snprintf(text, sizeof text, "%llu in %llu runs, %.2f a run", static_cast<unsigned long long>(found_),
                  static_cast<unsigned long long>(runs_),
                  runs_ > 0 ? static_cast<double>(found_) / static_cast<double>(runs_) : 0.0);
    result.emplace_back("solutions", text);
    if (!times_ns_.empty()) {
      std::snprintf(text, sizeof text, "%.4g at the median",
                    static_cast<double>(found_) / static_cast<double>(runs_) / median(times_ns_) * 1e9);
      result.emplace_back("solutions_per_second", text);
    }
    std::snprintf(text, sizeof text, "%llu in %llu runs, for want of room in a bucket",
                  static_cast<unsigned long long>(dropped_), static_cast<unsigned long long>(runs_));
    result.emplace_back("dropped_entries", text);
    return result;
  }

 private:
  using layout = kernels::equihash_layout<Shape>;
  static constexpr std::size_t most_kept = 32;

  std::vector<std::uint32_t> words_at(std::size_t offset, std::size_t count) const {
    std::vector<std::uint32_t> words(count);
    GPUBENCH_CUDA(cudaMemcpy(words.data(), static_cast<const char*>(memory_.data()) + offset, count * sizeof(words[0]),
                             cudaMemcpyDeviceToHost));
    return words;
  }

  void take_solutions(std::uint64_t nonce) {
    const std::uint32_t found = words_at(layout::solution_count, 1)[0];
    const std::size_t kept = std::min(found, layout::most_solutions);
    if (kept > 0) {
      const auto indices = words_at(layout::solutions, kept * layout::indices);
      for (std::size_t i = 0; i < kept; ++i) {
        const auto first = indices.begin() + static_cast<std::ptrdiff_t>(i * layout::indices);
        std::vector<std::uint32_t> solution(first, first + layout::indices);
        // What has an index twice is no solution: kept as it is, the check finds it.
        solutions_.push_back({nonce, kernels::equihash_ordered(solution).value_or(solution)});
      }
    }
    if (solutions_.size() > most_kept) {
      solutions_.erase(solutions_.begin(), solutions_.end() - static_cast<std::ptrdiff_t>(most_kept));
    }
    ++runs_;
    found_ += found;
    dropped_ += words_at(layout::dropped_count, 1)[0];
  }

  timer timer_;
  device_buffer memory_;
  std::vector<double> times_ns_;
  std::uint64_t next_nonce_ = kernels::zcash_genesis_nonce;
  std::uint64_t runs_ = 0, found_ = 0, dropped_ = 0;
  std::vector<kernels::solved_nonce> solutions_;
};

class equihash_benchmark final : public benchmark {
 public:
  explicit equihash_benchmark(const equihash_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name, described_.text, no_precision, GPUBENCH_MODULE_PEAK_NONE, GPUBENCH_MODULE_ONE_DEVICE, 0.5};
  }

  bool is_application() const override { return true; }

  gpubench_module_work work(const parameters& values) const override {
    gpubench_module_work result{};
    result.has_items = 1;
    result.items = 1;
    result.item = "run";
    kernels::with_equihash_shape(positive_parameter(values, "n"), positive_parameter(values, "k"), [&](auto shape) {
      result.has_bytes = 1;
      result.bytes = kernels::equihash_bytes<decltype(shape)>();
    });
    return result;
  }

  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties&) const override {
    std::vector<parameters> result = {make_parameters({{"n", 200}, {"k", 9}}), make_parameters({{"n", 96}, {"k", 5}})};
    if (suite == GPUBENCH_MODULE_FULL) result.push_back(make_parameters({{"n", 144}, {"k", 5}}));
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    double bytes = 0;
    const bool is_known = kernels::with_equihash_shape(
        positive_parameter(values, "n"), positive_parameter(values, "k"),
        [&](auto shape) { bytes = static_cast<double>(kernels::equihash_layout<decltype(shape)>::bytes); });
    if (!is_known) return kernels::equihash_shapes_text;
    if (!fits_device(bytes, device)) return "the lists do not fit the device's memory";
    return no_code_for(device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    std::unique_ptr<prepared_case> prepared;
    kernels::with_equihash_shape(positive_parameter(values, "n"), positive_parameter(values, "k"), [&](auto shape) {
      prepared = std::make_unique<equihash_case<decltype(shape)>>(device);
    });
    return prepared;
  }

 private:
  equihash_description described_;
};

const registration<equihash_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
