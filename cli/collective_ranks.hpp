#pragma once

#include "bench/collective/cuda_transport.hpp"
#include "bench/collective/mpi_world.hpp"
#include "cli/collective_options.hpp"
#include "cli/program.hpp"
#include "results/run.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gpubench::cli {

/// The ranks of one run of collectives, what moves their data, and what they agree on.
class collective_ranks {
 public:
  /// Finds the ranks and the back-end. All ranks come to the same answer or all throw.
  /// @throws error: environment, usage, collective
  collective_ranks(const global_options& global, const collective_options& options);
  ~collective_ranks();
  collective_ranks(const collective_ranks&) = delete;
  collective_ranks& operator=(const collective_ranks&) = delete;

  collective::messenger& between() const { return *between_; }
  collective::transport& moves() const { return *moves_; }
  bool is_root() const { return between_->is_root(); }
  bool on_gpus() const { return on_gpus_; }
  /// In one process there are no other ranks that could differ.
  bool are_processes() const { return world_ != nullptr; }
  int ranks() const { return ranks_; }
  int nodes() const { return nodes_; }
  const results::environment& machine() const { return machine_; }

  /// "2 CPU ranks on 1 node over Open MPI v4.1.4".
  std::string description() const;
  /// "rank 3 on node-1"; on rank 0 only with the node.
  std::string name_of(int rank) const;

  // On rank 0, and empty elsewhere:
  const std::vector<std::string>& names() const { return names_; }  ///< of the ranks' nodes
  const std::vector<results::rank_place>& places() const { return places_; }
  /// In what the ranks differ without being refused: for every measurement.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  void compare_options();
  void choose_backend();
  bool gpus_usable(std::string& why) const;
  void compare_ranks();
  void note_places(const std::vector<std::map<std::string, std::string>>& facts);

  const collective_options& options_;
  bench::cuda_backend gpus_;
  results::environment machine_;
  std::unique_ptr<collective::mpi_world> world_;  ///< absent in a run of one process
  collective::lone_messenger alone_;
  collective::messenger* between_ = &alone_;
  std::unique_ptr<collective::transport> moves_;
  bool on_gpus_ = false;
  int ranks_ = 1, nodes_ = 1;
  std::vector<std::string> names_, warnings_;
  std::vector<results::rank_place> places_;
};

}  // namespace gpubench::cli
