#include "bench/cuda/module/copy_case.hpp"

#include "bench/cuda/module/peer_access.hpp"
#include "bench/cuda/module/watchdog.hpp"
#include "kernels/copy.cuh"

#include <algorithm>
#include <limits>
#include <utility>

namespace gpubench::cuda {

namespace {

std::string percent_text(double fraction) {
  return std::to_string(static_cast<int>(fraction * 100)) + " %";
}

}  // namespace

copy_case::copy_case(copy_request request, const device_properties& lead) : request_(std::move(request)), lead_(lead) {
  const device_guard current(lead.index);
  for (const auto& lane : request_.plan) {
    if (is_between_devices(lane) && !enable_peer_access(lane.source, lane.destination)) peers_reach_each_other_ = false;
  }
  if (with_host()) near_ = host_near_device(lead.index);
  timer_.emplace(lead, request_.name);
  lanes_.emplace(request_.plan, request_.host, request_.engine, static_cast<std::size_t>(request_.bytes),
                 timer_->stream());
  const bool by_kernel = request_.engine == copy_engine::multiprocessors;
  if (by_kernel) {
    shape_ = shapes().front();
    load_kernels();
  }
  take();  // the first copy of all pays for what is set up once
  if (by_kernel) choose_shape();
  copies_ = copies_per_sample(take().device_ns);
  interfering_ = interfering_copies(copies_, 0, 0);
  lanes_->poison_destinations();
}

/// Staged copies, as all of pageable memory, make the driver wait for the device while they are enqueued, which must
/// not happen behind a blocking kernel.
bool copy_case::through_host() const {
  return request_.host == host_kind::pageable || !peers_reach_each_other_;
}

bool copy_case::with_host() const {
  return std::any_of(request_.plan.begin(), request_.plan.end(), is_with_host);
}

sample_times copy_case::sample() {
  const device_guard current(lead_.index);
  // When the lanes that interfere ended too soon they get more to do, and the sample is taken again.
  constexpr int attempts = 5;
  sample_times times;
  for (int i = 0; i < attempts; ++i) {
    times = take();
    if (covered_.until >= 1) break;
    interfering_ = interfering_copies(copies_, interfering_, covered_.until);
  }
  least_covered_ = std::min(least_covered_, covered_.share);
  return times;
}

/// Time of one copy of each counted lane.
sample_times copy_case::take() {
  const near_cpus_only near(near_);
  cpu_affinity_ = near.outcome();
  const auto work = [this] { lanes_->enqueue(copies_, interfering_, shape_); };
  sample_times times;
  if (through_host()) {
    times = timer_->unblocked([&] {
      wait_for(timer_->stream(), request_.name);  // else the host would copy while the cache is still being flushed
      work();
    });
    times.host_ns.reset();  // it holds the wait
  } else if (!lanes_->has_interference() && static_cast<double>(request_.bytes) <= 2 * lead_.l2_bytes) {
    // Repeated copies of it stay in the cache anyway. Where lanes interfere, those of a first run would hold up those
    // of the measured one.
    times = timer_->hot(work, 1);
  } else {
    times = timer_->cold(work);
  }
  lanes_->wait(request_.name);
  covered_ = lanes_->covered(times.device_ns);
  times.device_ns /= copies_;
  if (times.host_ns) times.host_ns = *times.host_ns / copies_;
  return times;
}

std::vector<kernels::launch_shape> copy_case::shapes() const {
  return copy_shapes(lead_.multiprocessors, lanes_moved_by(request_.plan, lead_.index), request_.bytes);
}

/// Every kernel that a shape may ask for, on every device that moves a lane: code is loaded at its first launch, which
/// may wait for the device and so must not happen behind a blocking kernel.
void copy_case::load_kernels() {
  for (const auto& lane : request_.plan) {
    const device_guard current(lane.device);
    const stream_owner stream = make_stream();
    const device_buffer from(16), to(16);
    for (const int vectors : {1, 4}) {
      kernels::launch_shape tiny;
      tiny.vectors = vectors;
      kernels::launch_copy(from.data(), to.data(), from.bytes(), tiny, stream.get());
      GPUBENCH_CUDA(cudaGetLastError());
    }
    wait_for(stream.get(), "loading the copy kernels");
  }
}

/// The faster of two samples decides: here noise only ever adds time.
void copy_case::choose_shape() {
  double best_ns = std::numeric_limits<double>::infinity();
  kernels::launch_shape best;
  for (const auto& shape : shapes()) {
    shape_ = shape;
    const double first_ns = take().device_ns;
    const double time_ns = std::min(first_ns, take().device_ns);
    if (time_ns < best_ns) {
      best_ns = time_ns;
      best = shape;
    }
  }
  shape_ = best;
}

verification copy_case::verify() {
  const std::uint64_t words = static_cast<std::uint64_t>(request_.bytes) / sizeof(std::uint64_t);
  return {"wrong words among " + std::to_string(words * request_.plan.size()) +
              " of 8 bytes: every one at each destination, by the CPU on the host, by a kernel and in part by the CPU "
              "on a device",
          static_cast<double>(lanes_->wrong_words()), 0};
}

method_notes copy_case::notes() const {
  auto result = timer_->notes();
  result.emplace_back("copies_per_sample", std::to_string(copies_));
  result.emplace_back("operands", "pseudo-random bits");
  if (request_.engine == copy_engine::multiprocessors) {
    result.emplace_back("launch", std::to_string(shape_.blocks) + " blocks of " + std::to_string(shape_.threads) +
                                      " threads with " + std::to_string(shape_.vectors) +
                                      " vectors of 16 bytes each, the fastest shape tried");
  }
  if (lanes_->has_interference()) {
    result.emplace_back("interference", least_covered_ >= 1
                                            ? "during the whole measured time"
                                            : "during " + percent_text(least_covered_) + " of the measured time");
  }
  add_places(result);
  return result;
}

void copy_case::add_places(method_notes& notes) const {
  if (request_.plan.front().source == request_.plan.front().destination) {
    notes.emplace_back("counted", "bytes read and bytes written; nvbandwidth counts only one of the two");
  }
  if (with_host()) {
    notes.emplace_back("host_memory", request_.host == host_kind::pinned ? "pinned" : "pageable");
    add_placement_notes(notes, near_, cpu_affinity_);
  }
  if (std::any_of(request_.plan.begin(), request_.plan.end(), is_between_devices)) {
    notes.emplace_back("peer_access", peers_reach_each_other_ ? "enabled" : "none: copied through the host");
  }
}

}  // namespace gpubench::cuda
