#pragma once

#include "bench/device_watch.hpp"
#include "bench/registry.hpp"
#include "bench/sampler.hpp"
#include "results/measurement.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::bench {

/// Peaks of one device that results are held against, each with its source; absent where unknown.
struct device_peaks {
  struct peak {
    double value = 0;  ///< FLOP/s or B/s
    std::string source;
  };
  std::map<models::precision, peak> dense_flop_per_second;
  std::optional<peak> memory_bytes_per_second;
  std::optional<peak> host_link_bytes_per_second, peer_link_bytes_per_second;  ///< one direction
  std::string no_reference;  ///< why the data sheet says nothing of this device; stored with what has no peak
};

/// One case of a plan.
struct planned_case {
  const benchmark_definition* definition = nullptr;  ///< into the list that plan_run() was given
  results::parameters params;
  sampling_policy policy;                  ///< its time limit is the most that a case may take; a budget may leave less
  std::optional<std::string> skip_reason;  ///< becomes a skipped measurement with this reason
  results::measurement_phase phase = results::measurement_phase::normal;
  seconds settling{0};  ///< rest before a burst, or at most so long a soak
};

/// As in results: "gemm_bf16/m:8192/n:8192/k:8192/phase:soak".
std::string full_name(const planned_case& planned);

/// Starts to watch a device ("gpu0", "gpu0-7"); gives nullptr for one that cannot be watched.
using watch_function = std::function<std::unique_ptr<device_watch>(const std::string& device)>;

struct run_request {
  bench::suite suite = bench::suite::quick;
  std::string filter;             ///< regular expression on the full name; empty takes all
  std::optional<seconds> budget;  ///< for the whole plan; absent takes the suite's, phases not counted
  /// Phases to measure besides the normal one: the most important case of every benchmark that has a dense or a memory
  /// bandwidth peak, as a metric of its own.
  std::vector<results::measurement_phase> phases;
  seconds soak_time{30};                      ///< the longest soak
  std::map<std::string, device_peaks> peaks;  ///< by device name
  std::function<bool()> interrupted;          ///< asked between samples
  std::string google_benchmark_out;           ///< file for Google Benchmark's own JSON; empty writes none
  clock_function clock;                       ///< monotonic; empty takes the steady clock
  watch_function watch;                       ///< empty: devices are not watched
  std::function<void(seconds)> rest;          ///< lets time pass; empty sleeps
};

/// Shown to whoever draws progress.
struct progress {
  std::size_t done = 0, total = 0;
  std::string current;               ///< full name of the case that starts now
  std::string device;                ///< on which it runs
  seconds elapsed{0}, remaining{0};  ///< remaining is an estimate
};

struct run_events {
  std::function<void(const progress&)> on_start;                    ///< before each case
  std::function<void(const results::measurement&)> on_measurement;  ///< after each, in order
};

/// The cases of a suite that `request.filter` takes, the most important of every benchmark first. Those that cannot run
/// here, and those cut to fit the budget, stay in the plan with their reason. Cut first are the least important cases
/// of the benchmark that has most left; every benchmark keeps a case while the budget allows.
/// @param benchmarks  must outlive the plan
/// @throws error: usage for a malformed filter or one that matches nothing (nearest names in the hint), or a budget too
///         small for a single case (the hint says what is enough).
std::vector<planned_case> plan_run(const std::vector<benchmark_definition>& benchmarks, const machine& where,
                                   const run_request& request);

/// The budget that a request comes down to, with what its phases need on top where the user named none; nothing for the
/// full suite without one.
std::optional<seconds> effective_budget(const run_request& request, const std::vector<planned_case>& plan,
                                        const machine& where);

/// The names of a plan as `--benchmark_list_tests` prints them: one full name a line, those to be skipped left out.
std::string list_names(const std::vector<planned_case>& plan);

/// Runs a plan through Google Benchmark: each case is one Google Benchmark iteration, which is one complete adaptive
/// measurement. A failing or wrong case becomes a failed measurement and the run goes on. After each case the time left
/// is shared out anew, and cases that no longer fit become skipped measurements. Of an interrupted run the current case
/// is kept if it has samples, and no further one is reported.
/// @return false when it was interrupted.
/// @throws whatever an event throws; error: io when `google_benchmark_out` cannot be written.
bool run_plan(const std::vector<planned_case>& plan, const machine& where, const run_request& request,
              const run_events& events);

}  // namespace gpubench::bench
