#include "bench/cuda/module/nccl.hpp"

#include "bench/collective/algorithms.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/nccl_calls.hpp"
#include "bench/cuda/module/nccl_library.hpp"
#include "bench/cuda/module/nccl_log.hpp"
#include "bench/cuda/module/owners.hpp"
#include "bench/cuda/module/watchdog.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <thread>
#include <utility>

namespace gpubench::cuda {

namespace {

/// Plain data and a file descriptor: nothing of CUDA's or NCCL's.
nccl_log& log() {
  static nccl_log instance;
  return instance;
}

std::chrono::nanoseconds now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

void pause(std::chrono::nanoseconds time) {
  std::this_thread::sleep_for(time);
}

[[noreturn]] void throw_not_stopped(const std::string& what) {
  throw_hung(what, "it did not end when the communicator was aborted; nothing more runs on this device");
}

/// An aborted communicator has no ranks any more: calls would do nothing and look like a success.
void require_usable(bool usable) {
  if (!usable) throw failure(GPUBENCH_MODULE_DEVICE_ERROR, "the communicator was aborted before");
}

/// Calls between the start and the end of a group, which is ended whatever happens in it.
template <class Calls>
void in_group(const Calls& calls) {
  require(nccl().group_start(), "ncclGroupStart");
  try {
    calls();
  } catch (...) {
    static_cast<void>(nccl().group_end());
    throw;
  }
  require(nccl().group_end(), "ncclGroupEnd");
}

ncclUniqueId id_of_text(const std::string& text) {
  ncclUniqueId id{};
  if (text.size() != 2 * sizeof id.internal) throw failure(GPUBENCH_MODULE_INTERNAL_ERROR, "no identity of NCCL");
  for (std::size_t i = 0; i < sizeof id.internal; ++i)
    id.internal[i] = static_cast<char>(std::stoi(text.substr(2 * i, 2), nullptr, 16));
  return id;
}

std::map<std::string, std::string> variables_for(const nccl_membership& members) {
  auto values = log().variables();
  int version = 0;
  require(nccl().get_version(&version), "ncclGetVersion");
  const auto force = [&](const char* variable, const std::string& choice) {
    if (!choice.empty()) values[variable] = collective::forced_for(members.forced_kind, choice, version);
  };
  force("NCCL_ALGO", members.algorithm);
  force("NCCL_PROTO", members.protocol);
  return values;
}

}  // namespace

std::string new_nccl_id() {
  if (const auto reason = nccl_unavailable()) throw failure(GPUBENCH_MODULE_UNSUPPORTED, *reason);
  const scoped_variables during(log().variables());
  ncclUniqueId id{};
  require(nccl().get_unique_id(&id), "ncclGetUniqueId");
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (const char byte : id.internal) {
    const auto bits = static_cast<unsigned char>(byte);
    text += digits[bits >> 4];
    text += digits[bits & 15];
  }
  return text;
}

struct nccl_ranks::state {
  std::vector<ncclComm_t> communicators;
  std::vector<stream_owner> streams;
  std::vector<device_buffer> tokens;  ///< of the barrier
  bool usable = false;

  /// The first error that a peer, the network or NCCL's own threads reported.
  std::optional<std::string> async_error() const {
    for (ncclComm_t communicator : communicators) {
      ncclResult_t reported = ncclSuccess;
      if (nccl().comm_get_async_error(communicator, &reported) != ncclSuccess) return "ncclCommGetAsyncError failed";
      if (reported != ncclSuccess && reported != ncclInProgress) return nccl_sentence(reported, communicator);
    }
    return std::nullopt;
  }

  /// Ends what runs. On a thread of its own, because it may wait for what never ends.
  /// @return false when it did not come back.
  bool abort() {
    usable = false;
    std::promise<void> promise;
    auto done = promise.get_future();
    std::thread([copies = std::exchange(communicators, {}), promise = std::move(promise)]() mutable {
      for (ncclComm_t communicator : copies) static_cast<void>(nccl().comm_abort(communicator));
      promise.set_value();
    }).detach();
    return done.wait_for(std::chrono::seconds(15)) == std::future_status::ready;
  }

  /// Aborts, and waits for the streams.   @return false when something still runs.
  bool stop() {
    if (!abort()) return false;
    constexpr auto limit = std::chrono::seconds(10);
    return std::all_of(streams.begin(), streams.end(), [&](const stream_owner& stream) {
      cudaError_t status = cudaSuccess;
      return wait_until([&] { return stream_state(stream.get()); }, now, pause, limit, status) != wait_outcome::hung;
    });
  }

