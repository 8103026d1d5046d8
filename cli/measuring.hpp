#pragma once

#include "bench/cuda/loader.hpp"
#include "bench/runner.hpp"
#include "cli/program.hpp"
#include "profiles/catalogue.hpp"
#include "results/run.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::cli {

/// Earlier measurements that are to be made again.
struct repetition {
  std::vector<results::measurement> of;
  bool suite_only = false;  ///< only those that the suite asked for has too
};

/// What to measure, as evaluate and run let the user say it.
struct measuring_options {
  std::optional<bench::suite> suite;
  std::optional<std::chrono::duration<double>> time_budget;
  std::string filter;
  std::string backend;               ///< "host", "cuda"; empty: all that work here
  std::vector<std::string> devices;  ///< "cpu", "gpu0"; empty: all
  bool burst = false;
  std::optional<std::chrono::duration<double>> soak;  ///< the longest soak; absent: none is measured
  std::string instance;                               ///< what this machine is, where DMI does not know
  std::filesystem::path storage_folder;               ///< where storage is measured; empty: nowhere
  std::optional<double> storage_file_bytes;           ///< absent: as storage_file_bytes() says
  std::filesystem::path google_benchmark_out;         ///< Google Benchmark's own JSON; empty writes none
  std::optional<repetition> repeat;                   ///< in place of all that the suite has
  /// Whether GPUBENCH_TEST_SLOWDOWN has its effect. Where it has none it is refused, so that no figure that somebody
  /// decides by is measured with it by accident.
  bool test_slowdowns = false;
};

/// @param budget_option  "--budget", or "--time-budget" where --budget is money
void add_measuring_options(CLI::App& app, measuring_options& options, const std::string& budget_option);

/// Every benchmark that this machine can offer, the CUDA back-end's where it loads.
/// @throws error: environment when `backend` names one that cannot be used; usage when it is not known.
struct benchmark_set {
  std::vector<bench::benchmark_definition> benchmarks;
  std::vector<bench::cuda_device> gpus;
  std::string cuda_status;  ///< one sentence: what is used, or why nothing is
};
benchmark_set find_benchmarks(const std::string& backend);

/// Measuring, from finding the machine to the finished run file. The constructor refuses what can be refused and
/// measures nothing.
class measuring {
 public:
  /// @param resume  a run whose good measurements are kept and not repeated
  /// @throws error: usage, environment or input
  measuring(const profiles::catalogue& known, measuring_options options, std::optional<results::run> resume = {});
  measuring(const measuring&) = delete;
  measuring& operator=(const measuring&) = delete;

  const results::environment& machine() const { return environment_; }
  const std::string& cuda_status() const { return benchmarks_.cuda_status; }
  /// What remains to be measured.
  const std::vector<bench::planned_case>& plan() const { return plan_; }
  std::string suite_name() const;

  /// Measures the plan into `file`, one measurement after the other. SIGINT and SIGTERM end it in good order.
  /// @return false when it was interrupted; the file then holds what was measured.
  /// @throws error: io
  bool measure(const global_options& global, const std::filesystem::path& file);

  /// After measure(): the run as it stands in the file. Before: with all but measurements.
  const results::run& run() const { return run_; }
  /// Measurements that failed or were wrong.
  std::size_t failed() const;

 private:
  void take_storage();
  void keep_repeated();
  void take_over(results::run resume);
  bool has_several_devices() const;

  measuring_options options_;
  benchmark_set benchmarks_;  ///< before the machine: a back-end tells the versions of its libraries when it is loaded
  results::environment environment_;
  bench::machine where_;
  bench::run_request request_;
  std::vector<bench::planned_case> plan_;
  results::run run_;
};

/// The folder of files that are to be written, with those above it; nothing for an empty name.   @throws error: io
void make_folder(const std::filesystem::path& folder);

/// Measures once, from beginning to end, into `file`, whose folder is made where there is none.
/// @return nothing when it was interrupted; what was measured is in the file
/// @throws error: usage, environment, io
std::optional<results::run> measure_once(const global_options& global, const profiles::catalogue& known,
                                         const measuring_options& options, const std::filesystem::path& file);

/// "DIRECTORY/gpubench-run-2026-11-22T10-04-05Z.json", made unique where it exists.
std::filesystem::path new_file_name(const std::filesystem::path& directory, const std::string& kind,
                                    const std::string& extension);

}  // namespace gpubench::cli
