#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/cache_flush.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/owners.hpp"
#include "bench/cuda/module/timing_rules.hpp"
#include "bench/cuda/module/watchdog.hpp"
#include "kernels/chain.cuh"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <vector>

namespace gpubench::cuda {

namespace {

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;
constexpr std::int64_t gib = 1024 * mib;

/// Lines of the largest chain that is walked once in each sample before the clock starts: more than an L1 cache holds.
constexpr std::uint64_t most_untimed_lines = 4096;

struct latency_description {
  const char* name;
  const char* text;
  bool flushed;
};

constexpr latency_description descriptions[] = {
    {"memory_latency",
     "Time of one load that waits for the one before, over a random chain of 128-byte lines, on one thread", false},
    {"memory_latency_flushed",
     "Likewise, over a set that the L2 cache would hold, each time after the cache was flushed as before cold samples",
     true}};

class latency_case final : public prepared_case {
 public:
  latency_case(std::uint64_t working_set_bytes, const device_properties& device, bool flushed)
      : stream_(make_stream()),
        lines_(working_set_bytes / kernels::chain_line_bytes),
        stays_cached_(!flushed && static_cast<double>(working_set_bytes) <= 2 * device.l2_bytes),
        memory_(lines_ * kernels::chain_line_bytes),
        flushed_(flushed),
        result_(sizeof(kernels::chase_result)) {
    if (!stays_cached_) flush_.emplace(device.l2_bytes);
    last_.end_line = kernels::chain_line(0, lines_);
    GPUBENCH_CUDA(kernels::prepare_chase());
    kernels::launch_chain_build(memory_.data(), lines_, stream_.get());
    GPUBENCH_CUDA(cudaGetLastError());
    if (stays_cached_) {
      chase(0, lines_);
    } else {
      flush();
    }
    constexpr std::uint64_t trial_loads = 1024;
    chase(untimed_loads(), trial_loads);
    loads_ = kernels::chase_loads(static_cast<double>(last_.cycles) / trial_loads);
    // A line that is loaded twice is no longer cold.
    if (flushed_) loads_ = std::min(loads_, lines_);
  }

  sample_times sample() override {
    if (flushed_) flush();
    chase(untimed_loads(), loads_);
    sampled_ = true;
    const clock_interval passed{static_cast<double>(last_.cycles), static_cast<double>(last_.time_ns)};
    passed_.cycles += passed.cycles;
    passed_.ns += passed.ns;
    return {passed.ns / static_cast<double>(loads_), std::nullopt, clock_of(passed)};
  }

  verification verify() override {
    const bool right = sampled_ && last_.end_line == kernels::chain_line(place_, lines_);
    return {
        "whether all walks, each from where the one before ended, came to the line that the closed form of the chain "
        "names (0: yes)",
        right ? 0.0 : 1.0, 0};
  }

  std::optional<double> clock_hertz() const override { return clock_of(passed_); }

  method_notes notes() const override {
    std::array<char, 32> cycles{};
    std::snprintf(cycles.data(), cycles.size(), "%.1f",
                  static_cast<double>(last_.cycles) / static_cast<double>(loads_));
    return {{"cache_state", stays_cached_ ? "hot" : "cold"},
            {"access", "ld.global of 8 bytes, cached at all levels, one in flight"},
            {"loads_per_sample", std::to_string(loads_)},
            {"cycles_per_load", cycles.data()},
            {"clock", "the device's timer, read by the thread that loads"},
            {"address_translation", "misses of the TLBs are part of the latency of large sets"}};
  }

 private:
  std::uint64_t untimed_loads() const { return !flushed_ && lines_ <= most_untimed_lines ? lines_ : 0; }

  /// Goes on from where the last walk ended: a large chain walked again from its start would be found in the cache.
  void chase(std::uint64_t untimed, std::uint64_t timed) {
    kernels::launch_chase(memory_.data(), last_.end_line, untimed, timed, result_.as<kernels::chase_result>(),
                          stream_.get());
    GPUBENCH_CUDA(cudaGetLastError());
    wait_for(stream_.get(), "following a chain of pointers");
    GPUBENCH_CUDA(cudaMemcpy(&last_, result_.data(), sizeof last_, cudaMemcpyDeviceToHost));
    if (last_.end_line >= lines_)
      throw failure(GPUBENCH_MODULE_DEVICE_ERROR, "a walk along a chain of pointers left it");
    place_ = (place_ + untimed + timed) % lines_;
  }

