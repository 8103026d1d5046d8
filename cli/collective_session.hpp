#pragma once

#include "bench/collective/cuda_transport.hpp"
#include "bench/collective/fit.hpp"
#include "bench/collective/lockstep.hpp"
#include "bench/collective/mpi_world.hpp"
#include "cli/collective_options.hpp"
#include "cli/program.hpp"
#include "report/table.hpp"
#include "results/run.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::cli {

/// One run of collectives: the ranks, what moves their data, and on rank 0 the run file and the table.
class collective_session {
 public:
  /// Finds the ranks and the back-end. All ranks come to the same answer or all throw.
  /// @throws error: environment, usage, collective
  collective_session(const global_options& global, const collective_options& options);
  ~collective_session();
  collective_session(const collective_session&) = delete;
  collective_session& operator=(const collective_session&) = delete;

  bool is_root() const { return between_->is_root(); }
  /// "2 CPU ranks on 1 node over Open MPI v4.1.4".
  std::string description() const;

  /// @throws error: usage when the options leave nothing to measure, or ask for what these ranks cannot give.
  void require_cases() const;
  /// On rank 0: the place of the run file is refused before anything is measured, on all ranks.   @throws error
  void open(const std::filesystem::path& file);
  /// Measures everything; on rank 0 into the file.   @return false when interrupted.
  bool measure();

  const report::table& table() const { return table_; }
  /// Sentences for the reader: fits, slow peers, differences between ranks.
  const std::vector<std::string>& findings() const { return findings_; }
  std::size_t failed() const { return failed_; }
  std::size_t skipped() const { return skipped_; }

 private:
  void compare_options();
  void choose_backend();
  bool gpus_usable(std::string& why) const;
  void compare_ranks();
  void note_places(const std::vector<std::map<std::string, std::string>>& facts);
  bool goes_on(const collective::collective_result& result);
  bool measure_sweep(const collective_sweep& sweep);
  bool measure_pairs();
  void take(collective::collective_result result, std::vector<results::measurement>& held);
  void note_fit(const collective_sweep& sweep, const std::vector<collective::timed_size>& points,
                results::measurement& largest);
  void note_nic_rate(results::measurement& m, const collective::collective_case& what);
  void add_row(const results::measurement& m);
  void write(std::vector<results::measurement>& measured);
  [[noreturn]] void give_up(const std::string& step);
  std::string rank_name(int rank) const;

  const global_options& global_;
  const collective_options& options_;
  bench::cuda_backend gpus_;
  results::environment machine_;
  std::unique_ptr<collective::mpi_world> world_;  ///< absent in a run of one process
  collective::lone_messenger alone_;
  collective::messenger* between_ = &alone_;
  std::unique_ptr<collective::transport> moves_;
  bool on_gpus_ = false;
  int ranks_ = 1, nodes_ = 1;
  std::vector<std::string> rank_names_;
  std::vector<results::rank_place> rank_places_;  ///< on rank 0
  std::vector<std::string> warnings_;             ///< for every measurement
  std::unique_ptr<results::run_writer> writer_;
  std::unique_ptr<collective::progress_watch> watch_;
  std::vector<std::string> findings_;
  report::table table_;
  std::size_t failed_ = 0, skipped_ = 0;
};

}  // namespace gpubench::cli
