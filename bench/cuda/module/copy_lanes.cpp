#include "bench/cuda/module/copy_lanes.hpp"

#include "bench/cuda/module/host_placement.hpp"
#include "bench/cuda/module/watchdog.hpp"
#include "kernels/copy.cuh"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace gpubench::cuda {

namespace {

constexpr int poison_byte = 0xff;

std::uint64_t count_wrong(const std::uint64_t* words, std::uint64_t count, std::uint64_t lane, std::uint64_t first) {
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (words[i] != kernels::copy_word(lane, first + i)) ++wrong;
  }
  return wrong;
}

}  // namespace

copy_buffer::copy_buffer(int place, host_kind kind, std::size_t bytes)
    : place_(place), words_(bytes / sizeof(std::uint64_t)) {
  if (place != on_host) {
    const device_guard current(place);
    on_device_ = device_buffer(bytes);
    data_ = on_device_.data();
  } else if (kind == host_kind::pinned) {
    pinned_ = pinned_buffer(bytes);
    data_ = pinned_.host();
  } else {
    pageable_.resize(words_);
    data_ = pageable_.data();
  }
}

void copy_buffer::fill(std::uint64_t lane, cudaStream_t stream) const {
  auto* words = static_cast<std::uint64_t*>(data_);
  if (place_ == on_host) {
    for (std::uint64_t i = 0; i < words_; ++i) words[i] = kernels::copy_word(lane, i);
    return;
  }
  const device_guard current(place_);
  kernels::launch_copy_fill(words, words_, lane, stream);
  GPUBENCH_CUDA(cudaGetLastError());
}

void copy_buffer::poison(cudaStream_t stream) const {
  const std::size_t bytes = words_ * sizeof(std::uint64_t);
  if (place_ == on_host) {
    std::memset(data_, poison_byte, bytes);
    return;
  }
  const device_guard current(place_);
  GPUBENCH_CUDA(cudaMemsetAsync(data_, poison_byte, bytes, stream));
}

std::uint64_t copy_buffer::wrong_words(std::uint64_t lane, cudaStream_t stream) const {
  if (place_ == on_host) return count_wrong(static_cast<const std::uint64_t*>(data_), words_, lane, 0);
  const device_guard current(place_);
  return wrong_on_device(lane, stream) + wrong_in_pages(lane);
}

std::uint64_t copy_buffer::wrong_on_device(std::uint64_t lane, cudaStream_t stream) const {
  const device_buffer wrong(sizeof(unsigned long long));
  GPUBENCH_CUDA(cudaMemsetAsync(wrong.data(), 0, wrong.bytes(), stream));
  kernels::launch_copy_check(static_cast<const std::uint64_t*>(data_), words_, lane, wrong.as<unsigned long long>(),
                             stream);
  GPUBENCH_CUDA(cudaGetLastError());
  wait_for(stream, "the check of a copy");
  unsigned long long found = 0;
  GPUBENCH_CUDA(cudaMemcpy(&found, wrong.data(), sizeof found, cudaMemcpyDeviceToHost));
  return found;
}

/// A check of the check: the device's own answer is not enough.
std::uint64_t copy_buffer::wrong_in_pages(std::uint64_t lane) const {
  std::array<std::uint64_t, 512> page{};
  constexpr std::uint64_t pages = 16;
  const std::uint64_t count = std::min<std::uint64_t>(page.size(), words_);
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < pages; ++i) {
    const std::uint64_t first = (words_ - count) * i / (pages - 1);
    GPUBENCH_CUDA(cudaMemcpy(page.data(), static_cast<const std::uint64_t*>(data_) + first,
                             count * sizeof(std::uint64_t), cudaMemcpyDeviceToHost));
    wrong += count_wrong(page.data(), count, lane, first);
  }
  return wrong;
}

copy_lanes::copy_lanes(const std::vector<copy_lane>& plan, host_kind kind, copy_engine engine, std::size_t bytes,
                       cudaStream_t lead)
    : engine_(engine), bytes_(bytes), lead_(lead), go_(make_timing_event()) {
  lanes_.reserve(plan.size());
  for (const auto& lane : plan) {
    const device_guard current(lane.device);
    const near_cpus_only near(is_with_host(lane) ? host_near_device(lane.device) : near_host());
    lane_state state{lane, {lane.source, kind, bytes}, {lane.destination, kind, bytes}, {}, {}, {}, {}};
    if (!lanes_.empty()) {
      state.stream = make_stream();
      state.start = make_timing_event();
      state.stop = make_timing_event();
    }
    lanes_.push_back(std::move(state));
  }
  for (auto& lane : lanes_) {
    if (!lane.plan.counted) lane.seen.emplace(witness{make_stream(), make_timing_event(), make_timing_event()});
  }
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto& source = lanes_[i].source;
    // A stream belongs to one device, and the source may lie on another than the one that moves the data.
    const device_guard current(source.place() == on_host ? lanes_[i].plan.device : source.place());
    const stream_owner stream = make_stream();
    source.fill(i, stream.get());
    wait_for(stream.get(), "filling the source of a copy");
  }
  poison_destinations();
}

