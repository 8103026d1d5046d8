#pragma once

#include "bench/collective/fit.hpp"
#include "bench/collective/lockstep.hpp"
#include "cli/collective_options.hpp"
#include "cli/collective_ranks.hpp"
#include "cli/program.hpp"
#include "report/table.hpp"
#include "results/run.hpp"

#include <memory>
#include <string>
#include <vector>

namespace gpubench::cli {

/// One run of collectives: what its ranks measure, and on rank 0 the run file and the table.
class collective_session {
 public:
  /// @throws error: as collective_ranks
  collective_session(const global_options& global, const collective_options& options);
  ~collective_session();
  collective_session(const collective_session&) = delete;
  collective_session& operator=(const collective_session&) = delete;

  bool is_root() const { return ranks_.is_root(); }
  /// "2 CPU ranks on 1 node over Open MPI v4.1.4".
  std::string description() const { return ranks_.description(); }

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
  bool goes_on(const collective::collective_result& result);
  collective::surroundings surroundings_of_a_case();
  bool measure_sweep(const collective_sweep& sweep);
  bool measure_pairs();
  void take(collective::collective_result result, std::vector<results::measurement>& held);
  void note_fit(const collective_sweep& sweep, const std::vector<collective::timed_size>& points,
                results::measurement& largest);
  void note_nic_rate(results::measurement& m, const collective::collective_case& what);
  void add_row(const results::measurement& m);
  void write(std::vector<results::measurement>& measured);
  [[noreturn]] void give_up(const std::string& step);

  const global_options& global_;
  const collective_options& options_;
  collective_ranks ranks_;
  std::unique_ptr<results::run_writer> writer_;
  std::unique_ptr<collective::progress_watch> watch_;
  std::vector<std::string> findings_;
  report::table table_;
  std::size_t failed_ = 0, skipped_ = 0;
};

}  // namespace gpubench::cli
