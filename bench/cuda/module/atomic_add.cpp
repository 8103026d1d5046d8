#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/timer.hpp"
#include "bench/cuda/module/watchdog.hpp"
#include "kernels/atomics.cuh"

#include <algorithm>
#include <vector>

namespace gpubench::cuda {

namespace {

using kernels::atomic_type;

/// -1, or a NaN: never what additions leave.
constexpr int poison_byte = 0xff;

struct atomic_description {
  atomic_type type;
  const char* name;
  const char* text;
};

constexpr atomic_description descriptions[] = {
    {atomic_type::int32, "atomic_add_int32", "Rate of atomic additions of 32-bit integers in device memory"},
    {atomic_type::fp32, "atomic_add_fp32", "Rate of atomic additions in single precision in device memory"},
    {atomic_type::fp64, "atomic_add_fp64", "Rate of atomic additions in double precision in device memory"},
};

/// Sums up to this number of additions of 1 are exact in each type.
std::uint64_t most_exact(atomic_type type) {
  return type == atomic_type::fp32 ? std::uint64_t{1} << 24 : std::uint64_t{1} << 31;
}

class atomic_case final : public prepared_case {
 public:
  atomic_case(atomic_type type, std::uint32_t addresses, const device_properties& device)
      : type_(type),
        addresses_(addresses),
        additions_(kernels::atomic_additions(addresses)),
        timer_(device, "atomic additions"),
        counters_(std::size_t{addresses} * static_cast<std::size_t>(kernels::bytes_of(type))) {
    int blocks = 0;
    GPUBENCH_CUDA(kernels::atomic_blocks_per_multiprocessor(type, &blocks));
    blocks_ = static_cast<unsigned>(std::max(1, blocks * device.multiprocessors));
    set_counters(poison_byte);
  }

  sample_times sample() override {
    set_counters(0);
    launches_ = 0;
    return timer_.hot(
        [this] {
          kernels::launch_atomic_add(type_, counters_.data(), addresses_, additions_, blocks_, timer_.stream());
          ++launches_;
        },
        1);
  }

  verification verify() override {
    switch (type_) {
      case atomic_type::fp32:
        return compare<float>();
      case atomic_type::fp64:
        return compare<double>();
      default:
        return compare<std::int32_t>();
    }
  }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    result.emplace_back("access", "red.global.add: the old value is not asked for");
    result.emplace_back("launch",
                        std::to_string(blocks_) + " blocks of 256 threads, neighbours on neighbouring addresses");
    return result;
  }

 private:
  void set_counters(int byte) {
    GPUBENCH_CUDA(cudaMemsetAsync(counters_.data(), byte, counters_.bytes(), timer_.stream()));
  }

  /// All launches since the counters were cleared count: the timed one and those that warmed up for it.
  template <class T>
  verification compare() const {
    std::vector<T> found(addresses_);
    wait_for(timer_.stream(), "atomic additions");
    GPUBENCH_CUDA(cudaMemcpy(found.data(), counters_.data(), counters_.bytes(), cudaMemcpyDeviceToHost));
    std::uint64_t wrong = 0;
    for (std::uint32_t i = 0; i < addresses_; ++i) {
      const std::uint64_t expected = launches_ * kernels::additions_to(i, addresses_, additions_);
      if (expected > most_exact(type_) || !(found[i] == static_cast<T>(expected))) ++wrong;
    }
    return {"counters, of all, that are not the number of additions sent to them", static_cast<double>(wrong), 0};
  }

  atomic_type type_;
  std::uint32_t addresses_;
  std::uint64_t additions_;
  timer timer_;
  device_buffer counters_;
  unsigned blocks_ = 1;
  std::uint64_t launches_ = 0;
};

class atomic_benchmark final : public benchmark {
 public:
  explicit atomic_benchmark(const atomic_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name, described_.text, no_precision, GPUBENCH_MODULE_PEAK_NONE, GPUBENCH_MODULE_ONE_DEVICE, 0.1};
  }

  gpubench_module_work work(const parameters& values) const override {
    gpubench_module_work result{};
    result.has_items = 1;
    result.items = static_cast<double>(
        kernels::atomic_additions(static_cast<std::uint64_t>(positive_parameter(values, "addresses"))));
    result.item = "atomic";
    return result;
  }

  /// Spread over 2^20 addresses, which every L2 cache holds; all on one; and between: one line, and 1024 addresses.
  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties&) const override {
    std::vector<parameters> result = {make_parameters({{"addresses", 1 << 20}})};
    if (suite != GPUBENCH_MODULE_QUICK) result.push_back(make_parameters({{"addresses", 1}}));
    if (suite == GPUBENCH_MODULE_FULL) {
      for (const std::int64_t addresses : {32, 1024, 32768})
        result.push_back(make_parameters({{"addresses", addresses}}));
    }
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    constexpr std::int64_t most = std::int64_t{1} << 28;
    const std::int64_t addresses = positive_parameter(values, "addresses");
    if (addresses > most) return "addresses must be at most 2^28";
    const double bytes = static_cast<double>(addresses) * kernels::bytes_of(described_.type);
    if (bytes + 2 * device.l2_bytes > usable_memory_fraction * device.memory_bytes) {
      return "the counters do not fit the device's memory";
    }
    if (described_.type == atomic_type::fp64 && !device.at_least(6, 0)) {
      return "needs compute capability 6.0; this device has " + device.compute_capability;
    }
    return no_code_for(device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    return std::make_unique<atomic_case>(described_.type,
                                         static_cast<std::uint32_t>(positive_parameter(values, "addresses")), device);
  }

 private:
  atomic_description described_;
};

const registration<atomic_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
