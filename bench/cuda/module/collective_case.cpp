#include "bench/cuda/module/collective_case.hpp"

#include "bench/collective/algorithms.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/nccl.hpp"
#include "bench/cuda/module/owners.hpp"
#include "kernels/blocking.cuh"
#include "kernels/collective.cuh"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <new>
#include <vector>

namespace gpubench::cuda {

namespace {

using collective::placement;

/// Never a result of a floating-point reduction: 0xff bytes are a NaN.
constexpr int poison_byte = 0xff;
constexpr unsigned long long blocking_timeout_ns = 10'000'000'000ULL;

/// What one own rank holds on its GPU. Freed before the communicator whose stream uses it is let go.
struct rank_state {
  int rank = 0, gpu = 0;
  device_buffer first, second, wrong;
  pinned_buffer flags;
  event_owner start, stop;
  rank_memory memory;
};

nccl_membership membership_of(const wanted_collective& wanted) {
  nccl_membership members;
  members.ranks = wanted.layout.ranks;
  members.id = wanted.id;
  members.algorithm = wanted.algorithm;
  members.protocol = wanted.protocol;
  if (!wanted.algorithm.empty() || !wanted.protocol.empty()) members.forced_kind = wanted.layout.kind;
  if (!wanted.id.empty()) {
    members.own_ranks = {wanted.rank};
    members.gpus = {wanted.gpu};
    return members;
  }
  for (int rank = 0; rank < members.ranks; ++rank) {
    members.own_ranks.push_back(rank);
    members.gpus.push_back(rank);
  }
  return members;
}

class nccl_case final : public prepared_case {
 public:
  explicit nccl_case(const wanted_collective& wanted)
      : wanted_(wanted),
        what_(std::string(collective::name_of(collective::kinds, wanted.layout.kind)) + " of " +
              std::to_string(wanted.bytes) + " bytes over " + std::to_string(wanted.layout.ranks) + " ranks"),
        launches_(collective::launches_per_sample(wanted.bytes)),
        group_(shared_nccl_ranks(membership_of(wanted))) {
    const auto& members = group_->members();
    for (std::size_t i = 0; i < members.own_ranks.size(); ++i) allocate(members.own_ranks[i], members.gpus[i]);
    fill();
    prime();
    // What the priming left must not pass for the result of a sample.
    fill();
  }

  /// The time of the slowest own rank. All own ranks' streams are held by blocking kernels while everything is
  /// enqueued, and a tiny all-reduce before the first event lines up the ranks of all processes.
  sample_times sample() override {
    for (auto& r : ranks_) {
      auto* flags = static_cast<kernels::blocking_flags*>(r.flags.host());
      flags->released = 0;
      flags->timed_out = 0;
    }
    sample_times times;
    wholly([&] {
      on_each([](rank_state& r, cudaStream_t stream) {
        kernels::launch_blocking(static_cast<kernels::blocking_flags*>(r.flags.device()), blocking_timeout_ns, stream);
        GPUBENCH_CUDA(cudaGetLastError());
      });
      group_->enqueue_barrier();
      on_each([](rank_state& r, cudaStream_t stream) { GPUBENCH_CUDA(cudaEventRecord(r.start.get(), stream)); });
      const auto before = std::chrono::steady_clock::now();
      for (int i = 0; i < launches_; ++i) group_->enqueue(wanted_.layout, memory());
      const std::chrono::duration<double, std::nano> enqueued = std::chrono::steady_clock::now() - before;
      times.host_ns = enqueued.count() / launches_;
      on_each([](rank_state& r, cudaStream_t stream) { GPUBENCH_CUDA(cudaEventRecord(r.stop.get(), stream)); });
    });
    release();
    group_->wait(what_);
    sampled_ = true;
    for (auto& r : ranks_) {
      if (static_cast<kernels::blocking_flags*>(r.flags.host())->timed_out != 0)
        throw failure(GPUBENCH_MODULE_DEVICE_ERROR, what_ + ": the device waited 10 s for its work to be enqueued",
                      "NCCL waits for the device when it enqueues, or CUDA_LAUNCH_BLOCKING is set");
      float milliseconds = 0;
      const device_guard current(r.gpu);
      GPUBENCH_CUDA(cudaEventElapsedTime(&milliseconds, r.start.get(), r.stop.get()));
      // A rank that sits out has nothing between its events, which may then be the same tick of the clock.
      constexpr double least_ns = 1;
      times.device_ns = std::max({times.device_ns, static_cast<double>(milliseconds) * 1e6 / launches_, least_ns});
    }
    return times;
  }