  void flush() {
    flush_->enqueue(stream_.get());
    wait_for(stream_.get(), "flushing the cache");
  }

  stream_owner stream_;
  std::uint64_t lines_;
  bool stays_cached_;
  device_buffer memory_;
  std::optional<cache_flush> flush_;  ///< where anything is flushed
  bool flushed_;                      ///< before each sample
  device_buffer result_;
  std::uint64_t loads_ = 0;
  std::uint64_t place_ = 0;  ///< in the chain, where the last walk ended
  kernels::chase_result last_;
  bool sampled_ = false;
  clock_interval passed_;
};

double needed_bytes(std::int64_t working_set_bytes, const device_properties& device) {
  return static_cast<double>(working_set_bytes) + static_cast<double>(flush_bytes(device.l2_bytes));
}

bool fits(std::int64_t working_set_bytes, const device_properties& device) {
  return needed_bytes(working_set_bytes, device) <= usable_memory_fraction * device.memory_bytes;
}

/// 1 GiB, or four times a very large cache, as a power of two, as far as memory allows.
std::int64_t largest_working_set(const device_properties& device) {
  std::int64_t bytes = gib;
  while (static_cast<double>(bytes) < 4 * device.l2_bytes) bytes *= 2;
  while (bytes > 16 * kib && !fits(bytes, device)) bytes /= 2;
  return bytes;
}

/// Larger than an L1 cache, which every kernel finds empty, and much smaller than the L2 cache: 1 MiB where that holds.
std::int64_t flushed_bytes(const device_properties& device) {
  std::int64_t bytes = mib;
  while (bytes > 256 * kib && static_cast<double>(bytes) > device.l2_bytes / 4) bytes /= 2;
  return bytes;
}

class latency_benchmark final : public benchmark {
 public:
  explicit latency_benchmark(const latency_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name, described_.text, no_precision, GPUBENCH_MODULE_PEAK_NONE, GPUBENCH_MODULE_ONE_DEVICE, 0.3};
  }

  /// A sample's time is that of one load.
  gpubench_module_work work(const parameters& values) const override {
    positive_parameter(values, "working_set_bytes");
    gpubench_module_work result{};
    result.has_items = 1;
    result.items = 1;
    result.item = "load";
    return result;
  }

  /// Memory first, then an L2 and an L1 cache of most devices, then the steps between.
  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    if (described_.flushed) {
      if (suite != GPUBENCH_MODULE_FULL) return {};
      return {make_parameters({{"working_set_bytes", flushed_bytes(device)}})};
    }
    const std::int64_t largest = largest_working_set(device);
    std::vector<std::int64_t> sizes = {largest};
    const auto add = [&](std::int64_t bytes) {
      if (bytes < largest && std::find(sizes.begin(), sizes.end(), bytes) == sizes.end()) sizes.push_back(bytes);
    };
    add(mib);
    if (suite != GPUBENCH_MODULE_QUICK) {
      for (std::int64_t bytes = 16 * kib; bytes < largest; bytes *= 4) add(bytes);
    }
    if (suite == GPUBENCH_MODULE_FULL) {
      for (std::int64_t bytes = 32 * kib; bytes < largest; bytes *= 2) add(bytes);
    }
    std::vector<parameters> result;
    result.reserve(sizes.size());
    for (const std::int64_t bytes : sizes) result.push_back(make_parameters({{"working_set_bytes", bytes}}));
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const std::int64_t bytes = positive_parameter(values, "working_set_bytes");
    if (bytes < static_cast<std::int64_t>(2 * kernels::chain_line_bytes)) return "a chain needs two lines of 128 bytes";
    if (!fits(bytes, device)) return "the chain does not fit the device's memory";
    return no_code_for(device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    return std::make_unique<latency_case>(static_cast<std::uint64_t>(positive_parameter(values, "working_set_bytes")),
                                          device, described_.flushed);
  }

 private:
  latency_description described_;
};

const registration<latency_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
