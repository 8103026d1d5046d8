#pragma once

#include "core/statistics.hpp"
#include "results/reported.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gpubench::results {

/// Parameters of a benchmark in the order of its declaration, for example m=1024, n=1024, k=1024.
using parameter_value = std::variant<std::int64_t, std::string>;
using parameters = std::vector<std::pair<std::string, parameter_value>>;

/// "m=1024 n=1024"; the same text in CLI, tables and error messages.
std::string to_string(const parameters& values);
/// nullopt when there is no such integer parameter.
std::optional<std::int64_t> integer_parameter(const parameters& values, std::string_view name);

enum class measurement_status { ok, skipped, failed };

/// Why sampling ended.
enum class stop_reason {
  converged,      ///< the interval of the median became narrow enough
  noise_settled,  ///< more samples no longer narrow it
  time_limit,     ///< this case's share of the budget was used up
  sample_limit,   ///< the maximum number of samples was taken
  interrupted,    ///< Ctrl-C
};

/// What was checked, and how: the result is right when error <= tolerance.
struct verification {
  std::string compared;  ///< for example "128 entries of C against a double-precision dot product"
  double error = 0;      ///< largest deviation, relative to the scale that `compared` names
  double tolerance = 0;
  bool passed() const { return error <= tolerance; }

  friend bool operator==(const verification&, const verification&) = default;
};

/// Work of one sample.
struct work_done {
  std::optional<double> flop;
  std::optional<double> bytes;
  std::optional<double> items;
  std::string item;  ///< what an item is: "image", "token", "load"
  /// Of a collective: bytes that each link must carry, by the algorithm that needs least of them (NCCL's "bus" bytes).
  std::optional<double> bus_bytes = {};

  friend bool operator==(const work_done&, const work_done&) = default;
};

/// Rates at the median time, or as another tool states them. Of a collective, bytes_per_second is the algorithm
/// bandwidth (algbw).
struct rates {
  std::optional<double> flop_per_second;
  std::optional<double> bytes_per_second;
  std::optional<double> items_per_second;
  std::optional<double> busbw_bytes_per_second = {};

  friend bool operator==(const rates&, const rates&) = default;
};

/// Fraction of a named peak, 0 to 1 (above 1: the peak or the work model is wrong).
struct peak_fraction {
  double fraction = 0;
  std::string kind;    ///< "dense peak fp32", "memory bandwidth", "host link bandwidth", "peer link bandwidth"
  double peak = 0;     ///< FLOP/s or B/s
  std::string source;  ///< where the peak comes from

  friend bool operator==(const peak_fraction&, const peak_fraction&) = default;
};

/// State of the device over the timed interval; absent where it cannot be read.
struct telemetry {
  std::optional<double> clock_hertz;
  std::optional<double> power_watts;
  std::optional<double> temperature_celsius;
  std::optional<double> competing_load;  ///< CPU time that others used, as a fraction of all cores
  std::vector<std::string> throttle_reasons;
  // What the driver says of a GPU, read some 50 times a second.
  std::optional<double> memory_clock_hertz;
  std::optional<double> power_limit_watts;  ///< in force
  std::optional<double> memory_temperature_celsius;
  std::optional<double> energy_joules;  ///< mean power times the time of all samples
  std::optional<int> pcie_generation, pcie_width;
  std::optional<int> other_processes;  ///< that used the GPU meanwhile
  /// Places in samples_ns, ascending; empty: none was throttled, absent: nobody watched.
  std::optional<std::vector<std::size_t>> throttled_samples;
  std::map<std::string, std::size_t> samples_by_throttle;  ///< number of throttled samples by reason
  std::optional<double> seconds_to_throttle;               ///< from the first work to the first throttled reading

  friend bool operator==(const telemetry&, const telemetry&) = default;
};

/// An exchange between two ranks of a run: median time of the slower of the two.
struct pair_time {
  int first = 0, second = 0;  ///< ranks
  double median_ns = 0;

  friend bool operator==(const pair_time&, const pair_time&) = default;
};

/// How a device was treated before and while it was timed.
enum class measurement_phase {
  normal,
  burst,  ///< rested, then timed before power and heat could rise
  soak,   ///< loaded until power and clock had settled, then timed
};

/// One benchmark at one set of parameters on one device.
struct measurement {
  std::string benchmark;
  parameters params;
  std::string backend;  ///< "host" or "cuda"; of an imported one also "rocm", "sycl", "vulkan", ...
  std::string device;   ///< "cpu", "gpu0", "gpu0-7", ...
  measurement_phase phase = measurement_phase::normal;
  measurement_status status = measurement_status::ok;
  std::string reason;  ///< why skipped or failed
  work_done work;
  std::vector<double> samples_ns;  ///< in the order in which they were taken
  /// One for each sample, or empty where the back-end knows none: CPU time to enqueue the work, and the device's clock.
  std::vector<std::optional<double>> host_ns, clock_samples_hertz;
  std::optional<sample_statistics> time_ns;
  rates rate;
  /// Of an imported measurement: what its tool states. Without it there is no ok measurement without samples.
  std::optional<reported_figures> reported;
  std::optional<peak_fraction> peak;
  results::telemetry telemetry;
  std::optional<results::verification> verification;
  std::optional<stop_reason> stopped_by;
  std::vector<std::string> warnings;
  std::map<std::string, std::string> method;  ///< how the figure came about: {"cache_state", "cold"}
  std::vector<pair_time> pairs;               ///< of a pair_exchange: the pairs of its round

  friend bool operator==(const measurement&, const measurement&) = default;
};

/// The measurement's name as Google Benchmark writes it: "gemm_fp32/m:1024/n:1024/k:1024", and "/phase:soak" after it
/// for a phase other than the normal one.
std::string full_name(const measurement& m);
std::string full_name(const std::string& benchmark, const parameters& params,
                      measurement_phase phase = measurement_phase::normal);

std::string_view to_string(measurement_phase phase);
std::string_view to_string(measurement_status status);
std::string_view to_string(stop_reason reason);

/// Work over time; absent where the work is unknown or the time is not above zero.
rates rates_of(const work_done& work, double median_ns);

/// The time of one sample, in nanoseconds: the median of the samples; without samples the median, else the mean, that
/// another tool states. Absent where there is none of them.
std::optional<double> typical_time_ns(const measurement& m);

/// Fills statistics and rates from samples and work. Leaves them absent without samples.
void complete(measurement& m);

/// What makes a measurement unfit for a file, as "FIELD is ...": a time that is negative or not finite, an ok
/// measurement without samples and without figures of another tool, statistics, rates or lists of another length that
/// contradict the samples. Nothing for a sound one.
std::optional<std::string> defect_of(const measurement& m);

}  // namespace gpubench::results