  verification verify() override {
    // In place each run computes on what the one before left, so that one more on fresh operands is checked.
    const bool again = wanted_.where == placement::in_place && sampled_;
    if (again) {
      fill();
      wholly([&] { group_->enqueue(wanted_.layout, memory()); });
    }
    on_each([&](rank_state& r, cudaStream_t stream) {
      GPUBENCH_CUDA(cudaMemsetAsync(r.wrong.data(), 0, r.wrong.bytes(), stream));
      if (!kernels::receives(wanted_.layout, r.rank)) return;
      kernels::launch_collective_check(wanted_.layout, r.rank, r.memory.receive, r.wrong.as<unsigned long long>(),
                                       stream);
      GPUBENCH_CUDA(cudaGetLastError());
    });
    group_->wait("checking " + what_);
    unsigned long long wrong = 0;
    for (auto& r : ranks_) {
      const device_guard current(r.gpu);
      unsigned long long found = 0;
      GPUBENCH_CUDA(cudaMemcpy(&found, r.wrong.data(), sizeof found, cudaMemcpyDeviceToHost));
      wrong += found + wrong_on_host(r);
    }
    const std::string runs = again ? " of one more run on fresh operands" : "";
    return {"wrong elements" + runs +
                ": every one checked on the devices, the first and last 512 of each rank on the host, against the "
                "closed form bit for bit",
            static_cast<double>(wrong), 0};
  }

  method_notes notes() const override {
    method_notes result;
    result.emplace_back("cache_state", "hot");
    result.emplace_back("launches_per_sample", std::to_string(launches_));
    result.emplace_back("launch_cost", "hidden");
    result.emplace_back("operands", kernels::reduces(wanted_.layout.kind) ? "small random integers" : "random bits");
    result.emplace_back("time", "of the slowest GPU of a process, from the end of an all-reduce of 4 bytes");
    note_algorithm(result);
    return result;
  }

 private:
  void allocate(int rank, int gpu) {
    const device_guard current(gpu);
    rank_state r;
    r.rank = rank;
    r.gpu = gpu;
    const auto& l = wanted_.layout;
    if (wanted_.where == placement::in_place) {
      const auto places = collective::places_in_one_buffer(l, rank);
      r.first = device_buffer(places.buffer_bytes);
      r.memory = {r.first.as<char>() + places.send_offset, r.first.as<char>() + places.receive_offset};
    } else {
      r.first = device_buffer(collective::send_bytes(l));
      r.second = device_buffer(collective::receive_bytes(l));
      r.memory = {r.first.data(), r.second.data()};
    }
    r.wrong = device_buffer(sizeof(unsigned long long));
    r.flags = pinned_buffer(sizeof(kernels::blocking_flags));
    new (r.flags.host()) kernels::blocking_flags();
    r.start = make_timing_event();
    r.stop = make_timing_event();
    ranks_.push_back(std::move(r));
  }

  template <class Body>
  void on_each(const Body& body) {
    for (std::size_t i = 0; i < ranks_.size(); ++i) {
      const device_guard current(ranks_[i].gpu);
      body(ranks_[i], group_->stream(i));
    }
  }

  std::vector<rank_memory> memory() const {
    std::vector<rank_memory> result;
    result.reserve(ranks_.size());
    for (const auto& r : ranks_) result.push_back(r.memory);
    return result;
  }

  void release() {
    for (auto& r : ranks_) static_cast<kernels::blocking_flags*>(r.flags.host())->released = 1;
  }

  /// Enqueues. When that fails half-way it ends what there is of it before the error frees what that uses.
  template <class Enqueue>
  void wholly(const Enqueue& enqueue) {
    try {
      enqueue();
    } catch (...) {
      release();
      group_->abandon(what_);
      throw;
    }
  }

  /// Results full of 0xff bytes, operands as at the start.
  void fill() {
    on_each([&](rank_state& r, cudaStream_t stream) {
      GPUBENCH_CUDA(cudaMemsetAsync(r.first.data(), poison_byte, r.first.bytes(), stream));
      if (r.second.bytes() > 0) GPUBENCH_CUDA(cudaMemsetAsync(r.second.data(), poison_byte, r.second.bytes(), stream));
      // A broadcast's other ranks hand in nothing: in place their result must not be there already.
      if (wanted_.layout.kind == kernels::collective_kind::broadcast && r.rank != 0) return;
      kernels::launch_collective_fill(wanted_.layout, r.rank, const_cast<void*>(r.memory.send), stream);
      GPUBENCH_CUDA(cudaGetLastError());
    });
    group_->wait("filling the buffers of " + what_);
  }

  /// Runs everything once: NCCL connects peers and loads code at the first use, which may wait for the device and so
  /// must not happen behind a blocking kernel. Its log then tells the algorithm.
  void prime() {
    static_cast<void>(group_->take_log());
    release();
    on_each([](rank_state& r, cudaStream_t stream) {
      kernels::launch_blocking(static_cast<kernels::blocking_flags*>(r.flags.device()), blocking_timeout_ns, stream);
      GPUBENCH_CUDA(cudaGetLastError());
    });
    try {
      wholly([&] {
        // Before NCCL 2.24 what is forced is forced for the barrier too.
        group_->enqueue_barrier();
        group_->enqueue(wanted_.layout, memory());
      });
    } catch (const failure& f) {
      if (wanted_.algorithm.empty() || f.status() != GPUBENCH_MODULE_DEVICE_ERROR) throw;
      throw failure(GPUBENCH_MODULE_UNSUPPORTED, "NCCL refuses " + forced() + " here: " + f.what());
    }
    group_->wait(what_);
    choice_ = collective::choice_in_log(group_->take_log(), wanted_.layout.kind, wanted_.bytes);
    if (!choice_ || wanted_.algorithm.empty()) return;
    if (!collective::same_name(choice_->algorithm, wanted_.algorithm) ||
        !collective::same_name(choice_->protocol, wanted_.protocol))
      throw failure(GPUBENCH_MODULE_UNSUPPORTED, "NCCL takes " + choice_->algorithm + " " + choice_->protocol +
                                                     " here although " + forced() + " was asked for");
  }

