#pragma once

#include "bench/collective/shape.hpp"

#include <cuda_runtime_api.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::cuda {

/// Why there is no NCCL: left out of this build, or its library cannot be loaded here. Nothing when there is.
/// NCCL is opened at run time, so that a machine without it still runs everything else.
std::optional<std::string> nccl_unavailable();

/// "2.28.9"; nothing where NCCL is unavailable.
std::optional<std::string> nccl_version();

/// Text by which the ranks of several processes find each other.
/// @throws failure
std::string new_nccl_id();

/// The ranks that this process takes part with, each on a GPU of its own, in a communicator of `ranks` ranks.
struct nccl_membership {
  int ranks = 1;
  std::vector<int> own_ranks, gpus;  ///< of the same length
  std::string id;                    ///< of new_nccl_id(); empty: all ranks are in this process
  std::string algorithm, protocol;   ///< forced; empty: NCCL chooses
  /// What they are forced for; the others are forced too before NCCL 2.24. Of no meaning where nothing is forced.
  collective::collective_kind forced_kind = collective::collective_kind::all_reduce;

  friend bool operator==(const nccl_membership&, const nccl_membership&) = default;
};

/// Operands and result of one own rank, on its GPU.
struct rank_memory {
  const void* send = nullptr;
  void* receive = nullptr;
};

/// A communicator and a stream for each own rank.
class nccl_ranks {
 public:
  /// Waits until all ranks of all processes take part.
  /// @throws failure; unsupported when NCCL refuses a forced algorithm.
  explicit nccl_ranks(nccl_membership members);
  nccl_ranks(const nccl_ranks&) = delete;
  nccl_ranks& operator=(const nccl_ranks&) = delete;
  /// Destroys the communicator, aborts it where it failed, and leaves it alone where work hangs.
  ~nccl_ranks();

  const nccl_membership& members() const { return members_; }
  cudaStream_t stream(std::size_t own) const;

  /// Enqueues one collective on every own rank's stream. Point-to-point collectives are one group of sends and
  /// receives.
  /// @param memory  one for each own rank
  void enqueue(const kernels::collective_layout& layout, const std::vector<rank_memory>& memory);

  /// Enqueues a tiny all-reduce: what is enqueued next starts on all ranks at nearly the same time.
  void enqueue_barrier();

  /// Waits for all own streams. An error of a peer or of the network, or no end within the watchdog's limit, aborts the
  /// communicator and ends what runs.
  /// @param what  names the work in the error
  /// @throws failure: device error; hung where the work did not end even then.
  void wait(const std::string& what);

  /// Ends what was enqueued, after something that belongs to it could not be: aborts the communicator, since other
  /// ranks' part of it may never come, and waits.
  /// @throws failure: hung where it does not end even then.
  void abandon(const std::string& what);

  /// False after an abort: nothing more can be enqueued.
  bool usable() const;

  /// What NCCL wrote into its log since the last call; empty where the user has the log (NCCL_DEBUG), and in processes
  /// without rank 0, since only that one writes choices of algorithms.
  std::string take_log();

 private:
  struct state;
  nccl_membership members_;
  std::unique_ptr<state> state_;
};

/// The communicator of a membership: the one that the case before used where it is the same and still usable, since
/// making one takes seconds. The last one is kept until another is asked for and is left to the driver when the program
/// ends.
std::shared_ptr<nccl_ranks> shared_nccl_ranks(const nccl_membership& members);

}  // namespace gpubench::cuda