  void finish() {
    usable = false;
    for (ncclComm_t communicator : std::exchange(communicators, {}))
      static_cast<void>(nccl().comm_destroy(communicator));
  }
};

nccl_ranks::nccl_ranks(nccl_membership members) : members_(std::move(members)), state_(std::make_unique<state>()) {
  if (const auto reason = nccl_unavailable()) throw failure(GPUBENCH_MODULE_UNSUPPORTED, *reason);
  const std::size_t own = members_.own_ranks.size();
  auto& s = *state_;
  for (std::size_t i = 0; i < own; ++i) {
    const device_guard current(members_.gpus[i]);
    s.streams.push_back(make_stream());
    s.tokens.emplace_back(sizeof(float));
    GPUBENCH_CUDA(cudaMemsetAsync(s.tokens.back().data(), 0, sizeof(float), s.streams.back().get()));
    wait_for(s.streams.back().get(), "readying the barrier");
  }
  const scoped_variables during(variables_for(members_));
  s.communicators.resize(own, nullptr);
  try {
    if (members_.id.empty()) {
      require(nccl().comm_init_all(s.communicators.data(), members_.ranks, members_.gpus.data()), "ncclCommInitAll");
    } else {
      const ncclUniqueId id = id_of_text(members_.id);
      in_group([&] {
        for (std::size_t i = 0; i < own; ++i) {
          const device_guard current(members_.gpus[i]);
          require(nccl().comm_init_rank(&s.communicators[i], members_.ranks, id, members_.own_ranks[i]),
                  "ncclCommInitRank");
        }
      });
    }
  } catch (const failure& f) {
    // What was made of a communicator that did not come about is left alone: NCCL frees it or not.
    s.communicators.clear();
    const bool forced = !members_.algorithm.empty() || !members_.protocol.empty();
    if (!forced || f.status() == GPUBENCH_MODULE_DEVICE_LOST) throw;
    throw failure(GPUBENCH_MODULE_UNSUPPORTED,
                  "NCCL makes no communicator with " + members_.algorithm + " " + members_.protocol + ": " + f.what());
  }
  s.usable = true;
}

nccl_ranks::~nccl_ranks() {
  auto& s = *state_;
  if (device_work_hangs() || s.communicators.empty()) return;
  if (s.usable) {
    s.finish();
  } else if (!s.abort()) {
    note_hanging_work();
  }
}

cudaStream_t nccl_ranks::stream(std::size_t own) const {
  return state_->streams[own].get();
}

bool nccl_ranks::usable() const {
  return state_->usable;
}

std::string nccl_ranks::take_log() {
  return log().take();
}

void nccl_ranks::enqueue_barrier() {
  const auto& s = *state_;
  require_usable(s.usable);
  in_group([&] {
    for (std::size_t i = 0; i < s.communicators.size(); ++i) {
      float* token = s.tokens[i].as<float>();
      require(nccl().all_reduce(token, token, 1, ncclFloat32, ncclSum, s.communicators[i], s.streams[i].get()),
              "ncclAllReduce of the barrier");
    }
  });
}

void nccl_ranks::enqueue(const kernels::collective_layout& layout, const std::vector<rank_memory>& memory) {
  const auto& s = *state_;
  require_usable(s.usable);
  in_group([&] {
    for (std::size_t i = 0; i < s.communicators.size(); ++i) {
      call_collective(layout, members_.own_ranks[i], memory[i], s.communicators[i], s.streams[i].get());
    }
  });
}

void nccl_ranks::wait(const std::string& what) {
  auto& s = *state_;
  std::optional<std::string> broken;
  const auto limit = watchdog_limit();
  const auto give_up = [&](const std::string& why) {
    if (!s.stop()) throw_not_stopped(what + ": " + why);
    throw failure(GPUBENCH_MODULE_DEVICE_ERROR, what + ": " + why,
                  "the communicator was aborted; NCCL_DEBUG=WARN makes NCCL say more");
  };
  for (const auto& stream : s.streams) {
    cudaError_t status = cudaSuccess;
    const auto ask = [&] {
      const cudaError_t answer = stream_state(stream.get());
      if (answer == cudaErrorNotReady && !broken) broken = s.async_error();
      // Any other answer than "not ready" ends the waiting.
      return answer == cudaErrorNotReady && broken ? cudaErrorUnknown : answer;
    };
    const auto outcome = wait_until(ask, now, pause, limit, status);
    if (broken) give_up(*broken);
    if (outcome == wait_outcome::hung) {
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit).count();
      give_up("did not end within " + std::to_string(seconds) + " s (GPUBENCH_WATCHDOG_SECONDS)");
    }
    if (outcome == wait_outcome::failed) {
      // The kernels of the other devices wait for this one's.
      if (!s.stop()) throw_not_stopped(what);
      const std::string call = "waiting for " + what;
      cuda::require(status, {call.c_str(), __FILE__, __LINE__});
    }
  }
  if (const auto late = s.async_error()) give_up(*late);
}

void nccl_ranks::abandon(const std::string& what) {
  if (device_work_hangs() || !state_->usable) return;
  if (!state_->stop()) throw_not_stopped(what);
}

std::shared_ptr<nccl_ranks> shared_nccl_ranks(const nccl_membership& members) {
  // Never destroyed by itself: at the end of the program the driver may be gone before it.
  static auto* kept = new std::shared_ptr<nccl_ranks>();
  if (*kept && (*kept)->usable() && (*kept)->members() == members) return *kept;
  kept->reset();
  *kept = std::make_shared<nccl_ranks>(members);
  return *kept;
}

}  // namespace gpubench::cuda