  std::string forced() const { return wanted_.algorithm + " " + wanted_.protocol; }

  void note_algorithm(method_notes& notes) const {
    if (collective::algorithms_of(wanted_.layout.kind).empty()) {
      notes.emplace_back("algorithm", "point to point");
    } else if (choice_) {
      notes.emplace_back("algorithm", choice_->algorithm + " " + choice_->protocol);
      notes.emplace_back("algorithm_source", "NCCL's log");
      if (choice_->channels) notes.emplace_back("channels", std::to_string(*choice_->channels));
    } else if (!wanted_.algorithm.empty()) {
      notes.emplace_back("algorithm", forced());
      notes.emplace_back("algorithm_source", "forced; NCCL's log does not confirm it");
    } else {
      const char* chosen = std::getenv("NCCL_ALGO");
      notes.emplace_back("algorithm", chosen != nullptr ? "one of those that NCCL_ALGO allows, which is not told"
                                                        : "chosen by NCCL, which is not told");
    }
  }

  /// A check of the check: the device's own answer about its own work is not enough.
  unsigned long long wrong_on_host(const rank_state& r) const {
    const auto& l = wanted_.layout;
    if (!kernels::receives(l, r.rank)) return 0;
    const std::uint64_t elements = kernels::receive_elements(l);
    const std::uint64_t count = std::min<std::uint64_t>(512, elements);
    const auto width = static_cast<std::size_t>(kernels::bytes_of(l.type));
    std::vector<std::uint64_t> values(count);  // aligned for every type
    unsigned long long wrong = 0;
    for (const std::uint64_t start : {std::uint64_t{0}, elements - count}) {
      GPUBENCH_CUDA(cudaMemcpy(values.data(), static_cast<const char*>(r.memory.receive) + start * width, count * width,
                               cudaMemcpyDeviceToHost));
      for (std::uint64_t i = 0; i < count; ++i) {
        if (!kernels::is_right(l, r.rank, start + i, kernels::load_bits(l.type, values.data(), i))) ++wrong;
      }
    }
    return wrong;
  }

  wanted_collective wanted_;
  std::string what_;
  int launches_;
  std::shared_ptr<nccl_ranks> group_;
  std::vector<rank_state> ranks_;
  std::optional<collective::logged_choice> choice_;
  bool sampled_ = false;
};

template <class Value, std::size_t count>
Value named_parameter(const parameters& values, const char* name, const collective::named<Value> (&table)[count],
                      Value usual) {
  const auto text = text_parameter(values, name);
  if (!text) return usual;
  if (const auto found = collective::value_of(table, *text)) return *found;
  throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, std::string(name) + " " + std::string(*text) + " is not known");
}

int small_parameter(const parameters& values, const char* name) {
  const auto value = integer_parameter(values, name).value_or(0);
  if (value < 0 || value > std::numeric_limits<int>::max())
    throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, std::string(name) + " is out of range");
  return static_cast<int>(value);
}

}  // namespace

wanted_collective read_collective(collective::collective_kind kind, const parameters& values) {
  wanted_collective wanted;
  wanted.bytes = static_cast<std::uint64_t>(positive_parameter(values, "bytes"));
  const auto ranks = std::min<std::int64_t>(positive_parameter(values, "ranks"), 1 << 20);
  wanted.layout =
      collective::layout_of(kind, named_parameter(values, "type", collective::types, collective::element_type::fp32),
                            named_parameter(values, "operation", collective::reductions, collective::reduction::sum),
                            static_cast<int>(ranks), wanted.bytes);
  wanted.where = named_parameter(values, "placement", collective::placements, placement::out_of_place);
  wanted.algorithm = text_parameter(values, "algorithm").value_or("");
  wanted.protocol = text_parameter(values, "protocol").value_or("");
  wanted.id = text_parameter(values, "communicator").value_or("");
  wanted.layout.round = small_parameter(values, "round");
  wanted.rank = small_parameter(values, "rank");
  wanted.gpu = small_parameter(values, "gpu");
  if (wanted.rank >= ranks) throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, "rank is out of range");
  return wanted;
}

std::unique_ptr<prepared_case> prepare_collective(const wanted_collective& wanted) {
  return std::make_unique<nccl_case>(wanted);
}

}  // namespace gpubench::cuda
