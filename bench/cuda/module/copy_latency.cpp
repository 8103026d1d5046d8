// One small copy, from the call until the host knows that it has ended: what a program pays that waits for each.
#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/copy_lanes.hpp"
#include "bench/cuda/module/host_placement.hpp"
#include "bench/cuda/module/watchdog.hpp"

#include <chrono>

namespace gpubench::cuda {

namespace {

/// One copy, waited for, and the next.
class copy_latency_case final : public prepared_case {
 public:
  copy_latency_case(const std::vector<copy_lane>& plan, std::size_t bytes)
      : near_(host_near_device(plan.front().device)),
        stream_(make_stream()),
        lanes_(plan, host_kind::pinned, copy_engine::copy_engine, bytes, stream_.get()) {
    lanes_.enqueue_first_copy();  // the first copy of all pays for what is set up once
    wait_for(stream_.get(), what);
    lanes_.poison_destinations();
  }

  sample_times sample() override {
    const near_cpus_only near(near_);
    cpu_affinity_ = near.outcome();
    wait_for(stream_.get(), what);
    const auto before = std::chrono::steady_clock::now();
    for (int i = 0; i < copies; ++i) {
      lanes_.enqueue_first_copy();
      wait_for(stream_.get(), what);
    }
    const std::chrono::duration<double, std::nano> passed = std::chrono::steady_clock::now() - before;
    sample_times times;
    times.device_ns = passed.count() / copies;
    return times;
  }

  verification verify() override { return {"wrong words of 8 bytes", static_cast<double>(lanes_.wrong_words()), 0}; }

  method_notes notes() const override {
    method_notes result = {
        {"cache_state", "hot"},
        {"launch_cost", "included"},
        {"clock", "the host's, from the call until its question whether the copy has ended is answered yes"},
        {"copies_per_sample", std::to_string(copies)}};
    result.emplace_back("host_memory", "pinned");
    add_placement_notes(result, near_, cpu_affinity_);
    return result;
  }

 private:
  static constexpr int copies = 100;
  static constexpr const char* what = "a small copy";

  near_host near_;
  stream_owner stream_;
  copy_lanes lanes_;
  std::string cpu_affinity_;
};

struct copy_latency_description {
  const char* name;
  copy_route route;
  const char* text;
};

constexpr copy_latency_description copy_latency_descriptions[] = {
    {"host_to_device_copy_latency_ce", copy_route::host_to_device,
     "Time of one small copy from pinned host memory, from the call until the host knows that it has ended"},
    {"device_to_host_copy_latency_ce", copy_route::device_to_host,
     "Time of one small copy to pinned host memory, from the call until the host knows that it has ended"},
};

class copy_latency_benchmark final : public benchmark {
 public:
  explicit copy_latency_benchmark(const copy_latency_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name, described_.text, no_precision, GPUBENCH_MODULE_PEAK_NONE, GPUBENCH_MODULE_ONE_DEVICE, 0.1};
  }

  /// A sample's time is that of one copy. Its bytes are no measure: they take none of the time.
  gpubench_module_work work(const parameters&) const override {
    gpubench_module_work result{};
    result.has_items = 1;
    result.items = 1;
    result.item = "copy";
    return result;
  }

  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties&) const override {
    std::vector<parameters> result;
    if (suite == GPUBENCH_MODULE_QUICK) return result;
    result.push_back(make_parameters({{"bytes", 16}}));
    if (suite == GPUBENCH_MODULE_FULL) {
      for (const std::int64_t bytes : {1024, 65536}) result.push_back(make_parameters({{"bytes", bytes}}));
    }
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const std::int64_t bytes = positive_parameter(values, "bytes");
    if (bytes % 16 != 0) return "bytes must be a multiple of 16";
    if (bytes > std::int64_t{1} << 20) return "bytes must be at most 1 MiB: the time of more is no latency";
    return no_code_for(device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    const auto bytes = static_cast<std::size_t>(positive_parameter(values, "bytes"));
    return std::make_unique<copy_latency_case>(lanes_of(described_.route, false, device.index, 0, 0), bytes);
  }

 private:
  copy_latency_description described_;
};

const registration<copy_latency_benchmark> unused(copy_latency_descriptions);

}  // namespace

}  // namespace gpubench::cuda
