#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/timer.hpp"
#include "bench/cuda/module/watchdog.hpp"
#include "kernels/count.cuh"

#include <chrono>
#include <cmath>

namespace gpubench::cuda {

namespace {

/// Never a count of launches.
constexpr int poison_byte = 0xff;

enum class launch_kind { enqueue, kernel, graph, round_trip };

struct launch_description {
  launch_kind kind;
  const char* name;
  const char* text;
  const char* parameter;  ///< launches of one sample
  std::int64_t quick;
};

// Launches that a stream takes without making the host wait are limited to about 1024, so enqueueing and kernels stay
// well below; a graph is one launch whatever its nodes.
constexpr launch_description descriptions[] = {
    {launch_kind::enqueue, "launch_latency_enqueue",
     "Host time to enqueue one nearly empty kernel, many in a row, while the device runs them", "launches", 256},
    {launch_kind::kernel, "launch_latency_kernel",
     "Device time of one nearly empty kernel of many that wait in the stream", "launches", 256},
    {launch_kind::graph, "launch_latency_graph",
     "Device time of one node of a graph of nearly empty kernels that follow each other", "nodes", 1024},
    {launch_kind::round_trip, "launch_latency_round_trip",
     "Host time from launching one nearly empty kernel to knowing that it ended", "launches", 64},
};
constexpr std::int64_t most_launches = 512, most_nodes = 65536;

double host_ns_of(const std::chrono::steady_clock::duration& time) {
  return std::chrono::duration<double, std::nano>(time).count();
}

class launch_case final : public prepared_case {
 public:
  launch_case(launch_kind kind, int launches, const device_properties& device)
      : kind_(kind), launches_(launches), timer_(device, "nearly empty kernels"), counter_(sizeof(unsigned long long)) {
    launch();  // loads its code
    GPUBENCH_CUDA(cudaGetLastError());
    wait_for(timer_.stream(), "a nearly empty kernel");
    if (kind == launch_kind::graph) {
      graph_ = captured_work(timer_.stream(), [this] {
        for (int i = 0; i < launches_; ++i) launch();
      });
    }
    set_counter(poison_byte);
    launched_ = 0;
  }

  sample_times sample() override {
    set_counter(0);
    launched_ = 0;
    switch (kind_) {
      case launch_kind::enqueue:
        return enqueue();
      case launch_kind::kernel:
        return timer_.hot([this] { launch(); }, launches_);
      case launch_kind::graph:
        return replay();
      default:
        return round_trips();
    }
  }

  verification verify() override {
    wait_for(timer_.stream(), "nearly empty kernels");
    unsigned long long counted = 0;
    GPUBENCH_CUDA(cudaMemcpy(&counted, counter_.data(), sizeof counted, cudaMemcpyDeviceToHost));
    const double difference = static_cast<double>(counted) - static_cast<double>(launched_);
    return {"kernels that counted themselves on the device against kernels launched", std::abs(difference), 0};
  }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }

  method_notes notes() const override {
    switch (kind_) {
      case launch_kind::enqueue:
        return {{"cache_state", "hot"},
                {"clock", "host: from before the first launch to after the last, over their number"}};
      case launch_kind::round_trip:
        return {{"cache_state", "hot"},
                {"clock", "host: from before the launch to after cudaStreamSynchronize, which by default spins"}};
      default:
        auto result = timer_.notes();
        result.emplace_back("clock", "device: between two events, over the number of kernels");
        return result;
    }
  }

 private:
  void launch() {
    kernels::launch_count(counter_.as<unsigned long long>(), timer_.stream());
    ++launched_;
  }

  void set_counter(int byte) {
    GPUBENCH_CUDA(cudaMemsetAsync(counter_.data(), byte, counter_.bytes(), timer_.stream()));
    wait_for(timer_.stream(), "clearing a counter");
  }

  sample_times enqueue() {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < launches_; ++i) launch();
    const double time_ns = host_ns_of(std::chrono::steady_clock::now() - start) / launches_;
    GPUBENCH_CUDA(cudaGetLastError());
    wait_for(timer_.stream(), "nearly empty kernels");
    return {time_ns, time_ns, std::nullopt};
  }

  sample_times replay() {
    sample_times times = timer_.hot(
        [this] {
          graph_.launch(timer_.stream());
          launched_ += launches_;
        },
        1);
    times.device_ns /= launches_;
    if (times.host_ns) *times.host_ns /= launches_;
    return times;
  }

  /// Waits by the call that is measured, not by the watchdog: the stream has just proved that it answers.
  sample_times round_trips() {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < launches_; ++i) {
      launch();
      GPUBENCH_CUDA(cudaStreamSynchronize(timer_.stream()));
    }
    const double time_ns = host_ns_of(std::chrono::steady_clock::now() - start) / launches_;
    GPUBENCH_CUDA(cudaGetLastError());
    return {time_ns, time_ns, std::nullopt};
  }

  launch_kind kind_;
  int launches_;
  timer timer_;
  device_buffer counter_;
  captured_work graph_;
  std::int64_t launched_ = 0;
};

class launch_benchmark final : public benchmark {
 public:
  explicit launch_benchmark(const launch_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name, described_.text, no_precision, GPUBENCH_MODULE_PEAK_NONE, GPUBENCH_MODULE_ONE_DEVICE, 0.1};
  }

  /// A sample's time is that of one.
  gpubench_module_work work(const parameters& values) const override {
    positive_parameter(values, described_.parameter);
    gpubench_module_work result{};
    result.has_items = 1;
    result.items = 1;
    result.item = described_.kind == launch_kind::graph ? "node" : "launch";
    return result;
  }

  std::vector<parameters> cases(gpubench_module_suite suite, const device_properties&) const override {
    std::vector<parameters> result = {make_parameters({{described_.parameter, described_.quick}})};
    if (described_.kind == launch_kind::graph && suite == GPUBENCH_MODULE_FULL) {
      for (const std::int64_t nodes : {1, 16, 128}) result.push_back(make_parameters({{described_.parameter, nodes}}));
    }
    return result;
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const std::int64_t most = described_.kind == launch_kind::graph ? most_nodes : most_launches;
    if (positive_parameter(values, described_.parameter) > most) {
      return std::string(described_.parameter) + " must be at most " + std::to_string(most);
    }
    return no_code_for(device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    return std::make_unique<launch_case>(described_.kind,
                                         static_cast<int>(positive_parameter(values, described_.parameter)), device);
  }

 private:
  launch_description described_;
};

const registration<launch_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
