#include "bench/cuda/module/cold_timer.hpp"

#include "kernels/stream.cuh"

#include <algorithm>
#include <array>

namespace gpubench::cuda {

namespace {

/// Twice the cache: caches made of two halves, as on A100 and H100, keep lines through one pass of their own size.
std::size_t filler_bytes(const device_properties& device) {
  constexpr double least = 1 << 20;
  const auto bytes = static_cast<std::size_t>(std::max(least, 2 * device.l2_bytes));
  return bytes / 16 * 16;
}

}  // namespace

cold_timer::cold_timer(const device_properties& device)
    : multiprocessors_(device.multiprocessors),
      stream_(make_stream()),
      start_(make_timing_event()),
      stop_(make_timing_event()),
      cache_filler_(filler_bytes(device)),
      sink_(sizeof(unsigned)),
      stamps_(2 * sizeof(kernels::clock_stamp)) {}

void cold_timer::flush_cache() {
  // The reading evicts what the memset left modified, so that the timed work does not pay for writing it back.
  GPUBENCH_CUDA(cudaMemsetAsync(cache_filler_.data(), 0, cache_filler_.bytes(), stream()));
  kernels::launch_read_back(cache_filler_.data(), cache_filler_.bytes(), sink_.as<unsigned>(), stream());
  GPUBENCH_CUDA(cudaGetLastError());
}

double cold_timer::time_ns(const std::function<void()>& work) {
  auto* stamps = stamps_.as<kernels::clock_stamp>();
  GPUBENCH_CUDA(cudaMemsetAsync(stamps, 0, stamps_.bytes(), stream()));
  // All of this is enqueued while the device still flushes, so that the start event, the work and the stop event
  // follow each other without waiting for the CPU.
  flush_cache();
  kernels::launch_clock_stamp(stamps, multiprocessors_, stream());
  GPUBENCH_CUDA(cudaEventRecord(start_.get(), stream()));
  work();
  GPUBENCH_CUDA(cudaEventRecord(stop_.get(), stream()));
  kernels::launch_clock_stamp(stamps + 1, multiprocessors_, stream());
  GPUBENCH_CUDA(cudaGetLastError());
  GPUBENCH_CUDA(cudaStreamSynchronize(stream()));
  float milliseconds = 0;
  GPUBENCH_CUDA(cudaEventElapsedTime(&milliseconds, start_.get(), stop_.get()));
  add_clock();
  return static_cast<double>(milliseconds) * 1e6;
}

void cold_timer::add_clock() {
  std::array<kernels::clock_stamp, 2> found{};
  GPUBENCH_CUDA(cudaMemcpy(found.data(), stamps_.data(), stamps_.bytes(), cudaMemcpyDeviceToHost));
  const bool both = found[0].time_ns != 0 && found[1].time_ns > found[0].time_ns && found[1].cycles > found[0].cycles;
  if (!both) return;
  cycles_ += static_cast<double>(found[1].cycles - found[0].cycles);
  stamped_ns_ += static_cast<double>(found[1].time_ns - found[0].time_ns);
}

std::optional<double> cold_timer::clock_hertz() const {
  if (stamped_ns_ <= 0) return std::nullopt;
  return cycles_ / stamped_ns_ * 1e9;
}

}  // namespace gpubench::cuda