cudaStream_t copy_lanes::stream_of(std::size_t lane) const {
  return lane == 0 ? lead_ : lanes_[lane].stream.get();
}

void copy_lanes::enqueue(int copies, int interfering, const kernels::launch_shape& shape) const {
  if (lanes_.size() > 1) GPUBENCH_CUDA(cudaEventRecord(go_.get(), lead_));
  for (std::size_t i = 1; i < lanes_.size(); ++i) {
    const auto& lane = lanes_[i];
    const device_guard current(lane.plan.device);
    GPUBENCH_CUDA(cudaStreamWaitEvent(lane.stream.get(), go_.get(), 0));
    GPUBENCH_CUDA(cudaEventRecord(lane.start.get(), lane.stream.get()));
    enqueue_copies(i, lane.plan.counted ? copies : interfering, shape);
    GPUBENCH_CUDA(cudaEventRecord(lane.stop.get(), lane.stream.get()));
  }
  {
    const device_guard current(lanes_.front().plan.device);
    enqueue_copies(0, copies, shape);
  }
  for (std::size_t i = 1; i < lanes_.size(); ++i) {
    const auto& lane = lanes_[i];
    if (lane.plan.counted) GPUBENCH_CUDA(cudaStreamWaitEvent(lead_, lane.stop.get(), 0));
    if (!lane.seen) continue;
    const auto& [stream, start, stop] = *lane.seen;
    GPUBENCH_CUDA(cudaStreamWaitEvent(stream.get(), lane.start.get(), 0));
    GPUBENCH_CUDA(cudaEventRecord(start.get(), stream.get()));
    GPUBENCH_CUDA(cudaStreamWaitEvent(stream.get(), lane.stop.get(), 0));
    GPUBENCH_CUDA(cudaEventRecord(stop.get(), stream.get()));
  }
}

void copy_lanes::enqueue_first_copy() const {
  const auto& lane = lanes_.front();
  GPUBENCH_CUDA(cudaMemcpyAsync(lane.destination.data(), lane.source.data(), bytes_, cudaMemcpyDefault, lead_));
}

void copy_lanes::enqueue_copies(std::size_t lane, int copies, const kernels::launch_shape& shape) const {
  const void* source = lanes_[lane].source.data();
  void* destination = lanes_[lane].destination.data();
  for (int i = 0; i < copies; ++i) {
    if (engine_ == copy_engine::copy_engine) {
      GPUBENCH_CUDA(cudaMemcpyAsync(destination, source, bytes_, cudaMemcpyDefault, stream_of(lane)));
    } else {
      kernels::launch_copy(source, destination, bytes_, shape, stream_of(lane));
    }
  }
  GPUBENCH_CUDA(cudaGetLastError());
}

void copy_lanes::wait(const std::string& what) const {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const device_guard current(lanes_[i].plan.device);
    wait_for(stream_of(i), what);
  }
  for (const auto& lane : lanes_) {
    if (lane.seen) wait_for(lane.seen->stream.get(), what);
  }
}

coverage copy_lanes::covered(double window_ns) const {
  const auto since_go_ns = [&](const event_owner& event) {
    float milliseconds = 0;
    GPUBENCH_CUDA(cudaEventElapsedTime(&milliseconds, go_.get(), event.get()));
    return static_cast<double>(milliseconds) * 1e6;
  };
  coverage least;
  for (const auto& lane : lanes_) {
    if (!lane.seen) continue;
    const coverage one = coverage_of(since_go_ns(lane.seen->start), since_go_ns(lane.seen->stop), window_ns);
    least = {std::min(least.share, one.share), std::min(least.until, one.until)};
  }
  return least;
}

void copy_lanes::poison_destinations() const {
  for (const auto& lane : lanes_) {
    const int place = lane.destination.place();
    const device_guard current(place == on_host ? lane.plan.device : place);
    const stream_owner stream = make_stream();
    lane.destination.poison(stream.get());
    wait_for(stream.get(), "poisoning the destination of a copy");
  }
}

std::uint64_t copy_lanes::wrong_words() const {
  std::uint64_t wrong = 0;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto& destination = lanes_[i].destination;
    const device_guard current(destination.place() == on_host ? lanes_[i].plan.device : destination.place());
    const stream_owner stream = make_stream();
    wrong += destination.wrong_words(i, stream.get());
  }
  return wrong;
}

bool copy_lanes::has_interference() const {
  return std::any_of(lanes_.begin(), lanes_.end(), [](const auto& lane) { return !lane.plan.counted; });
}

}  // namespace gpubench::cuda
