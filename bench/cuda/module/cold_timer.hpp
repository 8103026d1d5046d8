#pragma once

#include "bench/cuda/module/device.hpp"
#include "bench/cuda/module/owners.hpp"
#include "kernels/clock.cuh"

#include <functional>
#include <optional>

namespace gpubench::cuda {

/// Times work on one stream with a cold L2 cache, by events, and learns the clock that the multiprocessors ran at.
class cold_timer {
 public:
  explicit cold_timer(const device_properties& device);

  cudaStream_t stream() const noexcept { return stream_.get(); }

  /// Time of `work`, which only enqueues on stream().
  double time_ns(const std::function<void()>& work);

  /// Over all samples so far; absent when no stamp could be taken.
  std::optional<double> clock_hertz() const;

 private:
  void flush_cache();
  void add_clock();

  int multiprocessors_;
  stream_owner stream_;
  event_owner start_, stop_;
  device_buffer cache_filler_, sink_, stamps_;
  double cycles_ = 0, stamped_ns_ = 0;
};

}  // namespace gpubench::cuda
