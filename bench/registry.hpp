#pragma once

#include "models/precision.hpp"
#include "results/environment.hpp"
#include "results/measurement.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::bench {

/// `apps` is the application workloads alone; `quick` and `standard` leave them out, `full` has everything.
enum class suite { quick, standard, apps, full };
inline constexpr suite all_suites[] = {suite::quick, suite::standard, suite::apps, suite::full};
std::string_view to_string(suite s);
std::optional<suite> parse_suite(std::string_view name);
/// One-sentence description, and the time that the suite is cut to when the user names no budget (absent for full).
std::string_view describe(suite s);
std::optional<std::chrono::duration<double>> default_budget(suite s);

/// What a benchmark may ask about the machine that it runs on.
struct machine {
  const results::environment& environment;
  int threads = 1;  ///< that host benchmarks use
  double last_level_cache_bytes = 0;
  double usable_memory_bytes = 0;
  std::string storage_folder{};   ///< where storage may be measured; empty: nowhere
  double storage_file_bytes = 0;  ///< of the file there
};

/// What a back-end knows of one sample besides its time.
struct sample_detail {
  std::optional<double> host_ns;      ///< CPU time to enqueue work that a device then did
  std::optional<double> clock_hertz;  ///< of the device, over this sample
};

/// Thrown by prepare() for a case that cannot run here, as only trying could tell: it is skipped and not failed.
class unsupported_case : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One benchmark at one set of parameters, allocated and ready. Destroying it frees everything.
class prepared_case {
 public:
  virtual ~prepared_case() = default;

  /// Does the work once and returns how long it took. For work much shorter than the clock's resolution an
  /// implementation repeats it and returns the time of one.
  virtual std::chrono::duration<double, std::nano> sample() = 0;

  /// Of the last sample.
  virtual sample_detail last_sample() const { return {}; }

  /// Checks the answer of the last sample against an independent computation.
  virtual results::verification verify() = 0;

  /// State of the device over the samples so far; the default knows nothing.
  virtual results::telemetry telemetry() { return {}; }

  /// How the figure came about, by key: {"cache_state", "cold"}. Asked after verify(); stored with the measurement.
  virtual std::map<std::string, std::string> method() { return {}; }

  /// What a reader of the figure must know, in sentences; stored with the measurement.
  virtual std::vector<std::string> warnings() { return {}; }
};

/// A benchmark as plain data: registration runs nothing and allocates nothing but this.
struct benchmark_definition {
  std::string name;         ///< lower_snake, general to special: "stream_triad"
  std::string description;  ///< one sentence
  std::string backend;      ///< "host", "cuda"
  bool application = false;  ///< a whole program's work and not one of its operations: in suites apps and full alone
  /// The parameter sets of a suite, most important first: a budget cuts from the end. Ask cases_of(), which knows which
  /// suites the benchmark is in.
  std::function<std::vector<results::parameters>(suite, const machine&)> cases;
  /// Pure function of the parameters. Source of the formula stands at its definition.
  std::function<results::work_done(const results::parameters&)> work;
  /// Why this cannot run here, or nothing.
  std::function<std::optional<std::string>(const results::parameters&, const machine&)> unavailable;
  /// @throws error: out_of_device_memory, device, environment: that case fails, the run goes on. unsupported_case: it
  /// is skipped with that reason.
  std::function<std::unique_ptr<prepared_case>(const results::parameters&, const machine&)> prepare;
  /// Rough time that prepare(), verify() and freeing take together; a budget is shared out by it. May be absent.
  std::function<std::chrono::duration<double>(const results::parameters&, const machine&)> overhead;
  /// Cases of one group may keep memory for the next case of the group; `release` frees what is kept. It is called
  /// before a case of another group and at the end of a run. Both absent: nothing is kept.
  std::string memory_group;
  std::function<void()> release;
  /// Which peak the result is compared with: a precision's dense peak, or a bandwidth of the device (links count one
  /// direction), or none.
  enum class peak_kind { none, dense, memory_bandwidth, host_link, peer_link } peak = peak_kind::none;
  models::precision precision = models::precision::fp32;
  std::string device = "cpu";
};

/// The parameter sets of a benchmark in a suite; none when it is not in it.
std::vector<results::parameters> cases_of(const benchmark_definition& definition, suite s, const machine& where);

/// All registered benchmarks, in order of name, back-end and device.
std::vector<benchmark_definition> registered_benchmarks();

/// Adds a benchmark; a second one of the same name, backend and device is an internal error.
void register_benchmark(benchmark_definition definition);

/// A file's last line: `const registration unused{benchmark_definition{...}};`
struct registration {
  explicit registration(benchmark_definition definition) { register_benchmark(std::move(definition)); }
};

}  // namespace gpubench::bench
