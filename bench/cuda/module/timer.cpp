#include "bench/cuda/module/timer.hpp"

#include "bench/cuda/module/watchdog.hpp"

#include <array>
#include <chrono>
#include <new>
#include <utility>

namespace gpubench::cuda {

namespace {

constexpr unsigned long long blocking_timeout_ns = 10'000'000'000ULL;

kernels::blocking_flags* flags_of(const pinned_buffer& memory) {
  return static_cast<kernels::blocking_flags*>(memory.host());
}

}  // namespace

timer::timer(const device_properties& device, std::string what)
    : what_(std::move(what)),
      multiprocessors_(device.multiprocessors),
      stream_(make_stream()),
      start_(make_timing_event()),
      stop_(make_timing_event()),
      flush_(device.l2_bytes),
      stamps_(2 * sizeof(kernels::clock_stamp)),
      flags_(sizeof(kernels::blocking_flags)) {
  new (flags_.host()) kernels::blocking_flags();
}

sample_times timer::cold(const std::function<void()>& enqueue) {
  last_state_ = cache_state::cold;
  return measure(enqueue, 1, true);
}

sample_times timer::hot(const std::function<void()>& enqueue, int repetitions) {
  last_state_ = cache_state::hot;
  return measure(enqueue, repetitions, true);
}

sample_times timer::unblocked(const std::function<void()>& work) {
  last_state_ = cache_state::cold;
  return measure(work, 1, false);
}

/// Runs everything once: code is loaded at its first launch, which may wait for the device and so must not happen
/// behind a blocking kernel.
void timer::prime(const std::function<void()>& enqueue) {
  if (primed_) return;
  auto* flags = flags_of(flags_);
  flags->released = 1;
  kernels::launch_blocking(static_cast<kernels::blocking_flags*>(flags_.device()), blocking_timeout_ns, stream());
  kernels::launch_clock_stamp(stamps_.as<kernels::clock_stamp>(), multiprocessors_, stream());
  flush_.enqueue(stream());
  enqueue();
  GPUBENCH_CUDA(cudaGetLastError());
  wait_for(stream(), what_);
  primed_ = true;
}

sample_times timer::measure(const std::function<void()>& enqueue, int repetitions, bool blocked) {
  if (blocked) prime(enqueue);
  last_blocked_ = blocked;
  last_repetitions_ = repetitions;
  auto* stamps = stamps_.as<kernels::clock_stamp>();
  auto* flags = flags_of(flags_);
  GPUBENCH_CUDA(cudaMemsetAsync(stamps, 0, stamps_.bytes(), stream()));
  if (last_state_ == cache_state::cold) {
    flush_.enqueue(stream());
  } else {
    enqueue();  // whatever ran before, the caches now hold what this work leaves in them
  }
  flags->released = 0;
  flags->timed_out = 0;
  if (blocked) {
    kernels::launch_blocking(static_cast<kernels::blocking_flags*>(flags_.device()), blocking_timeout_ns, stream());
  }
  sample_times times;
  try {
    kernels::launch_clock_stamp(stamps, multiprocessors_, stream());
    GPUBENCH_CUDA(cudaEventRecord(start_.get(), stream()));
    const auto before = std::chrono::steady_clock::now();
    for (int i = 0; i < repetitions; ++i) enqueue();
    const std::chrono::duration<double, std::nano> enqueued = std::chrono::steady_clock::now() - before;
    times.host_ns = enqueued.count() / repetitions;
    GPUBENCH_CUDA(cudaEventRecord(stop_.get(), stream()));
    kernels::launch_clock_stamp(stamps + 1, multiprocessors_, stream());
    GPUBENCH_CUDA(cudaGetLastError());
  } catch (...) {
    flags->released = 1;
    settle();
    throw;
  }
  flags->released = 1;
  wait_for(stream(), what_);
  if (flags->timed_out != 0) {
    throw failure(GPUBENCH_MODULE_DEVICE_ERROR, what_ + ": the device waited 10 s for its work to be enqueued",
                  "the work waits for the device, or loads its code only when it starts (CUDA_MODULE_LOADING=EAGER)");
  }
  float milliseconds = 0;
  GPUBENCH_CUDA(cudaEventElapsedTime(&milliseconds, start_.get(), stop_.get()));
  times.device_ns = static_cast<double>(milliseconds) * 1e6 / repetitions;
  read_stamps(times);
  return times;
}

/// Waits for what was enqueued before an error, which may use what the unwinding frees. Of two errors the first one
/// tells more, unless the work hangs.
void timer::settle() {
  if (device_work_hangs()) return;
  try {
    wait_for(stream(), what_);
  } catch (const failure& second) {
    if (second.status() == GPUBENCH_MODULE_HUNG) throw;
  }
}

void timer::read_stamps(sample_times& times) {
  std::array<kernels::clock_stamp, 2> found{};
  GPUBENCH_CUDA(cudaMemcpy(found.data(), stamps_.data(), stamps_.bytes(), cudaMemcpyDeviceToHost));
  const bool both = found[0].time_ns != 0 && found[1].time_ns > found[0].time_ns && found[1].cycles > found[0].cycles;
  if (!both) return;
  const clock_interval passed{static_cast<double>(found[1].cycles - found[0].cycles),
                              static_cast<double>(found[1].time_ns - found[0].time_ns)};
  times.clock_hertz = clock_of(passed);
  passed_.cycles += passed.cycles;
  passed_.ns += passed.ns;
}

std::optional<double> timer::clock_hertz() const {
  return clock_of(passed_);
}

method_notes timer::notes() const {
  method_notes result;
  result.emplace_back("cache_state", last_state_ == cache_state::cold ? "cold" : "hot");
  if (last_repetitions_ > 1) result.emplace_back("launches_per_sample", std::to_string(last_repetitions_));
  result.emplace_back("launch_cost", last_blocked_ ? "hidden" : "included");
  return result;
}

captured_work::captured_work(cudaStream_t stream, const std::function<void()>& enqueue) {
  GPUBENCH_CUDA(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  cudaGraph_t graph = nullptr;
  try {
    enqueue();
  } catch (...) {
    cudaStreamEndCapture(stream, &graph);
    if (graph != nullptr) cudaGraphDestroy(graph);
    throw;
  }
  GPUBENCH_CUDA(cudaStreamEndCapture(stream, &graph));
  graph_.reset(graph);
  GPUBENCH_CUDA(cudaGraphGetNodes(graph, nullptr, &nodes_));
  cudaGraphExec_t executable = nullptr;
  GPUBENCH_CUDA(cudaGraphInstantiateWithFlags(&executable, graph, 0));
  executable_.reset(executable);
}

void captured_work::launch(cudaStream_t stream) const {
  GPUBENCH_CUDA(cudaGraphLaunch(executable_.get(), stream));
}

}  // namespace gpubench::cuda
