// How far the other side of a link is: loads of a kernel from the host's memory or a peer's, each waiting for the one
// before, under the names of nvbandwidth's test cases.
#include "bench/cuda/module/copy_plan.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/host_placement.hpp"
#include "bench/cuda/module/peer_access.hpp"
#include "bench/cuda/module/timer.hpp"
#include "bench/cuda/module/watchdog.hpp"
#include "kernels/copy.cuh"

#include <algorithm>
#include <cstring>
#include <vector>

namespace gpubench::cuda {

namespace {

using kernels::remote_line;

/// Follows a chain of lines in pinned host memory, or in a peer's memory.
class remote_latency_case final : public prepared_case {
 public:
  /// @param where  on_host, or a peer that the device can reach
  remote_latency_case(const device_properties& device, int where, std::uint32_t lines)
      : where_(where), lines_(lines), timer_(device, what), end_(sizeof(std::uint64_t)) {
    if (where == on_host) {
      near_ = host_near_device(device.index);
      const near_cpus_only near(near_);
      cpu_affinity_ = near.outcome();
      in_host_ = pinned_buffer(lines * sizeof(remote_line));
      lay_chain(reinterpret_cast<std::uint64_t>(in_host_.device()));
    } else {
      if (!enable_peer_access(device.index, where)) {
        throw failure(GPUBENCH_MODULE_UNSUPPORTED, "the device cannot reach its peer's memory");
      }
      const device_guard current(where);
      in_peer_ = device_buffer(lines * sizeof(remote_line));
      lay_chain(reinterpret_cast<std::uint64_t>(in_peer_.data()));
    }
    GPUBENCH_CUDA(cudaMemsetAsync(end_.data(), 0xff, end_.bytes(), timer_.stream()));
    wait_for(timer_.stream(), what);
  }

  sample_times sample() override {
    auto times = timer_.cold(
        [this] { kernels::launch_remote_chase(first_, loads(), end_.as<std::uint64_t>(), timer_.stream()); });
    times.device_ns /= loads();
    times.host_ns.reset();  // of one launch, while the time is that of one load
    return times;
  }

  verification verify() override {
    std::uint64_t end = 0;
    GPUBENCH_CUDA(cudaMemcpy(&end, end_.data(), sizeof end, cudaMemcpyDeviceToHost));
    return {"address that the last of " + std::to_string(loads()) + " loads gave against the chain as it was laid",
            end == expected_ ? 0.0 : 1.0, 0};
  }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    auto result = timer_.notes();
    result.emplace_back("loads_per_sample", std::to_string(loads()));
    result.emplace_back("access", "one thread, random order, lines of 128 bytes");
    if (where_ == on_host) {
      result.emplace_back("host_memory", "pinned");
      add_placement_notes(result, near_, cpu_affinity_);
    } else {
      result.emplace_back("peer_access", "enabled");
    }
    return result;
  }

 private:
  /// One less than a whole round, which would end where it began, whatever the way.
  std::uint32_t loads() const { return lines_ - 1; }

  void lay_chain(std::uint64_t first) {
    first_ = first;
    const auto next = kernels::remote_chain(lines_);
    std::vector<remote_line> chain(lines_);
    const auto address = [&](std::uint32_t line) { return first + std::uint64_t{line} * sizeof(remote_line); };
    for (std::uint32_t i = 0; i < lines_; ++i) chain[i].next = address(next[i]);
    std::uint32_t at = 0;
    for (std::uint32_t i = 0; i < loads(); ++i) at = next[at];
    expected_ = address(at);
    const std::size_t bytes = chain.size() * sizeof(remote_line);
    if (where_ == on_host) {
      std::memcpy(in_host_.host(), chain.data(), bytes);
    } else {
      const stream_owner stream = make_stream();
      GPUBENCH_CUDA(cudaMemcpyAsync(in_peer_.data(), chain.data(), bytes, cudaMemcpyHostToDevice, stream.get()));
      wait_for(stream.get(), what);
    }
  }

  static constexpr const char* what = "a chain of loads over a link";

  int where_;
  std::uint32_t lines_;
  timer timer_;
  device_buffer end_, in_peer_;
  pinned_buffer in_host_;
  near_host near_;
  std::string cpu_affinity_;
  std::uint64_t first_ = 0, expected_ = 0;
};

struct remote_description {
  const char* name;
  bool to_peer;
  const char* text;
};

constexpr remote_description remote_descriptions[] = {
    {"host_device_latency_sm", false,
     "Time of one load by a kernel from pinned host memory that waits for the one before"},
    {"device_to_device_latency_sm", true,
     "Time of one load by a kernel from a peer's memory that waits for the one before"},
};

class remote_latency_benchmark final : public benchmark {
 public:
  explicit remote_latency_benchmark(const remote_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name, described_.text, no_precision, GPUBENCH_MODULE_PEAK_NONE, GPUBENCH_MODULE_ONE_DEVICE, 0.3};
  }

  /// A sample's time is that of one load.
  gpubench_module_work work(const parameters&) const override {
    gpubench_module_work result{};
    result.has_items = 1;
    result.items = 1;
    result.item = "load";
    return result;
  }

  /// nvbandwidth's 2 MiB. The standard suite has every peer: a sample takes milliseconds.
  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties& device) const override {
    constexpr std::int64_t bytes = std::int64_t{2} << 20;
    if (!described_.to_peer) return {make_parameters({{"working_set_bytes", bytes}})};
    std::vector<parameters> result;
    if (suite == GPUBENCH_MODULE_QUICK) return result;
    for (const int peer : peers_of(device.index, std::max(2, visible_devices()))) {
      result.push_back(make_parameters({{"peer", peer}, {"working_set_bytes", bytes}}));
    }
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const std::int64_t bytes = positive_parameter(values, "working_set_bytes");
    constexpr std::int64_t line = sizeof(remote_line);
    if (bytes % line != 0 || bytes < 2 * line) return "working_set_bytes must be a multiple of 128, and at least 256";
    if (bytes > std::int64_t{1} << 30) return "working_set_bytes must be at most 1 GiB";
    if (described_.to_peer) {
      const int peer = index_parameter(values, "peer");
      if (const auto reason = no_pair(device.index, peer, visible_devices())) return reason;
      if (!can_access_peer(device.index, peer) || !can_access_peer(peer, device.index)) {
        return "the device cannot reach its peer's memory";
      }
    }
    return no_code_for(device);
  }

  bool uses(const parameters& values, const device_properties& device, int other) const override {
    return other == device.index || (described_.to_peer && other == index_parameter(values, "peer"));
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    const auto lines =
        static_cast<std::uint32_t>(positive_parameter(values, "working_set_bytes") / sizeof(remote_line));
    const int where = described_.to_peer ? index_parameter(values, "peer") : on_host;
    return std::make_unique<remote_latency_case>(device, where, lines);
  }

 private:
  remote_description described_;
};

const registration<remote_latency_benchmark> unused(remote_descriptions);

}  // namespace

}  // namespace gpubench::cuda
