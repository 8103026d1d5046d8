#pragma once

#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/cache_flush.hpp"
#include "bench/cuda/module/device.hpp"
#include "bench/cuda/module/owners.hpp"
#include "bench/cuda/module/timing_rules.hpp"
#include "kernels/blocking.cuh"
#include "kernels/clock.cuh"

#include <functional>
#include <optional>
#include <string>

namespace gpubench::cuda {

/// cold: the L2 cache is flushed before each sample. hot: launches back to back on the same data, the time of one.
enum class cache_state { cold, hot };

/// Times work on one stream of the current device by events. A blocking kernel holds the stream while the work is
/// enqueued, so that its launch cost is in the host's time and not in the device's.
class timer {
 public:
  /// @param what  names the work when it hangs: "gemm_bf16 m=8192 n=8192 k=8192"
  timer(const device_properties& device, std::string what);

  cudaStream_t stream() const noexcept { return stream_.get(); }

  /// One cold sample. `enqueue` only enqueues, on stream(), some hundred launches at most; put more into a graph.
  sample_times cold(const std::function<void()>& enqueue);

  /// One hot sample: the time of one of `repetitions`, which hot_repetitions() chooses from the time of one.
  sample_times hot(const std::function<void()>& enqueue, int repetitions);

  /// One sample of work that waits for the device itself, or enqueues too much for the launch queue: no blocking
  /// kernel, so gaps between launches are in the device's time. Cold.
  sample_times unblocked(const std::function<void()>& work);

  /// Over all samples so far; nothing when no stamp could be taken.
  std::optional<double> clock_hertz() const;

  /// Key and text of how the last kind of sample was taken.
  method_notes notes() const;

 private:
  sample_times measure(const std::function<void()>& enqueue, int repetitions, bool blocked);
  void prime(const std::function<void()>& enqueue);
  void settle();
  void read_stamps(sample_times& times);

  std::string what_;
  int multiprocessors_;
  stream_owner stream_;
  event_owner start_, stop_;
  cache_flush flush_;
  device_buffer stamps_;
  pinned_buffer flags_;
  cache_state last_state_ = cache_state::cold;
  bool primed_ = false;
  bool last_blocked_ = true;
  int last_repetitions_ = 1;
  clock_interval passed_;
};

/// Work captured once and replayed as one launch: for work of many short kernels, whose launches would bound it.
class captured_work {
 public:
  captured_work() = default;
  /// @param enqueue  enqueues on `stream` and waits for nothing
  captured_work(cudaStream_t stream, const std::function<void()>& enqueue);

  void launch(cudaStream_t stream) const;
  std::size_t nodes() const noexcept { return nodes_; }

 private:
  graph_owner graph_;
  executable_graph_owner executable_;
  std::size_t nodes_ = 0;
};

}  // namespace gpubench::cuda
