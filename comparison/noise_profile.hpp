#pragma once

#include "core/json.hpp"
#include "results/run.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gpubench::comparison {

inline constexpr const char* noise_schema = "gpubench.noise/1";

/// What tells one benchmark of a run from another: back-end, device, full name.
struct benchmark_key {
  std::string backend, device, name;

  friend auto operator<=>(const benchmark_key&, const benchmark_key&) = default;
};
benchmark_key key_of(const results::measurement& m);
std::string to_string(const benchmark_key& key);  ///< "gemm_fp32/m:1024 on gpu0"; the CPU is not named

/// How runs of the same code differ at one quantile of their samples: standard deviations of its logarithm.
struct quantile_noise {
  double run_deviation = 0;                       ///< of time, sampling included
  std::optional<double> sampling_deviation = {};  ///< the part that sampling within the run explains
  std::optional<double> cycles_deviation = {};  ///< of the device's cycles; absent unless every run recorded its clock

  friend bool operator==(const quantile_noise&, const quantile_noise&) = default;
};

/// How runs of the same code differ on one machine, for one benchmark.
struct benchmark_noise {
  quantile_noise median;
  /// Absent unless a CPU was measured and every run has samples enough (has_lower_quartile()).
  std::optional<quantile_noise> lower_quartile = {};
  std::size_t runs = 0;  ///< at least 2
  /// The smallest change of time that comparisons of one run with one, of all these benchmarks, find 95 times in 100 at
  /// a threshold of 2 %; median. Absent below 8 runs, which do not tell.
  std::optional<double> smallest_change = {};

  friend bool operator==(const benchmark_noise&, const benchmark_noise&) = default;
};

struct timer_check {
  double resolution_ns = 0;  ///< the smallest step between two different readings
  double read_ns = 0;        ///< what one reading costs

  friend bool operator==(const timer_check&, const timer_check&) = default;
};

/// Whether cold samples are cold: a walk through `bytes` that fit the cache, with and without a flush before it.
struct flush_check {
  std::string device;
  double bytes = 0;
  double hot_ns = 0, cold_ns = 0;  ///< a load; medians
  /// A load from a GPU's memory takes at least 1.8 times as long as one from its L2 cache (Luo et al., "Benchmarking
  /// and Dissecting the Nvidia Hopper GPU Architecture via Microbenchmarking", 2024, of A100, H100 and RTX 4090), on a
  /// CPU more; without a flush, as long.
  bool works() const { return cold_ns >= 1.5 * hot_ns; }

  friend bool operator==(const flush_check&, const flush_check&) = default;
};

/// Comparisons of runs with runs of the same code: every verdict but "same" and "ambiguous" is false.
struct false_alarm_check {
  std::size_t comparisons = 0;  ///< of a whole suite
  std::size_t alarms = 0;       ///< of those, with at least one "slower"

  friend bool operator==(const false_alarm_check&, const false_alarm_check&) = default;
};

/// What `gpubench selftest` found out about a machine.
struct noise_profile {
  std::string made_at;  ///< UTC
  std::string tool_version;
  results::environment environment;
  std::optional<timer_check> timer;
  std::vector<flush_check> flushes;
  std::optional<false_alarm_check> same_code;
  std::map<benchmark_key, benchmark_noise> benchmarks;

  friend bool operator==(const noise_profile&, const noise_profile&) = default;
};

/// The noise of every benchmark that at least two of the runs measured.
std::map<benchmark_key, benchmark_noise> noise_of(const std::vector<results::run>& runs);

json to_json(const noise_profile& profile);
/// @throws error: io, input
noise_profile load_noise_profile(const std::filesystem::path& path);

}  // namespace gpubench::comparison
