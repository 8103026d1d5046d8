#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/registry.hpp"
#include "bench/sampler.hpp"
#include "results/measurement.hpp"

namespace gpubench::bench {

/// Peaks of one device that results are held against, each with its source; absent where unknown.
struct device_peaks {
  struct peak {
    double value = 0;  ///< FLOP/s or B/s
    std::string source;
  };
  std::map<models::precision, peak> dense_flop_per_second;
  std::optional<peak> memory_bytes_per_second;
};

/// One case of a plan.
struct planned_case {
  const benchmark_definition* definition = nullptr;
  results::parameters params;
  sampling_policy policy;
};

struct run_request {
  bench::suite suite = bench::suite::quick;
  std::string filter;                          ///< regular expression on the full name; empty takes all
  std::optional<seconds> budget;               ///< for the whole plan
  std::map<std::string, device_peaks> peaks;   ///< by device name
  std::function<bool()> interrupted;           ///< asked between samples
};

/// Shown to whoever draws progress.
struct progress {
  std::size_t done = 0, total = 0;
  std::string current;  ///< full name of the case that starts now
  seconds elapsed{0}, remaining{0};  ///< remaining is an estimate
};

struct run_events {
  std::function<void(const progress&)> on_start;                  ///< before each case
  std::function<void(const results::measurement&)> on_measurement;  ///< after each, in order
};

/// The cases of a suite that fit the budget: each case gets a share, the least important are cut first.
/// @throws error: usage for a malformed filter or one that matches nothing (nearest names in the hint), or a budget too
///         small for a single case.
std::vector<planned_case> plan_run(const std::vector<benchmark_definition>& benchmarks, const machine& where,
                                   const run_request& request);

/// Runs a plan through Google Benchmark: each case is one Google Benchmark iteration, which is one complete adaptive
/// measurement. A failing or wrong case becomes a failed measurement and the run goes on.
/// @return false when it was interrupted.
bool run_plan(const std::vector<planned_case>& plan, const machine& where, const run_request& request,
              const run_events& events);

}  // namespace gpubench::bench
